"""What the event log costs a turn while 2,000 events a second are written, beside the same turns without a log and
beside a plain INSERT of each event. Blocks of turns alternate, so that a busy machine is as busy for all of them.

    python -m benchmarks.event_log

Needs the PostgreSQL server of the tests (`tests/install_system_packages.sh`).
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from benchmarks import keep
from bot import assemble
from bot.analytics.event_log import EventLog
from bot.analytics.event_rows import row_of
from bot.database.opening import open_database, prepare
from bot.database.tables import events as table
from bot.dialogue.desk import Desk, EventSink
from bot.dialogue.events import Event
from bot.dialogue.publisher import Publisher
from bot.knowledge.loader import load
from bot.settings import Settings
from bot.web.sessions import MemoryStore

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from postgres import Postgres

RATE = 2_000  # events a second, of these turns and of everybody else together
ROUNDS, TURNS = 20, 250
BURST = 40_000
PLAIN = 400
A_CONVERSATION = 5  # turns


class Sink:
    """Counts events and hands them on; without a `target` they are gone."""

    state, waiting, dropped = "", 0, 0

    def __init__(self, target: Callable[[Sequence[Event]], None] | None = None) -> None:
        self._target, self.taken = target, 0

    def append(self, events: Sequence[Event]) -> None:
        """Take these."""
        self.taken += len(events)
        if self._target:
            self._target(events)


def main() -> None:
    """Measure with both databases."""
    publisher = assemble.publisher(Settings())
    assert publisher.publish().published
    with TemporaryDirectory() as scratch:
        figures = {"sqlite": _measure(publisher, f"sqlite:///{scratch}/madoguchi.sqlite", Path(scratch))}
    server = Postgres()
    try:
        with TemporaryDirectory() as scratch:
            figures["postgresql"] = _measure(publisher, server.url, Path(scratch))
    finally:
        server.close()
    keep("event_log", {"load_before": round(os.getloadavg()[0], 1), "rate": RATE, "turns": ROUNDS * TURNS, **figures})


def _measure(publisher: Publisher, url: str, scratch: Path) -> dict[str, object]:
    engine = open_database(url)
    prepare(engine)
    turns = Turns(publisher)
    others = turns.events()
    log = EventLog(open_database(url), scratch / "spool")
    times: dict[str, list[float]] = {"without": [], "log": [], "plain": []}
    rates: list[float] = []
    turns.block(Sink())
    try:
        for _ in range(ROUNDS):
            nowhere = Sink()
            with _everybody_else(others, nowhere):
                times["without"] += turns.block(nowhere)
            sink, began = Sink(log.append), time.perf_counter()
            with _everybody_else(others, sink):
                times["log"] += turns.block(sink)
            rates.append(sink.taken / (time.perf_counter() - began))
            _until_written(log, engine)
            times["plain"] += turns.block(Sink(lambda events: _plain(engine, events)))
        burst, plain = _burst(log, engine, others), _plainly(engine, others)
    finally:
        log.close()
        engine.dispose()
    p99 = {name: _percentile(found, 99) for name, found in times.items()}
    return {
        "turn_ms": {name: {"p50": _percentile(found, 50), "p99": p99[name]} for name, found in times.items()},
        "added_to_p99_ms": {name: round(p99[name] - p99["without"], 2) for name in ("log", "plain")},
        "events_per_second": {
            "while_turns_run": round(min(rates)), "most": round(burst), "plain": round(plain),
            "most_to_plain": round(burst / plain, 1),
        },
    }  # fmt: skip


class Turns:
    """The same questions, again and again, in conversations of a few turns."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._questions = [placed.question.ask for placed in load(Settings().root).questions][:TURNS]

    def block(self, sink: EventSink) -> list[float]:
        """Ask all of them; seconds of each turn."""
        desk = Desk(self._publisher, MemoryStore(dt.timedelta(hours=1), 5_000), sink)
        times = []
        for number, question in enumerate(self._questions):
            if number % A_CONVERSATION == 0:
                conversation = desk.start().conversation.id
            began = time.perf_counter()
            desk.hear(conversation, question)
            times.append(time.perf_counter() - began)
        return times

    def events(self) -> list[Event]:
        """What they tell."""
        told: list[Event] = []
        self.block(Sink(told.extend))
        return told


@contextmanager
def _everybody_else(others: Sequence[Event], sink: Sink) -> Iterator[None]:
    """Meanwhile other conversations tell so many events that it is `RATE` in all."""
    stop, began, endless = threading.Event(), time.perf_counter(), itertools.cycle(others)

    def tell() -> None:
        while not stop.wait(0.005):
            missing = int((time.perf_counter() - began) * RATE) - sink.taken
            sink.append([replace(event) for event in itertools.islice(endless, max(0, missing))])

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _until_written(log: EventLog, engine: sa.Engine) -> None:
    """Wait until nothing new comes into the database."""
    before = -1
    while (now := _rows(engine)) != before or log.waiting:
        before = now
        time.sleep(0.1)


def _burst(log: EventLog, engine: sa.Engine, others: Sequence[Event]) -> float:
    """Events a second from many at once until the last is in the database."""
    wanted, began = _rows(engine) + BURST, time.perf_counter()
    log.append(list(itertools.islice(itertools.cycle(others), BURST)))
    while _rows(engine) < wanted:
        time.sleep(0.02)
    return BURST / (time.perf_counter() - began)


def _plainly(engine: sa.Engine, others: Sequence[Event]) -> float:
    """Events a second, each inserted and committed by itself."""
    began = time.perf_counter()
    _plain(engine, list(itertools.islice(itertools.cycle(others), PLAIN)))
    return PLAIN / (time.perf_counter() - began)


def _plain(engine: sa.Engine, events: Sequence[Event]) -> None:
    for event in events:
        with engine.begin() as connection:
            connection.execute(sa.insert(table), row_of(os.urandom(16).hex(), event, synthetic=True))


def _rows(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        found: int | None = connection.execute(sa.select(sa.func.max(table.c.id))).scalar_one()
    return found or 0


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100)[percent - 1] * 1000, 2)


if __name__ == "__main__":
    main()
