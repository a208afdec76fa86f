"""Reads stored events as they were told. Streams: a few thousand rows at a time, each batch a query of its own, so that
nothing is held open while somebody works on what was read.

A row that can't be read (broken JSON, a name or a version of facts that is not known here) is left out; how many were
is logged, without what is in them.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from bot.analytics.period import DAY, Period, moment
from bot.database.tables import events as table
from bot.dialogue.events import FACTS_VERSION, Event, Happened

log = logging.getLogger(__name__)

BATCH = 5000  # rows
BEGINNINGS = (Happened.CONVERSATION_STARTED, Happened.CALL_RECEIVED)
_COLUMNS = [table.c[name] for name in ("id", "version", "name", "at", "conversation", "text", "facts", "synthetic")]
Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
Query: TypeAlias = "sa.Select[*tuple[Any, ...]]"


class UnreadableRow(ValueError):
    """A row that is no event as this version knows them."""


def event_of(row: Row) -> Event:
    """The event of a row with the columns of `select_events`. Raises UnreadableRow."""
    _, version, name, at, conversation, text, facts, _ = row
    try:
        told = json.loads(facts)
        if version > FACTS_VERSION or not isinstance(told, dict):
            raise UnreadableRow
        if text is not None:
            told["text"] = text
        return Event(Happened(name), moment(at), conversation, told)
    except (ValueError, OverflowError, OSError, RecursionError):
        raise UnreadableRow from None


def readable(rows: Iterable[Row]) -> Iterator[Event]:
    """The events of rows; logs how many were left out."""
    left_out = 0
    for row in rows:
        try:
            yield event_of(row)
        except UnreadableRow:
            left_out += 1
    if left_out:
        log.warning("%d events can't be read and are left out", left_out)


def select_events() -> Query:
    """What `event_of` reads."""
    return sa.select(*_COLUMNS)


@dataclass(frozen=True)
class Extent:
    """How many events a day has, and the last of them (0 if it has none)."""

    last: int
    count: int


@dataclass(frozen=True)
class Reader:
    """Reads one database. Safe to use from several threads."""

    database: sa.Engine

    def rows(
        self, day: dt.date, after: int = 0, through: int | None = None, names: Collection[str] = ()
    ) -> Iterator[Row]:
        """Rows of a day with after < id <= through, in the order of their ids."""
        wanted = select_events().where(table.c.day == day.isoformat())
        if names:
            wanted = wanted.where(table.c.name.in_([str(name) for name in names]))
        return self._stream(wanted, after, through)

    def later_rows(self, day: dt.date, after: int, through: int) -> Iterator[Row]:
        """Rows of the next day that belong to conversations and calls which began on `day`."""
        begun = sa.select(table.c.conversation).where(
            table.c.day == day.isoformat(), table.c.name.in_([str(name) for name in BEGINNINGS])
        )
        next_day = (day + DAY).isoformat()
        wanted = select_events().where(table.c.day == next_day, table.c.conversation.in_(begun))
        return self._stream(wanted, after, through)

    def _stream(self, wanted: Query, after: int, through: int | None) -> Iterator[Row]:
        if through is not None:
            wanted = wanted.where(table.c.id <= through)
        wanted = wanted.order_by(table.c.id).limit(BATCH)
        while rows := self.fetch(wanted.where(table.c.id > after)):
            yield from rows
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    def events(self, period: Period, names: Collection[Happened] = ()) -> Iterator[Event]:
        """Every event of these days, oldest day first and by id within a day; `names`: only those."""
        return readable(row for day in period for row in self.rows(day, names=names))

    def extent(self, day: dt.date) -> Extent:
        """How far the events of a day go."""
        found = self.fetch(sa.select(sa.func.max(table.c.id), sa.func.count()).where(table.c.day == day.isoformat()))[0]
        return Extent(found[0] or 0, found[1])

    def last_ids(self, days: Sequence[dt.date]) -> dict[dt.date, int]:
        """The last event of each day, 0 for none: a seek in the index a day, however many events there are."""
        found: dict[dt.date, int] = {}
        for start in range(0, len(days), 100):
            some = days[start : start + 100]
            maxima = [
                sa.select(sa.func.max(table.c.id)).where(table.c.day == day.isoformat()).scalar_subquery()
                for day in some
            ]
            row = self.fetch(sa.select(*(each.label(f"d{n}") for n, each in enumerate(maxima))))[0]
            found |= {day: last or 0 for day, last in zip(some, row, strict=True)}
        return found

    def first_day(self) -> dt.date:
        """The first day of which events are still there; publications don't count, retention leaves them."""
        told = table.c.name != Happened.KNOWLEDGE_PUBLISHED.value
        found = self.fetch(sa.select(table.c.day).where(told).order_by(table.c.day).limit(1))
        return dt.date.fromisoformat(found[0][0]) if found else dt.date.max

    def days_with_events(self, before: dt.date) -> Iterator[dt.date]:
        """Days with events, oldest first: a seek a day."""
        day = ""
        while (
            day := self.fetch(
                sa.select(sa.func.min(table.c.day)).where(table.c.day > day, table.c.day < before.isoformat())
            )[0][0]
            or ""
        ):
            yield dt.date.fromisoformat(day)

    def fetch(self, query: Query) -> Sequence[Row]:
        """All rows of a query."""
        with self.database.connect() as connection:
            return connection.execute(query).fetchall()
