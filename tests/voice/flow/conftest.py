"""A small telephone that uses everything flows can do, and a way to spoil one file of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.dialogue.office_hours import OfficeHours
from bot.knowledge.models import Entry, Knowledge, Validity
from voice.flow.loading import load_telephone
from voice.flow.model import Telephone

AFTER_HOURS = """\
id: after_hours
title: 時間外の案内
start: greeting
unavailable: この内容は、ただいまお伝えできません。
nodes:
  greeting:
    say:
      - お電話ありがとうございます。
      - {text: 年末年始はお休みです。, from: "12-29", until: "01-03"}
      - {notices: "true"}
    then: menu
  menu:
    say: ご用件をお選びください。
    each: "{title}は{key}を、"
    tail: 押してください。
    choices:
      - {key: "1", title: 再発行, say: [再発行の案内です。, {entry: slip-lost}], category: 納税}
      - {key: "2", title: 納期限, category: 納税, say: [{entry: deadline}]}
      - {key: "3", title: 督促状, say: 督促状の案内です。, stopped: "true"}
      - {key: "#", title: 質問, goto: question/ask}
      - {key: "9", title: English, each: "For English, press {key}.", lang: en, goto: after_hours_en/menu}
    wait_secs: "6"
    no_input: {say: 番号が押されませんでした。, attempts: "2", last: またおかけください。, then: farewell}
    no_match: {say: その番号はありません。, attempts: "1", then: farewell}
    after: farewell
    repeat: {key: "0", say: もう一度聞くときは0を押してください。, wait_secs: "4", on: "false"}
  farewell: {say: ありがとうございました。, hang_up: "true"}
"""
ENGLISH = """\
id: after_hours_en
title: 時間外の案内（英語）
lang: en
start: menu
nodes:
  menu:
    each: "For {title}, press {key}. "
    choices:
      - {key: "1", title: a new slip, say: Please call us on a weekday., goto: farewell}
      - {key: "*", title: the menu again, goto: menu}
    no_input: {attempts: "0", then: farewell}
  farewell: {say: Goodbye., hang_up: "true"}
"""
QUESTION = """\
id: question
title: 質問を聞く
start: ask
unavailable: いまは、お答えできません。
nodes:
  ask:
    say: ご質問をお話しください。
    listen:
      seconds: "8"
      attempts: "1"
      then: after_hours/farewell
      without: after_hours/menu
      not_heard: 聞き取れませんでした。
      not_sure: 分かりませんでした。
      choose_each: "{question}は、{key}を、"
      choose_tail: どれでもないときは、0を押してください。
      wait_secs: "5"
"""
OFFICE_HOURS = """\
id: office_hours
title: 受付時間内
start: hand_on
nodes:
  hand_on:
    say: 担当におつなぎします。
    transfer: {to: operators, ring_secs: "30", failed: overflow/line, not_set: sorry}
  sorry: {say: おつなぎできません。, hang_up: "true"}
"""
OVERFLOW = """\
id: overflow
title: 混雑時
start: line
nodes:
  line:
    say: 混み合っています。
    queue: {to: operators, every_secs: "20", say: もう少しお待ちください。, limit_secs: "60", then: sorry}
  sorry: {say: おかけ直しください。, hang_up: "true"}
"""
EMERGENCY = """\
id: emergency
title: 緊急時
start: announcement
nodes:
  announcement: {say: [{notices: "true"}, お電話を受けられません。], barge_in: "false", hang_up: "true"}
"""
NOTICES = """\
- {id: closed-today, text: 本日は休業します。, from: 2026-12-01, until: 2026-12-01, flows: [after_hours]}
"""
FILES = {
    "after_hours": AFTER_HOURS, "after_hours_en": ENGLISH, "question": QUESTION, "office_hours": OFFICE_HOURS,
    "overflow": OVERFLOW, "emergency": EMERGENCY, "notices": NOTICES,
}  # fmt: skip


def entry(id_: str, voice: str | None, valid: Validity | None = None) -> Entry:
    return Entry(
        id=id_, topic="slip", category="納税", question=f"{id_}（質問）ですか。", answer="はい。", voice=voice,
        owner="係", source="出典", certainty="県", valid=valid or Validity(),
    )  # fmt: skip


ENTRIES = [
    entry("slip-lost", "再発行できます。"),
    entry("deadline", "納期限は\n5月31日です。", Validity(from_=dt.date(2026, 4, 1), until=dt.date(2027, 3, 31))),
    entry("refund", "還付があります。"),
    entry("moving", "住所を変えられます。"),
    entry("silent", None),
]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge("k", (), {one.id: one for one in ENTRIES}, {})


@pytest.fixture(scope="session")
def hours() -> OfficeHours:
    return OfficeHours.model_validate(
        {
            "hours": {"open": "8:30", "close": "17:15"},
            "closed_each_year": ["12-29", "12-30", "12-31", "01-02", "01-03"],
            "exceptions": [
                {"date": "2026-11-24", "closed": "true"},
                {"date": "2026-11-25", "open": "10:00", "close": "15:00"},
                {"date": "2026-11-29", "open": "9:00", "close": "12:00"},
            ],
        }
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A content folder without findings."""
    (tmp_path / "ivr_flows").mkdir()
    for name, text in FILES.items():
        (tmp_path / "ivr_flows" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def change(root: Path) -> Callable[[str, str, str | None], None]:
    """Write `new` in the place of `old` in a flow file (None: as the whole file)."""

    def do(name: str, new: str, old: str | None) -> None:
        file = root / "ivr_flows" / name
        if old is not None:
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
            new = text.replace(old, new)
        file.parent.mkdir(exist_ok=True)
        file.write_text(new, encoding="utf-8")

    return do


@pytest.fixture(scope="session")
def telephone(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge, hours: OfficeHours) -> Telephone:
    """The small telephone, able to hear spoken questions."""
    root = tmp_path_factory.mktemp("content")
    (root / "ivr_flows").mkdir()
    for name, text in FILES.items():
        (root / "ivr_flows" / f"{name}.yaml").write_text(text, encoding="utf-8")
    loaded, findings = load_telephone(root, knowledge, hours, listening=True)
    assert findings == []
    assert loaded is not None
    return loaded
