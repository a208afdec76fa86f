"""Delete events after so many days, and prove it: counted before and after, written to the audit log, overwritten.

Publications of content (`knowledge_published`) stay: they hold no words, and later changes are told against them. What
days came to (`day_summaries`) stays too: counts, no words.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from bot.analytics.period import day_of, instant
from bot.database.tables import audit, events
from bot.dialogue.events import Happened

log = logging.getLogger(__name__)

BREATH_SECONDS = 0.02  # between two days: others write
AGAIN_SECONDS = 3600.0
_CHECKPOINTS = 3  # tries; each waits as long as the engine waits for a busy file


@dataclass(frozen=True)
class Forgotten:
    """Events of days before `before`: how many there were, how many were removed, and how many are left (0, or it did
    not work). `bytes_told`: what became of their bytes on the disk, for operators."""

    before: dt.date
    found: int
    removed: int
    left: int
    bytes_told: str

    @property
    def told(self) -> str:
        """For the audit log and for operators."""
        last = self.before - dt.timedelta(days=1)
        return (
            f"{last:%Y-%m-%d} までの出来事は {self.found}件 ありました。{self.removed}件 消しました。"
            f"数え直すと残りは {self.left}件です。{self.bytes_told}"
        )


def first_kept(keep_days: int, now: dt.datetime) -> dt.date:
    """The first day whose events stay: so many days before the day of `now` in Tokyo."""
    return dt.date.fromisoformat(day_of(now)) - dt.timedelta(days=keep_days)


def forget(engine: sa.Engine, keep_days: int, now: dt.datetime, stop: threading.Event | None = None) -> Forgotten:
    """Delete the events of all days older than `keep_days` days before the day of `now`, oldest first, each day in one
    transaction: half a day would be counted anew some time. With `stop` set it ends after the day it is at. Raises
    SQLAlchemyError."""
    before = first_kept(keep_days, now)
    old = sa.and_(events.c.day < before.isoformat(), events.c.name != Happened.KNOWLEDGE_PUBLISHED.value)
    counting = sa.select(sa.func.count()).select_from(events).where(old)
    with engine.connect() as connection:
        found = connection.execute(counting).scalar_one()
    removed = _delete(engine, old, stop)
    bytes_told = _wipe(engine) if engine.dialect.name == "sqlite" else _ON_A_SERVER
    with engine.begin() as connection:
        left = connection.execute(counting).scalar_one()
        done = Forgotten(before, found, removed, left, bytes_told)
        if removed or left:  # a day on which there was nothing to do needs no line
            row = {"at": instant(now), "who": "system", "act": "retention", "what": done.told, "address": ""}
            connection.execute(sa.insert(audit), row)
    if left and not (stop and stop.is_set()):
        log.error("retention: %d events of before %s are left", left, before)
    return done


def _delete(engine: sa.Engine, old: sa.ColumnElement[bool], stop: threading.Event | None) -> int:
    removed = 0
    while not (stop and stop.is_set()):
        with engine.begin() as connection:
            day = connection.scalar(sa.select(sa.func.min(events.c.day)).where(old))
            if day is None:
                break
            removed += connection.execute(sa.delete(events).where(old, events.c.day == day)).rowcount
        time.sleep(BREATH_SECONDS)
    return removed


_ON_A_SERVER = "ディスクの上の写しは、PostgreSQL の VACUUM のあとで使い回されます。"


def _wipe(engine: sa.Engine) -> str:
    """Empty SQLite's write-ahead log into the file, where deleted rows and freed pages are overwritten with zeros
    (`secure_delete`, set by `open_database`)."""
    for _ in range(_CHECKPOINTS):
        with engine.connect() as connection:
            overwritten = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
            free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            emptied = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0
        if not overwritten:
            return "消した所は上書きされていません（secure_delete が効いていません）。"
        if emptied:
            return f"消した所（空きページ {free}を含む）は 0 で上書きし、途中のファイル（WAL）は空です。"
        time.sleep(BREATH_SECONDS)
    return "途中のファイル（WAL）に残る写しは、ほかの接続が終わってから消えます。"


class Daily:
    """Does something at once and then once a day, in a thread of its own; what fails is tried again in an hour."""

    def __init__(self, do: Callable[[threading.Event], None], today: Callable[[], dt.date]) -> None:
        self._do, self._today = do, today
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, after what is being done has come to a good place."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        done: dt.date | None = None
        while not self._stop.is_set():
            today = self._today()
            if today != done:
                try:
                    self._do(self._stop)
                    done = today
                except Exception as error:  # the database is away, for one
                    log.warning("daily work has failed and is tried again: %s", type(error).__name__)
            self._stop.wait(AGAIN_SECONDS)
