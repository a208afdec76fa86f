"""Whatever is killed – the database, the process, the disk – no event is lost, none is kept twice, order stays."""

from __future__ import annotations

import datetime as dt
import errno
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres
from served import eventually

from bot.analytics import event_log
from bot.analytics.event_log import EventLog
from bot.analytics.event_rows import Row, row_of
from bot.analytics.spool import Spool
from bot.database.opening import open_database, prepare
from bot.database.tables import events
from bot.dialogue.events import Event, Happened

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def asked(text: str) -> Event:
    return Event(Happened.QUESTION_ASKED, NOW, "c", {"text": text})


def rows(first: int, last: int) -> list[Row]:
    return [row_of(f"{n}", asked(f"{n}"), False) for n in range(first, last)]


def texts(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return [str(text) for text in connection.scalars(sa.select(events.c.text).order_by(events.c.id))]


def emptied(spool: Spool, limit: int = 3) -> list[str]:
    found: list[str] = []
    while spool.waiting:
        found += [str(row["text"]) for row in spool.first(limit)]
        spool.done()
    return found


# -- files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """An empty spool."""
    spool = Spool(tmp_path / "spool")
    yield spool
    spool.close()


def test_rows_come_back_in_order_and_the_file_goes(spool: Spool, tmp_path: Path) -> None:
    for first in range(0, 100, 10):
        spool.keep(rows(first, first + 10))
    assert spool.waiting == 100
    assert spool.first(5) == spool.first(5), "until they are done"
    assert emptied(spool, 7) == [str(n) for n in range(100)]
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [{"name": None}, {"version": "1"}, {"at": 1.5}, {"at": True}, {"day": 5}, {"facts": {}}, {"synthetic": 0},
     {"text": 3}, {"uid": ""}, {"uid": None}],
    ids=repr,
)  # fmt: skip
def test_a_row_that_no_database_takes_is_left_out(spool: Spool, wrong: Row) -> None:
    spool.keep([*rows(0, 1), *({**row, **wrong} for row in rows(1, 2)), *rows(2, 3)])
    assert emptied(spool) == ["0", "2"]


def test_closing_tells_how_many_wait(tmp_path: Path) -> None:
    (tmp_path / "m.sqlite").mkdir()  # no database can be there
    log = EventLog(open_database(f"sqlite:///{tmp_path}/m.sqlite"), tmp_path / "spool")
    log.append([asked("一"), asked("二")])
    assert log.close() == 2


def test_rows_are_kept_while_others_are_taken(spool: Spool) -> None:
    spool.keep(rows(0, 10))
    assert len(spool.first(4)) == 4
    spool.keep(rows(10, 12))
    spool.done()
    assert emptied(spool) == [str(n) for n in range(4, 12)]


def test_a_full_file_is_followed_by_another(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.analytics.spool.FULL", 1_000)
    for first in range(0, 100, 10):
        spool.keep(rows(first, first + 10))
    assert len(list((tmp_path / "spool").iterdir())) > 3
    assert emptied(spool) == [str(n) for n in range(100)]


def test_a_long_row_is_read_whole(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.analytics.spool._READ", 16)
    spool.keep(rows(0, 3))
    assert emptied(spool) == ["0", "1", "2"]


def test_a_line_that_was_cut_off_is_no_row(spool: Spool, tmp_path: Path) -> None:
    spool.keep(rows(0, 3))
    (file,) = (tmp_path / "spool").iterdir()
    spool.close()
    with file.open("ab") as more:
        more.write(json.dumps(row_of("x", asked("x"), False)).encode()[:50])
    spool.adopt()
    assert spool.waiting == 3
    spool.keep(rows(3, 5))
    assert emptied(spool) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("line", [b"{broken\n", b"\xff\xfe\n", b"\n", b"[]\n", b"5\n", b"{}\n"])
def test_a_broken_line_costs_itself_alone(spool: Spool, tmp_path: Path, line: bytes) -> None:
    folder = tmp_path / "spool"
    good = json.dumps(row_of("x", asked("x"), False)).encode() + b"\n"
    (folder / "1.jsonl").write_bytes(good + line + good)
    (folder / "2.jsonl").write_bytes(line)
    (folder / "3.jsonl").write_bytes(b"")
    spool.adopt()
    assert emptied(spool) == ["x", "x"]
    spool.adopt()
    assert emptied(spool) == []


def test_a_row_of_a_version_that_knew_fewer_columns_is_kept(spool: Spool, tmp_path: Path) -> None:
    row = row_of("x", asked("x"), False)
    del row["reply"]
    (tmp_path / "spool" / "1.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    spool.adopt()
    assert spool.first(1)[0]["reply"] is None


def test_no_two_drain_the_same_file(spool: Spool, tmp_path: Path) -> None:
    spool.keep(rows(0, 3))
    other = Spool(tmp_path / "spool")
    other.adopt()
    assert other.waiting == 0
    spool.close()
    other.adopt()
    assert emptied(other) == ["0", "1", "2"]
    other.close()


def test_the_oldest_file_comes_first(spool: Spool, tmp_path: Path) -> None:
    earlier = Spool(tmp_path / "spool")
    earlier.keep(rows(0, 3))
    earlier.close()
    spool.keep(rows(3, 6))
    spool.adopt()
    assert emptied(spool) == [str(n) for n in range(6)]


def test_a_spool_does_not_fill_the_disk(spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.analytics.spool.MOST", 5_000)
    kept = 0
    with pytest.raises(OSError, match=os.strerror(errno.EDQUOT)):  # noqa: PT012 - one of them, who knows which
        for kept in range(100):
            spool.keep(rows(kept, kept + 1))
    assert 2_500 < sum(file.stat().st_size for file in (tmp_path / "spool").iterdir()) <= 5_000
    assert emptied(spool) == [str(n) for n in range(kept)]
    spool.keep(rows(0, 1))  # there is room again


# -- the disk is full ------------------------------------------------------------------------------------------

FULL_DISK = """
import resource, signal, sys, time
from pathlib import Path
from bot.analytics.event_log import EventLog
from bot.database.opening import open_database
from bot.dialogue.events import Event, Happened
import datetime as dt
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
log = EventLog(open_database(sys.argv[1]), Path(sys.argv[2]))
now = dt.datetime.now(dt.UTC)
for number in range(100):
    log.append([Event(Happened.QUESTION_ASKED, now, "c", {"text": str(number)})])
    time.sleep(0.001)
while "メモリーで待っています" not in log.state:
    time.sleep(0.01)
print(log.state)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.append([Event(Happened.QUESTION_ASKED, now, "c", {"text": "100"})])
until = time.monotonic() + 20
while log.waiting and time.monotonic() < until:
    time.sleep(0.01)
log.close()
print(log.state)
"""


def test_a_full_disk_keeps_events_in_memory_until_there_is_room(tmp_path: Path) -> None:
    """Neither the database nor the spool can grow; when they can again, nothing is missing."""
    url = f"sqlite:///{tmp_path}/m.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, url, str(tmp_path / "spool")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    full, after = done.stdout.splitlines()
    assert "ディスクに書けません" in full
    assert after == "sqlite: 書けています"
    engine = open_database(url)
    assert texts(engine) == [str(n) for n in range(101)]
    engine.dispose()


def test_what_is_too_much_for_memory_is_counted_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_log, "HELD_MOST", 10)
    (tmp_path / "spool").write_text("in the way of the folder")
    (tmp_path / "m.sqlite").mkdir()
    log = EventLog(open_database(f"sqlite:///{tmp_path}/m.sqlite"), tmp_path / "spool")
    for number in range(30):
        log.append([asked(f"{number}")])
    eventually(lambda: log.dropped == 20)
    assert log.waiting == 10
    assert "10件がメモリーで待っています" in log.state
    assert "20件を失いました" in log.state
    (tmp_path / "m.sqlite").rmdir()
    engine = open_database(f"sqlite:///{tmp_path}/m.sqlite")
    eventually(lambda: log.waiting == 0)
    assert texts(engine) == [str(n) for n in range(10)], "the oldest are those that stay"
    log.close()
    engine.dispose()
    assert "20 events lost" in caplog.text or caplog.text.count("events lost") > 1


# -- processes that are killed ---------------------------------------------------------------------------------

WRITER = """
import datetime as dt, sys, time
from pathlib import Path
from bot.analytics import event_log
from bot.analytics.event_log import EventLog
from bot.database.opening import open_database
from bot.dialogue.events import Event, Happened
event_log.BATCH = 5
log = EventLog(open_database(sys.argv[1], busy_seconds=0.2), Path(sys.argv[2]))
now = dt.datetime.now(dt.UTC)
for number in range(int(sys.argv[3])):
    log.append([Event(Happened.QUESTION_ASKED, now, "c", {"text": str(number)})])
while log.waiting < int(sys.argv[4]):
    time.sleep(0.001)
print("kept", flush=True)
time.sleep(60)
"""


def writer(url: str, folder: Path, count: int, waiting: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(folder), str(count), str(waiting)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "kept\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    """Killed before it could write anything, then killed in the middle of emptying its file."""
    file, folder = tmp_path / "m.sqlite", tmp_path / "spool"
    url = f"sqlite:///{file}"
    file.mkdir()
    kill(writer(url, folder, 2_000, 2_000))
    file.rmdir()
    engine = open_database(url)
    prepare(engine)
    draining = writer(url, folder, 0, 0)
    eventually(lambda: texts(engine))
    kill(draining)
    assert 0 < len(texts(engine)) < 2_000, "it was killed in the middle"
    log = EventLog(open_database(url), folder)
    eventually(lambda: len(texts(engine)) == 2_000)
    eventually(lambda: not list(folder.iterdir()))
    log.close()
    assert texts(engine) == [str(n) for n in range(2_000)]
    engine.dispose()


def test_two_processes_share_a_folder(tmp_path: Path) -> None:
    """The web and the telephone: each empties what is its own, and neither waits for the other."""
    file, folder = tmp_path / "m.sqlite", tmp_path / "spool"
    url = f"sqlite:///{file}"
    file.mkdir()
    other = writer(url, folder, 50, 50)
    log = EventLog(open_database(url), folder)
    log.append([asked("ours")])
    eventually(lambda: log.waiting == 1)
    assert len(list(folder.iterdir())) == 2
    file.rmdir()
    engine = open_database(url)
    prepare(engine)
    eventually(lambda: len(texts(engine)) == 51)
    assert [text for text in texts(engine) if text != "ours"] == [str(n) for n in range(50)]
    kill(other)
    log.close()
    engine.dispose()


# -- databases that are killed ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # pg8000 leaves broken sockets to the GC
def test_postgres_is_killed_again_and_again_while_events_come(postgres: Postgres, tmp_path: Path) -> None:
    engine = open_database(postgres.url)
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(events))
    log = EventLog(open_database(postgres.url), tmp_path / "spool")
    written = 0
    for _ in range(3):
        for _ in range(400):
            log.append([asked(f"{written}"), asked(f"{written + 1}")])
            written += 2
            time.sleep(0.0005)
        postgres.kill()
        for _ in range(100):
            log.append([asked(f"{written}")])
            written += 1
        eventually(lambda: log.waiting and "postgresql: 書けません" in log.state)
        postgres.start()
    eventually(lambda: not log.waiting and log.state == "postgresql: 書けています")
    log.append([asked(f"{written}")])
    log.close()
    assert texts(engine) == [str(n) for n in range(written + 1)]
    assert log.dropped == 0
    engine.dispose()
    gc.collect()


@pytest.mark.slow
def test_postgres_is_away_at_the_start(tmp_path: Path) -> None:
    server = Postgres()
    server.kill()
    log = EventLog(open_database(server.url), tmp_path / "spool")
    log.append([asked("一")])
    eventually(lambda: log.waiting == 1)
    log.close()
    log = EventLog(open_database(server.url), tmp_path / "spool")
    log.append([asked("二")])
    eventually(lambda: log.waiting == 2)
    server.start()
    engine = open_database(server.url)
    eventually(lambda: not log.waiting)
    assert texts(engine) == ["一", "二"]
    log.close()
    engine.dispose()
    server.close()


@pytest.mark.slow
def test_a_connection_that_hangs_loses_nothing_at_the_end(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is frozen, as behind a broken network: closing does not wait for it, a file takes the events."""
    monkeypatch.setattr(event_log, "CLOSE_SECONDS", 1.0)
    engine = open_database(postgres.url)
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(events))
    log = EventLog(open_database(postgres.url, answer_seconds=4), tmp_path / "spool")
    log.append([asked("0")])
    eventually(lambda: texts(engine) == ["0"])
    with engine.connect() as locking:
        locking.execute(sa.text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        for number in range(1, 50):
            log.append([asked(f"{number}")])
        time.sleep(0.5)
        started = time.monotonic()
        log.close()
        assert time.monotonic() - started < 3
        assert len(list((tmp_path / "spool").iterdir())) == 1
    log = EventLog(open_database(postgres.url), tmp_path / "spool")
    eventually(lambda: len(texts(engine)) == 50)
    log.close()
    assert texts(engine) == [str(n) for n in range(50)]
    engine.dispose()
