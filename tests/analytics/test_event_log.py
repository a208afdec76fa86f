"""Events reach the database once, in order, masked, and wait in memory while it is away."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from served import eventually

from bot.analytics.event_log import SCHEMA_VERSION, EventLog
from bot.dialogue.events import Event, Happened

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=9)))


def asked(text: object, conversation: str = "c1") -> Event:
    return Event(Happened.QUESTION_ASKED, NOON, conversation, {"text": text, "lang": "ja"})


def stored(file: Path) -> list[tuple[Any, ...]]:
    if not file.is_file():
        return []
    with closing(sqlite3.connect(file, timeout=10)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
            return []
        rows = database.execute("SELECT version, name, at, conversation, facts FROM events ORDER BY id")
        return [(*row[:4], json.loads(row[4])) for row in rows]


def texts(file: Path) -> list[str]:
    return [row[4]["text"] for row in stored(file)]


def written(file: Path, batches: Sequence[Sequence[Event]]) -> list[tuple[Any, ...]]:
    log = EventLog(file)
    for batch in batches:
        log.append(batch)
    log.close()
    return stored(file)


def test_event_is_stored_with_everything_about_it(tmp_path: Path) -> None:
    (row,) = written(tmp_path / "e.sqlite", [[asked("納付書をなくした")]])
    assert row == (
        SCHEMA_VERSION, "question_asked", "2026-11-20T12:00:00+09:00", "c1", {"text": "納付書をなくした", "lang": "ja"},
    )  # fmt: skip


def test_words_are_masked_before_they_are_stored(tmp_path: Path) -> None:
    file = tmp_path / "e.sqlite"
    (row,) = written(file, [[asked("電話は０９０-1234-5678")]])
    assert row[4]["text"] == "電話は〔電話番号〕"
    assert all(b"1234-5678" not in one.read_bytes() for one in tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "'; DROP TABLE events; --", "改行\n\x00\u2028", "😀𠮷", None, 5])
def test_any_words_are_stored(tmp_path: Path, text: object) -> None:
    (row,) = written(tmp_path / "e.sqlite", [[asked(text)]])
    assert row[4]["text"] == text


@pytest.mark.parametrize("text", ["\ud800", {"ひ", "み"}, NOON, 10**30])
def test_an_odd_value_does_not_stop_what_follows(tmp_path: Path, text: object) -> None:
    rows = written(tmp_path / "e.sqlite", [[asked(text)], [asked("次")]])
    assert len(rows) == 2
    assert rows[1][4]["text"] == "次"


def test_order_is_kept_within_and_between_turns(tmp_path: Path) -> None:
    rows = written(tmp_path / "e.sqlite", [[asked(f"{n}-{part}", f"c{n}") for part in "ab"] for n in range(200)])
    assert [row[4]["text"] for row in rows] == [f"{n}-{part}" for n in range(200) for part in "ab"]


def test_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    file = tmp_path / "e.sqlite"
    written(file, [[asked("一")]])
    written(file, [[asked("二")]])
    assert texts(file) == ["一", "二"]


def test_nothing_happened_writes_nothing(tmp_path: Path) -> None:
    assert written(tmp_path / "e.sqlite", [[]]) == []


def test_folder_is_made(tmp_path: Path) -> None:
    assert len(written(tmp_path / "new" / "folder" / "e.sqlite", [[asked("a")]])) == 1


def test_append_does_not_wait_for_the_database(tmp_path: Path) -> None:
    file = tmp_path / "e.sqlite"
    log = EventLog(file)
    log.append([asked("前")])
    eventually(lambda: texts(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.perf_counter()
        for number in range(1_000):
            log.append([asked(f"{number}")])
        assert time.perf_counter() - started < 1
        other.execute("ROLLBACK")
    eventually(lambda: len(texts(file)) == 1_001)
    log.close()
    assert texts(file) == ["前", *map(str, range(1_000))]


def test_events_wait_while_the_folder_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "disk" / "e.sqlite"
    log = EventLog(file)
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    log.append([asked("ひみつ一")])
    log.append([asked("ひみつ二")])
    eventually(lambda: "event log not writable" in caplog.text)
    (tmp_path / "unplugged").rename(tmp_path / "disk")
    eventually(lambda: texts(file) == ["ひみつ一", "ひみつ二"])
    log.close()
    assert texts(file) == ["ひみつ一", "ひみつ二"], "once each"
    assert "ひみつ" not in caplog.text


def test_events_wait_while_the_file_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "e.sqlite"
    file.write_bytes(b"this is no database" * 100)
    log = EventLog(file)
    log.append([asked("一")])
    file.unlink()
    eventually(lambda: texts(file) == ["一"])
    log.close()


def test_close_gives_up_on_a_database_that_stays_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "e.sqlite").mkdir()
    log = EventLog(tmp_path / "e.sqlite")
    log.append([asked("ひみつ")])
    log.close()
    assert "1 events lost" in caplog.text, "an operator is told what is missing"
    assert "ひみつ" not in caplog.text


def test_close_writes_what_is_waiting(tmp_path: Path) -> None:
    assert len(written(tmp_path / "e.sqlite", [[asked(str(n))] for n in range(100)])) == 100
