"""After so many days nothing of an event is left, neither in the tables nor in the bytes of the file."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from happenings import MONTH, keep
from served import eventually
from typer.testing import CliRunner

from bot import assemble
from bot.analytics.archive import Archive
from bot.analytics.event_rows import insert, row_of
from bot.analytics.period import TOKYO, Period
from bot.analytics.retention import Daily, forget
from bot.analytics.tally import summarise
from bot.cli.app import app
from bot.database.opening import open_database, prepare
from bot.database.tables import audit, day_summaries, events
from bot.dialogue.events import Event, Happened
from bot.settings import Settings
from bot.staff.audit_log import ACTS

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=TOKYO)
SECRET = "ひみつのことば"


def fill(engine: sa.Engine, day: dt.date, count: int) -> None:
    at = dt.datetime.combine(day, dt.time(23, 59, 59), TOKYO)
    facts = {"text": SECRET, "matches": [["himitsu-entry", 0.9]]}
    name = Happened.QUESTION_ASKED
    insert(engine, [row_of(f"{day}-{n}", Event(name, at, f"himitsu-{day}", facts), False) for n in range(count)])


def days(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(events.c.day).distinct().order_by(events.c.day)))


def test_days_before_the_last_one_kept_are_gone(database: sa.Engine) -> None:
    for day in (dt.date(2026, 10, 1), dt.date(2026, 10, 16), dt.date(2026, 10, 17), dt.date(2026, 11, 21)):
        fill(database, day, 3)
    done = forget(database, 35, NOW)
    assert (done.before, done.found, done.removed, done.left) == (dt.date(2026, 10, 17), 6, 6, 0)
    assert days(database) == ["2026-10-17", "2026-11-21"]


def test_every_deletion_is_in_the_audit_log(database: sa.Engine) -> None:
    fill(database, dt.date(2026, 10, 1), 3)
    forget(database, 35, NOW)
    forget(database, 35, NOW)
    with database.connect() as connection:
        (row,) = connection.execute(sa.select(audit))
    assert (row.who, row.act) == ("system", "retention")
    assert row.act in ACTS  # or the page of the audit log shows a bare word
    assert row.what.startswith("2026-10-16 までの出来事は 3件 ありました。3件 消しました。数え直すと残りは 0件です。")
    assert ("VACUUM" if database.dialect.name == "postgresql" else "0 で上書き") in row.what


def test_figures_of_past_days_stay(database: sa.Engine) -> None:
    fill(database, dt.date(2026, 10, 1), 3)
    row = {"day": "2026-10-01", "version": 1, "through": 3, "summary": "{}", "synthetic": False}
    with database.begin() as connection:
        connection.execute(sa.insert(day_summaries), row)
    forget(database, 35, NOW)
    with database.connect() as connection:
        assert connection.scalar(sa.select(day_summaries.c.day)) == "2026-10-01"


def test_a_leap_day_and_the_day_in_tokyo_count(database: sa.Engine) -> None:
    for day in (dt.date(2028, 2, 28), dt.date(2028, 2, 29), dt.date(2028, 3, 1)):
        fill(database, day, 1)
    just_after_midnight = dt.datetime(2028, 4, 4, 15, 0, tzinfo=dt.UTC)  # 5 April in Tokyo
    assert forget(database, 35, just_after_midnight).before == dt.date(2028, 3, 1)
    assert days(database) == ["2028-03-01"]


def test_publications_stay(database: sa.Engine) -> None:
    """The changes of the first month that is kept are told against the last publication before it."""
    fill(database, dt.date(2026, 1, 1), 2)
    at = dt.datetime(2026, 1, 1, 9, 0, tzinfo=TOKYO)
    published = Event(Happened.KNOWLEDGE_PUBLISHED, at, "", {"entries": {"e1": "ab"}})
    insert(database, [row_of("published", published, False)])
    done = forget(database, 35, NOW)
    assert (done.found, done.removed, done.left) == (2, 2, 0)
    changes = Archive(database, lambda: NOW).content_changes(Period.read_month("2026-11"))
    assert (changes.known, changes.entries) == (True, 1)


def test_a_file_without_overwriting_is_told(file: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{file}")  # not by `open_database`
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=OFF"))
    assert "上書きされていません" in forget(engine, 35, NOW).told
    engine.dispose()


def test_it_ends_early_when_it_is_told_to(database: sa.Engine) -> None:
    fill(database, dt.date(2026, 1, 1), 3)
    stop = threading.Event()
    stop.set()
    assert forget(database, 35, NOW, stop).left == 3


def test_a_day_goes_as_a_whole_or_stays(database: sa.Engine) -> None:
    """Half a day, counted again some time, would take the place of its figures."""
    first, second = dt.date(2026, 1, 1), dt.date(2026, 1, 2)
    fill(database, first, 1001)
    fill(database, second, 2)
    stop = threading.Event()
    sa.event.listen(database, "commit", lambda _: stop.set())
    assert forget(database, 35, NOW, stop).left == 2
    assert days(database) == ["2026-01-02"]


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """As if it were long after October 2026."""
    monkeypatch.setattr(assemble, "now_in_tokyo", lambda: dt.datetime(2027, 11, 21, 3, 0, tzinfo=TOKYO))
    return Settings(data=tmp_path, retention_days=35)


def test_days_are_counted_before_their_events_go(database: sa.Engine, old: Settings) -> None:
    keep(database, MONTH)
    assert assemble.forget_old(old, database).left == 0
    assert days(database) == []
    assert Archive(database, lambda: NOW).of(Period.read_month("2026-10")) == summarise(MONTH)


def test_nothing_goes_that_was_not_counted_in_time(database: sa.Engine, old: Settings) -> None:
    keep(database, MONTH)
    stop = threading.Event()
    sa.event.listen(database, "commit", lambda _: stop.set())  # with the first day that is kept
    assert assemble.forget_old(old, database, stop).removed == 0


def test_the_command_says_so_when_the_database_goes_away(
    database: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE events RENAME TO gone")
    monkeypatch.setenv("MADOGUCHI_DATABASE", database_url)
    monkeypatch.setenv("MADOGUCHI_DATA", str(tmp_path))
    try:
        done = CliRunner().invoke(app, ["retention"])
    finally:
        with database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO events")
    assert done.exit_code == 2
    assert "データベースを使えません" in done.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with old words in it, and some of today's."""
    engine = open_database(f"sqlite:///{tmp_path}/m.sqlite")
    prepare(engine)
    for number in range(20):
        fill(engine, dt.date(2026, 1, 1) + dt.timedelta(days=number), 100)
    insert(engine, [row_of("new", Event(Happened.FELL_BACK, NOW, "new", {"text": "きょう"}), False)])
    engine.dispose()
    return tmp_path / "m.sqlite"


def bytes_of(file: Path) -> bytes:
    return b"".join(each.read_bytes() for each in file.parent.glob("m.sqlite*"))


def test_the_words_are_no_longer_in_the_bytes_of_the_file(file: Path) -> None:
    assert SECRET.encode() in bytes_of(file)
    engine = open_database(f"sqlite:///{file}")
    done = forget(engine, 35, NOW)
    left = bytes_of(file)  # while it is open, as `serve` has it
    with engine.connect() as connection:
        free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
    assert free > 10, "pages that hold nothing now are in the file, and are looked at too"
    assert f"空きページ {free}を含む）は 0 で上書き" in done.told
    engine.dispose()
    assert SECRET.encode() not in left
    assert b"himitsu" not in left, "the indexes are wiped too"
    assert "きょう".encode() in left


def test_a_reader_in_the_way_is_told_and_the_next_run_wipes(file: Path) -> None:
    engine, reader = open_database(f"sqlite:///{file}", busy_seconds=0.1), open_database(f"sqlite:///{file}")
    with reader.begin() as reading:
        reading.exec_driver_sql("BEGIN")
        reading.exec_driver_sql("SELECT count(*) FROM events").all()
        done = forget(engine, 35, NOW)
        assert (done.removed, done.left) == (2000, 0)
        assert "接続が終わってから" in done.told
    reader.dispose()
    assert "0 で上書き" in forget(engine, 35, NOW).told
    assert SECRET.encode() not in bytes_of(file)
    engine.dispose()


def test_it_is_done_at_once_and_again_on_the_next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.analytics.retention.AGAIN_SECONDS", 0.01)
    today, runs = [dt.date(2026, 11, 21)], []
    daily = Daily(lambda _: runs.append(today[0]), lambda: today[0])
    eventually(lambda: runs == [dt.date(2026, 11, 21)])
    today[0] = dt.date(2026, 11, 22)
    eventually(lambda: runs == [dt.date(2026, 11, 21), dt.date(2026, 11, 22)])
    daily.close()


def test_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("bot.analytics.retention.AGAIN_SECONDS", 0.01)
    runs: list[int] = []

    def do(_: threading.Event) -> None:
        runs.append(1)
        if len(runs) < 3:
            raise ConnectionError("ひみつ")

    daily = Daily(do, NOW.date)
    eventually(lambda: len(runs) == 3)
    daily.close()
    assert "ConnectionError" in caplog.text
    assert "ひみつ" not in caplog.text
