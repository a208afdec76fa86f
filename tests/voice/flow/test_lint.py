"""Every code IVR001–IVR049, made by one small slip in one file of an otherwise good telephone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.dialogue.office_hours import OfficeHours
from bot.knowledge.findings import CATALOGUE, Finding, Level
from bot.knowledge.models import Knowledge
from voice.flow.loading import load_telephone

TODAY = dt.date(2026, 11, 21)
MAIN, LINE, ASK, ENGLISH, NOTICES = (
    f"{name}.yaml" for name in ("after_hours", "overflow", "question", "after_hours_en", "notices")
)
NOTICE = "- {{id: {}, text: {}, from: {}, until: {}, flows: [{}]}}\n"
LONG = "この案内は長すぎて終わりまで聞いていられません。" * 13
TOPIC = '      - {key: "3", title: 督促状, say: 督促状の案内です。, stopped: "true"}\n'
NO_CHOICE = """\
id: after_hours_en
title: 英語
lang: en
start: menu
nodes:
  menu:
    choices: []
    no_input: {attempts: "0", then: farewell}
  farewell: {say: Goodbye., hang_up: "true"}
"""

# code, file, what is written there, in the place of what (None: the whole file), line of the finding
SLIPS: list[tuple[str, str, str, str | None, int]] = [
    ("IVR002", "recordings/greeting.mp3", "", None, 0),
    ("IVR002", "after_hours.yml", "id: after_hours\n", None, 0),
    ("IVR003", "question.yaml", "id: questions", "id: question", 1),
    ("IVR004", MAIN, "start: greetings", "start: greeting", 3),
    ("IVR004", MAIN, "after: farwell", "after: farewell", 25),
    ("IVR004", MAIN, "goto: question/asks", "goto: question/ask", 20),
    ("IVR004", MAIN, "goto: questions/ask", "goto: question/ask", 20),
    ("IVR005", MAIN, "    then: menu\n    hang_up: \"true\"\n", "    then: menu\n", 6),
    ("IVR005", LINE, "say: おかけ直しください。}", "say: おかけ直しください。, hang_up: \"true\"}", 8),
    ("IVR006", MAIN, "  farewell: {say: は。, hang_up: \"true\"}\n  spare: {", "  farewell: {", 28),
    ("IVR007", MAIN, "key: \"10\"", "key: \"2\"", 18),
    ("IVR007", MAIN, "repeat: {key: A", "repeat: {key: \"0\"", 26),
    ("IVR008", MAIN, "key: \"1\"", "key: \"2\"", 18),
    ("IVR009", MAIN, "- {text: はい。, notices: \"true\"}", "- {notices: \"true\"}", 10),
    ("IVR010", MAIN, "entry: slip-lots", "entry: slip-lost", 17),
    ("IVR011", MAIN, "entry: silent", "entry: slip-lost", 17),
    ("IVR012", ENGLISH, "say: {entry: slip-lost}", "say: Please call us on a weekday.", 9),
    ("IVR015", MAIN, "", "unavailable: この内容は、ただいまお伝えできません。\n", 17),
    ("IVR016", MAIN, f"say: [{LONG}, ", "say: [再発行の案内です。, ", 17),
    ("IVR017", MAIN, f"say: {LONG[:170]}", "say: ご用件をお選びください。", 12),
    ("IVR018", LINE, "then: line", "then: sorry", 5),
    ("IVR019", MAIN, "".join(TOPIC.replace("3", key).replace("true", "false") for key in "345678"), TOPIC, 16),
    ("IVR020", MAIN, "- お電話\n      - \"\"\n", "- お電話ありがとうございます。\n", 9),
    ("IVR020", MAIN, "say: \"\"", "say: ご用件をお選びください。", 13),
    ("IVR021", MAIN, "attempts: \"6\"", "attempts: \"2\"", 23),
    ("IVR022", MAIN, "    wait_secs: \"0\"\n", "    wait_secs: \"6\"\n", 22),
    ("IVR022", LINE, "every_secs: \"5\"", "every_secs: \"20\"", 7),
    ("IVR023", MAIN, "say: ご用件（番号）を。", "say: ご用件をお選びください。", 13),
    ("IVR023", MAIN, "title: 再発行※", "title: 再発行", 17),
    ("IVR023", ASK, "choose_tail: 0（なし）", "choose_tail: どれでもないときは、0を押してください。", 16),
    ("IVR023", MAIN, "unavailable: https://example.jp へ", "unavailable: この内容は、ただいまお伝えできません。", 4),
    ("IVR024", MAIN, "say: Pay-easyで払えます。", "say: ご用件をお選びください。", 13),
    ("IVR025", MAIN, "until: \"02-30\"", "until: \"01-03\"", 9),
    ("IVR026", MAIN, "until: \"2027-01-03\"", "until: \"01-03\"", 9),
    ("IVR026", MAIN, "}", ", until: \"01-03\"}", 9),
    ("IVR027", NOTICES, NOTICE.format("a", "はい。", "2026-12-02", "2026-12-01", "after_hours"), None, 1),
    ("IVR028", NOTICES, NOTICE.format("a", "はい。", "2026-11-19", "2026-11-20", "after_hours"), None, 1),
    ("IVR028", MAIN, "from: \"2025-12-29\", until: \"2026-01-03\"", "from: \"12-29\", until: \"01-03\"", 9),
    ("IVR029", MAIN, "title: 納期限}", "title: 納期限, category: 納税, say: [{entry: deadline}]}", 18),
    ("IVR030", MAIN, "each: \"{title}を、\"", "each: \"{title}は{key}を、\"", 14),
    ("IVR030", MAIN, "each: \"Press {kye}.\"", "each: \"For English, press {key}.\"", 21),
    ("IVR030", ASK, "choose_each: \"{key}を、\"", "choose_each: \"{question}は、{key}を、\"", 15),
    ("IVR031", NOTICES, NOTICE.format("a", "はい。", "2026-12-01", "2026-12-01", "after_hours") * 2, None, 2),
    ("IVR032", NOTICES, NOTICE.format("a", "はい。", "2026-12-01", "2026-12-01", "after_hour"), None, 1),
    ("IVR033", NOTICES, NOTICE.format("a", "はい。", "2026-12-01", "2026-12-01", "overflow"), None, 1),
    ("IVR034", ENGLISH, NO_CHOICE, None, 7),
    ("IVR035", ENGLISH, "", "    no_input: {attempts: \"0\", then: farewell}\n", 6),
]  # fmt: skip
ELSEWHERE = {"IVR001", "IVR013", "IVR014"}


@pytest.fixture
def found(root: Path, knowledge: Knowledge, hours: OfficeHours) -> Callable[..., list[Finding]]:
    def do(today: dt.date = TODAY) -> list[Finding]:
        telephone, findings = load_telephone(root, knowledge, hours, today=today)
        assert (telephone is None) is any(f.level is Level.ERROR for f in findings)
        return findings

    return do


def test_good_telephone_has_no_findings(found: Callable[..., list[Finding]]) -> None:
    assert found() == []


@pytest.mark.parametrize(("code", "file", "new", "old", "line"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_slip_gives_its_finding_and_no_other(
    found: Callable[..., list[Finding]], change: Callable[..., None], code: str, file: str, new: str, old: str | None,
    line: int,
) -> None:  # fmt: skip
    change(file, new, old)
    findings = [f for f in found() if f.level is CATALOGUE[code][0]]
    assert [(f.path, f.line, f.code) for f in findings] == [(f"ivr_flows/{file}", line, code)]
    level = CATALOGUE[code][0]
    shape = rf"ivr_flows/{re.escape(file)}:{line}: {level} {code} [^\n]+\n    直し方: [^\n]+"
    assert re.fullmatch(shape, str(findings[0]))


def test_slips_name_every_code_of_the_flows() -> None:
    codes = {code for code in CATALOGUE if code < "IVR050" and code.startswith("IVR")}
    assert {slip[0] for slip in SLIPS} | ELSEWHERE == codes


@pytest.mark.parametrize("name", ["after_hours", "office_hours", "overflow", "emergency"])
def test_flow_the_calendar_needs_must_be_there(root: Path, found: Callable[..., list[Finding]], name: str) -> None:
    (root / "ivr_flows" / f"{name}.yaml").unlink()
    codes = {(f.path, f.code) for f in found()}
    assert (f"ivr_flows/{name}.yaml", "IVR001") in codes


@pytest.mark.parametrize(
    ("today", "codes"),
    [("2027-02-28", []), ("2027-03-01", ["IVR014"]), ("2027-03-31", ["IVR014"]), ("2027-04-01", ["IVR013"]),
     ("2026-03-31", ["IVR013"])],
)  # fmt: skip
def test_entry_that_ends_is_told_thirty_days_before(
    found: Callable[..., list[Finding]], change: Callable[..., None], today: str, codes: list[str]
) -> None:
    change(NOTICES, "[]\n", None)
    assert [f.code for f in found(dt.date.fromisoformat(today))] == codes


def test_word_with_a_reading_may_be_written_in_latin_letters(
    found: Callable[..., list[Finding]], change: Callable[..., None]
) -> None:
    change("pronunciation.yaml", "- {word: Pay-easy, reading: ペイジー}\n", None)
    change(MAIN, "say: Pay-easyで払えます。", "say: ご用件をお選びください。")
    assert found() == []


def test_nearest_name_is_proposed_for_a_lost_target(
    found: Callable[..., list[Finding]], change: Callable[..., None]
) -> None:
    change(MAIN, "after: farwell", "after: farewell")
    assert "「farewell」のことですか。" in found()[0].fix


def test_circle_in_which_nobody_presses_anything_is_named(
    found: Callable[..., list[Finding]], change: Callable[..., None]
) -> None:
    change(
        LINE,
        "  sorry: {say: おかけ直しください。, then: line}",
        '  sorry: {say: おかけ直しください。, hang_up: "true"}',
    )
    circle = next(f for f in found() if f.code == "IVR018")
    assert "line → sorry → line" in circle.what


def test_wordings_of_different_days_are_not_added_up(
    found: Callable[..., list[Finding]], change: Callable[..., None]
) -> None:
    half = LONG[:200]
    parts = f"[{{text: {half}, from: '05-01', until: '05-31'}}, {{text: {half}, from: '06-01', until: '04-30'}}, "
    change(MAIN, f"say: {parts}", "say: [再発行の案内です。, ")
    assert found() == []
