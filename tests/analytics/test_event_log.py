"""Events reach the database once, in order, masked; while it is away they wait on disk."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import eventually

from bot.analytics.event_log import EventLog
from bot.analytics.event_rows import insert, row_of
from bot.database.opening import open_database, prepare
from bot.database.tables import events
from bot.dialogue.events import FACTS_VERSION, Event, Happened

JST = dt.timezone(dt.timedelta(hours=9))
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=JST)


def asked(text: object, conversation: str = "c1", **facts: object) -> Event:
    return Event(Happened.QUESTION_ASKED, NOON, conversation, {"text": text, "lang": "ja", **facts})


def rows(engine: sa.Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(events).order_by(events.c.id)))


def texts(engine: sa.Engine) -> list[str]:
    return [row.text for row in rows(engine)]


@pytest.fixture
def open_log(database_url: str, tmp_path: Path) -> Iterator[Callable[[], EventLog]]:
    """Makes logs of the database, as processes would; closes them after the test."""
    opened: list[EventLog] = []

    def make() -> EventLog:
        opened.append(EventLog(open_database(database_url, busy_seconds=0.2), tmp_path / "spool"))
        return opened[-1]

    yield make
    for log in opened:
        log.close()


def written(open_log: Callable[[], EventLog], engine: sa.Engine, batches: Sequence[Sequence[Event]]) -> list[Any]:
    log = open_log()
    for batch in batches:
        log.append(batch)
    log.close()
    return rows(engine)


def test_event_is_stored_with_everything_about_it(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    matches = [["slip-lost", 0.9], ["pay-where", 0.1]]
    (row,) = written(open_log, database, [[asked("納付書をなくした", matches=matches, reply="answer")]])
    assert row.uid
    assert (row.version, row.name, row.day, row.conversation) == (FACTS_VERSION, "question_asked", "2026-11-20", "c1")
    assert row.at == 1_795_143_600_000_000
    assert (row.entry, row.text, row.reply, row.synthetic) == ("slip-lost", "納付書をなくした", "answer", False)
    assert json.loads(row.facts) == {"lang": "ja", "matches": matches, "reply": "answer"}


def test_the_day_is_that_of_tokyo(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    before = Event(Happened.CALL_REFUSED, dt.datetime(2026, 10, 31, 14, 59, 59, 999_999, tzinfo=dt.UTC), "")
    after = Event(Happened.CALL_REFUSED, dt.datetime(2026, 10, 31, 15, 0, tzinfo=dt.UTC), "")
    assert [row.day for row in written(open_log, database, [[before, after]])] == ["2026-10-31", "2026-11-01"]


def test_words_are_masked_before_they_are_stored(
    open_log: Callable[[], EventLog], database: sa.Engine, tmp_path: Path
) -> None:
    (row,) = written(open_log, database, [[asked("電話は０９０-1234-5678")]])
    assert row.text == "電話は〔電話番号〕"
    assert all(b"1234-5678" not in one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())


@pytest.mark.parametrize(
    ("name", "facts", "entry"),
    [
        (Happened.ANSWER_GIVEN, {"entries": ["a", "b"]}, "a"),
        (Happened.CHOICES_OFFERED, {"entries": []}, None),
        (Happened.ANSWER_RATED, {"entry": "a", "helpful": True}, "a"),
        (Happened.CHOICE_MADE, {"kind": "entry", "id": "a"}, "a"),
        (Happened.CHOICE_MADE, {"kind": "topic", "id": "a"}, None),
        (Happened.QUESTION_ASKED, {"matches": []}, None),
        (Happened.QUESTION_ASKED, {"matches": [["a", 1.0]]}, "a"),
        (Happened.QUESTION_ASKED, {"matches": "a"}, None),
        (Happened.TOPIC_CHOSEN, {"entry": "a"}, "a"),
        (Happened.ANSWER_RATED, {"entry": "山田太郎"}, None),
        (Happened.ANSWER_RATED, {"entry": "a" * 61}, None),
    ],
)
def test_the_entry_an_event_is_about(name: Happened, facts: dict[str, object], entry: str | None) -> None:
    assert row_of("1", Event(name, NOON, "c", facts), False)["entry"] == entry


def test_what_no_excel_file_can_hold_is_left_out() -> None:
    odd = "あ\ufffe\uffff\x00\x0b\x1f\t\n\ud800𠮷"
    row = row_of("1", asked(odd, odd, page=odd, title=odd), False)
    assert (row["text"], row["conversation"]) == ("あ\t\n?𠮷", "あ\t\n?𠮷")
    assert json.loads(str(row["facts"]))["page"] == "あ\t\n?𠮷"
    assert "\ufffe" not in str(row["facts"])


def test_only_a_question_has_a_reply() -> None:
    assert row_of("1", Event(Happened.ANSWER_GIVEN, NOON, "c", {"reply": "answer"}), False)["reply"] is None
    assert row_of("1", asked("a", reply="x" * 50), False)["reply"] is None


def test_what_demo_makes_is_marked(database_url: str, database: sa.Engine, tmp_path: Path) -> None:
    log = EventLog(open_database(database_url), tmp_path / "spool", synthetic=True)
    log.append([asked("一")])
    log.close()
    assert rows(database)[0].synthetic is True


ODD = [
    "",
    "'; DROP TABLE events; --",
    "改行\n\x00\u2028",
    "😀𠮷",
    None,
    5,
    "\ud800",
    {"ひ", "み"},
    NOON,
    10**30,
    "字" * 9000,
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_an_odd_value_is_kept_and_stops_nothing(
    open_log: Callable[[], EventLog], database: sa.Engine, odd: object
) -> None:
    circle: dict[str, object] = {}
    circle["circle"] = circle
    others = [asked("a", str(odd) * 100), asked("b", odd=odd), asked("c", odd={(1, 2): odd}), asked("d", odd=circle)]
    found = written(open_log, database, [[asked(odd)], others, [asked("次", number=float("nan"))]])
    assert [row.text for row in found[1:]] == ["a", "b", "c", "d", "次"]


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.text(), plain | st.lists(plain, max_size=3) | st.dictionaries(st.text(), plain, max_size=3)),
    st.text(),
)
def test_no_database_refuses_a_row(database: sa.Engine, facts: dict[str, object], conversation: str) -> None:
    event = Event(Happened.QUESTION_ASKED, NOON, conversation, facts)
    insert(database, [row_of("always the same", event, False)])
    assert len(rows(database)) == 1


def test_order_is_kept_within_and_between_turns(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    written(open_log, database, [[asked(f"{n}-{part}", f"c{n}") for part in "ab"] for n in range(500)])
    assert texts(database) == [f"{n}-{part}" for n in range(500) for part in "ab"]


def test_log_goes_on_where_it_ended(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    written(open_log, database, [[asked("一")]])
    written(open_log, database, [[asked("二")]])
    assert texts(database) == ["一", "二"]


def test_the_same_words_at_the_same_time_are_two_events(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    assert len(written(open_log, database, [[asked("a"), asked("a")], [asked("a")]])) == 3


def test_nothing_happened_writes_nothing(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    assert written(open_log, database, [[]]) == []


def test_how_it_is_is_told_in_one_line(open_log: Callable[[], EventLog]) -> None:
    log = open_log()
    assert log.state.endswith(": 書けています")
    assert (log.waiting, log.dropped) == (0, 0)


def test_closing_twice_is_harmless(open_log: Callable[[], EventLog], database: sa.Engine) -> None:
    log = open_log()
    log.append([asked("一")])
    log.close()
    log.close()
    assert texts(database) == ["一"]


# -- SQLite alone: how a file can be away; both databases: test_spool.py ----------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is to be, on a disk of its own."""
    return tmp_path / "disk" / "m.sqlite"


@pytest.fixture
def sqlite_log(file: Path, tmp_path: Path) -> Iterator[Callable[[], EventLog]]:
    """Makes logs of that file."""
    opened: list[EventLog] = []

    def make() -> EventLog:
        opened.append(EventLog(open_database(f"sqlite:///{file}", busy_seconds=0.2), tmp_path / "spool"))
        return opened[-1]

    yield make
    for log in opened:
        log.close()


def in_file(file: Path) -> list[str]:
    if not file.is_file():
        return []
    with closing(sqlite3.connect(file, timeout=10)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return []
        return [text for (text,) in database.execute("SELECT text FROM events ORDER BY id")]


def test_append_does_not_wait_for_the_database(file: Path, sqlite_log: Callable[[], EventLog]) -> None:
    log = sqlite_log()
    log.append([asked("前")])
    eventually(lambda: in_file(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.perf_counter()
        for number in range(1_000):
            log.append([asked(f"{number}")])
        assert time.perf_counter() - started < 1
        eventually(lambda: log.waiting == 1_000)
        assert "sqlite: 書けません（OperationalError）。1000件がファイルで待っています" in log.state
        other.execute("ROLLBACK")
    eventually(lambda: len(in_file(file)) == 1_001)
    assert in_file(file) == ["前", *map(str, range(1_000))]
    eventually(lambda: log.state == "sqlite: 書けています")


def test_events_wait_while_the_folder_is_gone(
    file: Path, sqlite_log: Callable[[], EventLog], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = sqlite_log()
    log.append([asked("一")])
    eventually(lambda: in_file(file))
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    log.append([asked("ひみつ二")])
    log.append([asked("ひみつ三")])
    eventually(lambda: log.waiting == 2)
    assert not (tmp_path / "disk").exists(), "no new database comes into being beside the old one"
    (tmp_path / "unplugged").rename(tmp_path / "disk")
    eventually(lambda: in_file(file) == ["一", "ひみつ二", "ひみつ三"])
    assert "event log not writable" in caplog.text
    assert "ひみつ" not in caplog.text


def test_a_deleted_file_is_begun_anew(file: Path, sqlite_log: Callable[[], EventLog]) -> None:
    log = sqlite_log()
    log.append([asked("一")])
    eventually(lambda: in_file(file))
    for each in file.parent.glob("m.sqlite*"):
        each.unlink()
    log.append([asked("二")])
    eventually(lambda: in_file(file) == ["二"])


def test_events_wait_while_the_file_is_no_database(file: Path, sqlite_log: Callable[[], EventLog]) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    log = sqlite_log()
    log.append([asked("一")])
    eventually(lambda: log.waiting == 1)
    file.unlink()
    eventually(lambda: in_file(file) == ["一"])


def test_close_leaves_what_is_waiting_to_the_next_process(
    file: Path, sqlite_log: Callable[[], EventLog], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    file.mkdir(parents=True)
    log = sqlite_log()
    log.append([asked("ひみつ")])
    log.close()
    assert "lost" not in caplog.text
    assert "ひみつ" not in caplog.text
    file.rmdir()
    sqlite_log()
    eventually(lambda: in_file(file) == ["ひみつ"])


def test_a_database_of_a_newer_version_is_left_alone(file: Path, sqlite_log: Callable[[], EventLog]) -> None:
    engine = open_database(f"sqlite:///{file}")
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'r9999'"))
    log = sqlite_log()
    log.append([asked("一")])
    eventually(lambda: "UnknownSchema" in log.state)
    assert in_file(file) == []
    engine.dispose()
