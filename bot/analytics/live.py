"""The figures of a day while it goes on: only what is new is read each time."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.analytics.period import DAY, Period
from bot.analytics.reading import Reader, Row, readable
from bot.analytics.summary import Summary
from bot.analytics.tally import Tally


@dataclass(frozen=True)
class Counted:
    """A day as far as event `through`. `synthetic`: it holds events made up for trying things out."""

    summary: Summary
    synthetic: bool
    through: int


class DayCount:
    """Counts one day, and how its conversations went on after midnight."""

    def __init__(self, reader: Reader, day: dt.date) -> None:
        self._reader, self._day = reader, day
        self._start()

    def _start(self) -> None:
        self._tally = Tally(Period.day(self._day))
        self._last = self._seen = self._later = 0
        self._synthetic = False
        self._counted: Counted | None = None

    def catch_up(self) -> Counted:
        """Count what is new. Where that is not just more at the end (events came late from a spool, or were deleted),
        everything is counted again."""
        extent = self._reader.extent(self._day)
        later = self._reader.last_ids([self._day + DAY])[self._day + DAY]
        if self._counted and (extent.last, extent.count, later) == (self._last, self._seen, self._later):
            return self._counted
        if self._later and extent.last > self._last:
            self._start()
        self._read(extent.last)
        if self._seen != extent.count:
            self._start()
            self._read(extent.last)
        self._add(self._reader.later_rows(self._day, self._later, later))
        self._later = later
        self._counted = Counted(self._tally.summary(), self._synthetic, max(self._last, self._later))
        return self._counted

    def _read(self, last: int) -> None:
        self._seen += self._add(self._reader.rows(self._day, self._last, last))
        self._last = last

    def _add(self, rows: Iterable[Row]) -> int:
        count = 0

        def noted() -> Iterator[Row]:
            nonlocal count
            for row in rows:
                count += 1
                self._synthetic = self._synthetic or bool(row.synthetic)
                yield row

        for event in readable(noted()):
            self._tally.add(event)
        return count


class Live:
    """Today and the day before it, whose conversations may still go on. Safe to use from several threads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._days: dict[dt.date, DayCount] = {}
        self._lock = threading.Lock()

    def of(self, day: dt.date, today: dt.date) -> Counted:
        """A day that is not over for good; days that are over by `today` are forgotten."""
        with self._lock:
            self._days = {each: count for each, count in self._days.items() if is_open(each, today)}
            return self._days.setdefault(day, DayCount(self._reader, day)).catch_up()


def is_open(day: dt.date, today: dt.date) -> bool:
    """Whether its figures may still grow as they should: today and yesterday."""
    return today - DAY <= day <= today
