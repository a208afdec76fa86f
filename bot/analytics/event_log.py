"""An append-only log of events in SQLite, written by a thread of its own. Residents' words are masked before that."""

from __future__ import annotations

import datetime as dt
import json
import logging
import queue
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bot.analytics.masking import mask
from bot.dialogue.events import Event, Happened

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1
RETRY_SECONDS = 1.0
_CREATE = """
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, version INTEGER NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL,
  conversation TEXT NOT NULL, facts TEXT NOT NULL
)"""


class EventLog:
    """`append` returns at once. While the database is away events wait in memory and are tried again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._queue: queue.SimpleQueue[Sequence[Event] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._writable = True
        file.parent.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._write_all, name="event-log", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """Whether the database takes events; while it does not, they wait in memory."""
        return "sqlite: ok" if self._writable else "sqlite: not writable, events are waiting"

    def append(self, events: Sequence[Event]) -> None:
        """Keep these events, in order."""
        if events:
            self._queue.put(events)

    def close(self) -> None:
        """Write what is waiting, then stop; gives up on a database that stays away."""
        self._stopping.set()
        self._queue.put(None)
        self._thread.join(timeout=10)

    def _write_all(self) -> None:
        ended = False
        while not ended:
            events, ended = self._waiting()
            rows = [_row(event) for event in events]
            while rows and not self._write(rows):
                if self._stopping.wait(RETRY_SECONDS):
                    log.error("%d events lost: the event log could not be written", len(rows))
                    break

    def _waiting(self) -> tuple[list[Event], bool]:
        """Everything that waits, for one transaction; True with the last of it. Waits for something to come."""
        events: list[Event] = []
        came = self._queue.get()
        while came is not None:
            events += came
            try:
                came = self._queue.get_nowait()
            except queue.Empty:
                return events, False
        return events, True

    def _write(self, rows: list[tuple[int, str, str, str, str]]) -> bool:
        try:
            with sqlite3.connect(self._file, timeout=5) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute(_CREATE)
                connection.executemany(
                    "INSERT INTO events (version, name, at, conversation, facts) VALUES (?, ?, ?, ?, ?)", rows
                )
            connection.close()
        except (sqlite3.Error, OSError) as error:
            log.warning("event log not writable: %s", type(error).__name__)
            self._writable = False
            return False
        self._writable = True
        return True


def _row(event: Event) -> tuple[int, str, str, str, str]:
    facts = {
        key: mask(value) if key == "text" and isinstance(value, str) else value for key, value in event.facts.items()
    }
    # An odd value must not stop the thread, and with it every event that follows.
    told = json.dumps(facts, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return SCHEMA_VERSION, event.name, event.at.isoformat(), event.conversation, told


def stored(file: Path, since: dt.datetime, until: dt.datetime) -> Iterator[Event]:
    """Events kept in `file` with since <= at < until, in the order in which they were kept; a row that can't be read
    (an event of a newer version) is left out. Raises sqlite3.Error; no file, no events."""
    if not file.exists():
        return
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
        for name, at, conversation, facts in connection.execute(
            "SELECT name, at, conversation, facts FROM events WHERE at >= ? AND at < ? ORDER BY id",
            (since.isoformat(), until.isoformat()),
        ):
            try:
                yield Event(Happened(name), dt.datetime.fromisoformat(at), conversation, json.loads(facts))
            except ValueError:
                log.warning("an event that can't be read is left out: %s", name)
