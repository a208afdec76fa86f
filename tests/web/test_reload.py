"""Editors change YAML while residents are asking: good content is served at once, bad content never (design.md 4.7)."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from served import Server, copy_content, eventually

from bot.dialogue.desk import now_in_tokyo

pytestmark = pytest.mark.slow

WITHIN_SECS = 3.0  # from saving a file to a resident's screen
ENTRY = "faq/payment-slip/slip-damaged.yaml"


class Office:
    """A server and the content folder that its editors change."""

    def __init__(self, root: Path, server: Server) -> None:
        self.root, self.server = root, server
        self.first = self.version()

    def ready(self) -> dict[str, Any]:
        body: dict[str, Any] = self.server.client.get("/readyz").json()
        return body

    def version(self) -> str:
        return str(self.ready()["knowledge"])

    def answer(self, id_: str = "slip-damaged") -> str:
        return "".join(answer["text"] for answer in self.server.entry(id_)["answers"])

    def offered(self, topic: str) -> set[str]:
        """Every entry on the pages of a topic."""
        conversation, payload, found = self.server.start(), f"/topic/{topic}", set[str]()
        while payload:
            payloads = [c["payload"] for c in self.server.choose(conversation, payload)["reply"]["choices"]]
            found |= {one.removeprefix("/entry/") for one in payloads if one.startswith("/entry/")}
            payload = next((one for one in payloads if one.startswith("/topic/")), "")
        return found

    @contextmanager
    def saved(self, name: str, content: str | bytes) -> Iterator[Path]:
        """A file with other content; afterwards it is as before."""
        file = self.root / name
        before = file.read_bytes() if file.exists() else None
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            yield file
        finally:
            if before is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(before)

    def text(self, name: str = ENTRY) -> str:
        return (self.root / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def running(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    root = copy_content(folder / "content")
    shutil.copytree(server.data / "cache", folder / "data" / "cache")
    own = Server(folder / "data", root=str(root), messages_per_minute="100000")
    yield Office(root, own)
    own.stop()


@pytest.fixture
def office(running: Office) -> Iterator[Office]:
    """With the content as it was at first, before and after each test."""
    yield running
    eventually(lambda: running.version() == running.first and not running.ready()["findings"])


def with_answer(text: str, line: str) -> str:
    return text.replace("answer: |\n", f"answer: |\n  {line}\n", 1)


def test_changed_answer_is_served_at_once(office: Office) -> None:
    assert "新しい案内" not in office.answer()
    with office.saved(ENTRY, with_answer(office.text(), "新しい案内です。")):
        eventually(lambda: office.answer().startswith("新しい案内です。"), WITHIN_SECS)
        assert office.version() != office.first
        assert office.ready()["findings"] == []
    eventually(lambda: "新しい案内" not in office.answer(), WITHIN_SECS)


def test_file_replaced_as_a_whole_is_served_at_once(office: Office) -> None:
    """As editors save: a new file beside the old one, then a rename over it."""
    before = office.root / ENTRY
    beside = before.with_suffix(".tmp")
    original = before.read_bytes()
    beside.write_text(with_answer(office.text(), "置きかえた案内です。"), encoding="utf-8")
    beside.replace(before)
    eventually(lambda: office.answer().startswith("置きかえた案内です。"), WITHIN_SECS)
    before.write_bytes(original)


def test_new_phrasing_is_understood_at_once(office: Office) -> None:
    said = "ヤギが紙を全部むしゃむしゃした"
    name = "nlu_data/faq/payment-slip.yml"
    text = office.text(name)
    start = re.search(r"- intent: faq/slip-damaged\n  examples: \|\n", text)
    assert start
    with office.saved(name, f"{text[: start.end()]}    - {said}\n{text[start.end() :]}"):

        def matched() -> bool:
            reply = office.server.send(office.server.start(), said)["reply"]
            return "/entry/slip-damaged" in str(reply) or "slip-damaged" in [a["id"] for a in reply["answers"]]

        eventually(matched, WITHIN_SECS)


BROKEN = {
    "full-width colon": ("question:", "question：", "全角"),
    "tab": ("  受付は", "\t受付は", "タブ"),
    "unknown category": ("category: 納税", "category: のうぜい", "のうぜい"),
    "unknown key": ("owner:", "ownr:", "ownr"),
    "link without https": ("url: https://", "url: http://", "https"),
    "related to nothing": ("[slip-lost,", "[slip-lots,", "slip-lots"),
    "another id": ("id: slip-damaged", "id: slip-damagd", "slip-damagd"),
}


@pytest.mark.parametrize(("right", "slip", "word"), BROKEN.values(), ids=BROKEN)
def test_broken_file_keeps_the_old_answer_and_is_named(office: Office, right: str, slip: str, word: str) -> None:
    good, original = office.answer(), office.text()
    text = with_answer(original, "壊れたファイルの案内です。").replace(right, slip, 1)
    line = text[: text.index(slip)].count("\n") + 1
    with office.saved(ENTRY, text) as file:
        findings = eventually(lambda: office.ready()["findings"])
        named = [one for one in findings if one.startswith(f"{ENTRY}:{line}: エラー ")]
        assert named, findings
        assert word in named[0]
        assert "直し方: " in named[0]
        assert office.ready()["status"] == "ready", "what was published goes on being served"
        assert office.version() == office.first
        assert office.answer() == good
        file.write_text(with_answer(original, "直した案内です。"), encoding="utf-8")
        eventually(lambda: office.answer().startswith("直した案内です。"))
        assert office.ready()["findings"] == []


@pytest.mark.parametrize(
    "content", [b"", b"\x82\xa0\x82\xa2", b"\x00", b"- a\n- b\n", b"x: &a [*a]\n", b"x" * 600_000, b"[" * 5_000],
    ids=["empty", "shift_jis", "null byte", "a list", "eats its tail", "too large", "nested too deep"],
)  # fmt: skip
def test_rubbish_keeps_the_old_answer_and_is_named(office: Office, content: bytes) -> None:
    good = office.answer()
    with office.saved(ENTRY, content):
        findings = eventually(lambda: office.ready()["findings"])
        assert any(ENTRY in one for one in findings)
        assert office.version() == office.first
        assert office.answer() == good


def test_new_entry_is_served_and_withdrawn_with_its_file(office: Office) -> None:
    text = office.text().replace("id: slip-damaged", "id: slip-eaten").replace("破いて（汚して）", "ヤギに食べられて")
    with office.saved("faq/payment-slip/slip-eaten.yaml", text) as file:
        eventually(lambda: "slip-eaten" in office.offered("payment-slip"), WITHIN_SECS)
        assert office.answer("slip-eaten")
        files = [file for file in (office.root / "faq").glob("*/*.yaml") if file.parent.name != "messages"]
        assert office.ready()["entries"] == len(files)
        file.unlink()
        eventually(lambda: "slip-eaten" not in office.offered("payment-slip"), WITHIN_SECS)
        reply = office.server.entry("slip-eaten")
        assert reply["kind"] == "fallback"
        assert reply["answers"] == []


def test_deleting_an_entry_that_others_name_is_not_published(office: Office) -> None:
    file = office.root / ENTRY
    original = file.read_bytes()
    file.unlink()
    try:
        findings = "\n".join(eventually(lambda: office.ready()["findings"]))
        assert "slip-damaged" in findings
        assert "faq/payment/qr-unreadable.yaml" in findings
        assert "nlu_data/faq/payment-slip.yml" in findings
        assert office.answer()
    finally:
        file.write_bytes(original)


@pytest.mark.parametrize(
    ("start", "end", "served"),
    [(None, -1, False), (1, None, False), (None, 0, True), (0, None, True), (-1, 1, True), (1, 2, False)],
)
def test_entry_is_served_on_its_days_only(office: Office, start: int | None, end: int | None, served: bool) -> None:
    today = now_in_tokyo().date()
    days = {"from": start, "until": end}
    valid = ", ".join(f"{k}: {today + dt.timedelta(days=v)}" for k, v in days.items() if v is not None)
    with office.saved(ENTRY, f"{office.text().rstrip()}\nvalid: {{{valid}}}\n"):
        eventually(lambda: office.version() != office.first)
        assert ("slip-damaged" in office.offered("payment-slip")) is served
        reply = office.server.entry("slip-damaged")
        asked = office.server.send(office.server.start(), "納付書を破いてしまいました")["reply"]
        assert bool(reply["answers"]) is served
        assert ("slip-damaged" in str(asked)) is served
        found = office.server.client.get("/api/v1/suggestions", params={"q": "納付書を破いた"}).json()["suggestions"]
        assert ("/entry/slip-damaged" in [choice["payload"] for choice in found]) is served
        related = office.server.entry("qr-unreadable")["choices"]
        assert ("/entry/slip-damaged" in [choice["payload"] for choice in related]) is served
        if not served:
            assert "お見せできません" in reply["text"]
            assert "0570-012-229" in reply["contact"]


def test_words_of_the_bot_are_changed_at_once(office: Office) -> None:
    name = "faq/messages/ja.yaml"
    with office.saved(name, office.text(name).replace("知りたい話題を選んでください。", "お好きな話題をどうぞ。", 1)):
        menu = lambda: office.server.choose(office.server.start(), "/menu")["reply"]["text"]  # noqa: E731
        eventually(lambda: menu().startswith("お好きな話題をどうぞ。"), WITHIN_SECS)


def test_missing_word_of_the_bot_is_named(office: Office) -> None:
    name = "faq/messages/ja.yaml"
    with office.saved(name, office.text(name).replace("expired:", "expird:", 1)):
        findings = "\n".join(eventually(lambda: office.ready()["findings"]))
        assert name in findings
        assert "expir" in findings
        assert office.version() == office.first


@pytest.mark.parametrize(
    ("exception", "is_open", "words"),
    [('open: "0:00", close: "23:59"', True, "ただいま受付時間内です"), ('closed: "true"', False, "次の受付は")],
)
def test_calendar_is_changed_at_once(office: Office, exception: str, is_open: bool, words: str) -> None:
    name = "ivr_flows/calendar.yaml"
    line = f'exceptions: [{{date: "{now_in_tokyo().date()}", {exception}}}]'
    with office.saved(name, office.text(name).replace("exceptions: []", line, 1)):

        def told() -> bool:
            info = office.server.client.get("/api/v1/info").json()
            return info["open_now"] is is_open and words in info["contact"]

        eventually(told, WITHIN_SECS)


def test_lock_file_of_an_editor_is_no_content(office: Office) -> None:
    """Emacs puts a link to nowhere beside the file that is being edited."""
    lock = (office.root / ENTRY).with_name(".#slip-damaged.yaml")
    lock.symlink_to("editor@somewhere.1234:5678")
    try:
        with office.saved(ENTRY, with_answer(office.text(), "鍵のある案内です。")):
            eventually(lambda: office.answer().startswith("鍵のある案内です。"))
            assert office.ready()["findings"] == []
    finally:
        lock.unlink()


@pytest.mark.parametrize("name", ["ivr_flows/calendar.yaml", "faq/topics.yaml", "faq/messages/ja.yaml"])
def test_missing_file_keeps_the_old_answer_and_the_watch(office: Office, name: str) -> None:
    file = office.root / name
    content, good, printed = file.read_bytes(), office.answer(), office.server.printed()
    file.unlink()
    try:
        eventually(lambda: "not published" in office.server.printed()[len(printed) :])
        assert office.answer() == good
        assert office.version() == office.first
    finally:
        file.write_bytes(content)
    with office.saved(ENTRY, with_answer(office.text(), "続けて見張っています。")):
        eventually(lambda: office.answer().startswith("続けて見張っています。"))


def test_conversation_goes_on_over_a_change(office: Office) -> None:
    server = office.server
    conversation = server.start()
    topic = server.choose(conversation, "/topic/payment-slip")["reply"]
    with office.saved(ENTRY, with_answer(office.text(), "続きの案内です。")):
        eventually(lambda: office.version() != office.first)
        body = server.send(conversation, "1")
        assert body["renewed"] is False
        assert body["reply"]["answers"][0]["question"] == topic["choices"][0]["title"]
        assert len(server.client.get(f"/api/v1/conversations/{conversation}").json()["lines"]) == 3


def test_residents_are_answered_during_changes(office: Office) -> None:
    """No turn fails, and none is kept waiting, while content is published again and again."""
    text, slowest = office.text(), dt.timedelta()

    def asked(words: str) -> bool:
        nonlocal slowest
        answer = office.server.client.post(
            "/api/v1/conversations/expired-long-ago/messages", json={"message": "納付書をなくしました"}
        )
        assert answer.status_code == 200
        assert answer.json()["reply"]["answers"][0]["id"] == "slip-lost"
        slowest = max(slowest, answer.elapsed)
        return office.answer().startswith(words)

    with office.saved(ENTRY, text) as file:
        for number in range(3):
            words = f"{number}回目の案内です。"
            file.write_text(with_answer(text, words), encoding="utf-8")
            eventually(lambda words=words: asked(words))
    assert slowest < dt.timedelta(seconds=2)
