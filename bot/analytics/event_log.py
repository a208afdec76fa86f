"""An append-only log of events in the database, written by a thread of its own.

While the database is away events wait in files (`spool`), in order; each has a number from the moment it happened, so
that nothing is kept twice. Where they are until then:

* until the thread takes them (milliseconds; while the database doesn't answer, seconds): memory. `close` saves them, a
  kill (SIGKILL, power) loses them.
* after that: the database or a file, flushed to the disk. Nothing loses them but the disk.
* where neither can be written (both disks full): memory, up to `HELD_MOST`; more are dropped, counted and told.
"""

from __future__ import annotations

import itertools
import logging
import queue
import secrets
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from bot.analytics.event_rows import Row, insert, row_of
from bot.analytics.spool import Spool
from bot.database.opening import prepare
from bot.dialogue.events import Event

log = logging.getLogger(__name__)

BATCH = 200  # rows of one transaction; more would hold up turns while they are serialised
GATHER_SECONDS = 0.02  # a transaction for every turn would cost the turns more
AT_ONCE = 4  # rows made before a turn may go on ...
BREATH_SECONDS = 0.0003  # ... for this long
RETRY_SECONDS = 1.0
LOOK_SECONDS = 30.0  # for files of processes that are gone
CLOSE_SECONDS = 10.0
YIELD_SECONDS = 0.0005  # a turn waits this long for the interpreter while rows are made (Python's own: 0.005)
HELD_MOST = 50_000  # events in memory, about 50 MB

_Numbered = tuple[str, Event]


class EventLog:
    """`append` returns at once, whatever the database does. `synthetic`: made by `madoguchi demo`."""

    def __init__(self, engine: sa.Engine, spool_folder: Path, synthetic: bool = False) -> None:
        self._engine, self._synthetic = engine, synthetic
        self._queue: queue.SimpleQueue[list[_Numbered] | None] = queue.SimpleQueue()
        self._name, self._count = secrets.token_hex(8), itertools.count()
        self._spool = Spool(spool_folder)
        self._held: list[Row] = []  # neither database nor disk took them
        self._in_hand: list[_Numbered] = []  # from the queue, on their way
        self._prepared = False
        self._problem = self._disk_problem = ""
        self._retry_at = 0.0
        self._given_up = False
        self.dropped = 0
        sys.setswitchinterval(YIELD_SECONDS)
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Events that are kept, but not yet in the database."""
        return self._spool.waiting + len(self._held)

    @property
    def database(self) -> str:
        """Whether the database took what it was last given."""
        kind = self._engine.dialect.name
        return f"{kind}: 書けません（{self._problem}）" if self._problem else f"{kind}: 書けています"

    @property
    def state(self) -> str:
        """How it is, for an operator, in one line."""
        told = [self.database]
        if self._spool.waiting:
            told.append(f"{self._spool.waiting}件がファイルで待っています")
        if self._held:
            told.append(f"{len(self._held)}件がメモリーで待っています（ディスクに書けません: {self._disk_problem}）")
        if self.dropped:
            told.append(f"{self.dropped}件を失いました")
        return "。".join(told)

    def append(self, events: Sequence[Event]) -> None:
        """Keep these events, in order. Takes microseconds."""
        if events:
            self._queue.put([(f"{self._name}{next(self._count):016x}", event) for event in events])

    def close(self) -> int:
        """Write what is waiting, to the database or to a file for the next process, then stop. Takes seconds at most,
        also when the database does not answer. Gives how many events wait in files."""
        self._queue.put(None)
        self._thread.join(timeout=CLOSE_SECONDS)
        if self._thread.is_alive():  # it hangs in the network
            self._given_up = True
            self._keep([self._row(*numbered) for numbered in (*self._in_hand, *self._rest())])
        if self._held:
            self.dropped += len(self._held)
            log.error("%d events lost: neither the database nor the disk took them", len(self._held))
        waiting = self._spool.waiting
        self._spool.close()
        return waiting

    def _rest(self) -> list[_Numbered]:
        rest: list[_Numbered] = []
        while not self._queue.empty():
            rest += self._queue.get() or ()
        return rest

    # -- the thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._spool.adopt()
        ended = False
        while not ended and not self._given_up:
            self._in_hand, ended = self._next()
            self._take(self._rows(self._in_hand))
        until = time.monotonic() + CLOSE_SECONDS / 2
        while self.waiting and not self._given_up and time.monotonic() < until:
            self._catch_up()
            if self._problem:
                break
        self._engine.dispose()

    def _next(self) -> tuple[list[_Numbered], bool]:
        """What waits, for one transaction; True with the last of it. Waits for something to come or to be done."""
        wait = LOOK_SECONDS
        if self.waiting:
            wait = max(0.0, self._retry_at - time.monotonic())
        taken: list[_Numbered] = []
        try:
            came = self._queue.get(timeout=wait) if wait else self._queue.get_nowait()
            if came is not None and not self.waiting:
                time.sleep(GATHER_SECONDS)
            while came is not None:
                taken += came
                if len(taken) >= BATCH:
                    return taken, False
                came = self._queue.get_nowait()
            return taken, True
        except queue.Empty:
            if not taken and wait == LOOK_SECONDS:
                self._spool.adopt()
            return taken, False

    def _rows(self, numbered: list[_Numbered]) -> list[Row]:
        """Masking is work: a few at once, then a turn may go on, unless so many wait that it has to be done."""
        rows: list[Row] = []
        for start in range(0, len(numbered), AT_ONCE):
            rows += [self._row(*each) for each in numbered[start : start + AT_ONCE]]
            if len(numbered) < BATCH:
                time.sleep(BREATH_SECONDS)
        return rows

    def _row(self, uid: str, event: Event) -> Row:
        return row_of(uid, event, self._synthetic)

    def _take(self, rows: list[Row]) -> None:
        """Write these; behind those that wait already, if any do."""
        if rows and not self.waiting and self._write(rows):
            return
        if rows:
            self._keep(rows)
        if time.monotonic() >= self._retry_at:
            self._catch_up()

    def _keep(self, rows: list[Row]) -> None:
        """On disk, or as long as that is full in memory."""
        rows = [*self._held, *rows]
        try:
            self._spool.keep(rows)
            self._held, self._disk_problem = [], ""
        except OSError as error:
            if not self._disk_problem:
                log.error("events wait in memory: the spool is not writable: %s", error.strerror)
            self._disk_problem = error.strerror or type(error).__name__
            self._held = rows[:HELD_MOST]
            if lost := len(rows) - len(self._held):
                self.dropped += lost
                log.error("%d events lost: neither the database nor the disk takes them", lost)

    def _catch_up(self) -> None:
        """Write the oldest of those that wait."""
        try:
            if self._spool.waiting:
                if self._write(self._spool.first(BATCH)):
                    self._spool.done()
            elif self._held and self._write(self._held[:BATCH]):
                del self._held[:BATCH]
        except OSError as error:
            log.error("the spool can't be read: %s", type(error).__name__)
            self._retry_at = time.monotonic() + RETRY_SECONDS

    def _write(self, rows: list[Row]) -> bool:
        try:
            if not self._prepared:
                prepare(self._engine)
                self._prepared = True
            insert(self._engine, rows)
        except Exception as error:  # drivers have errors of their own; none may end this thread
            if not self._problem:
                log.warning("event log not writable: %s", type(error).__name__)
            self._problem, self._prepared = type(error).__name__, False
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._engine.dispose()
            return False
        if self._problem:
            log.info("event log writable again")
            self._problem = ""
        return True
