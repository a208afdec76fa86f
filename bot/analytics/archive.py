"""All that was counted and said, read from the database. Past days are counted once and kept (`day_summaries`)."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.analytics import questions, talks
from bot.analytics.content import ContentChanges, content_changes
from bot.analytics.live import Counted, DayCount, Live, is_open
from bot.analytics.period import DAY, TOKYO, Period
from bot.analytics.questions import Asked, Rating, Unanswered
from bot.analytics.reading import Reader
from bot.analytics.summary import Summary, added_up
from bot.analytics.talks import Search, Talks
from bot.analytics.tally import VERSION
from bot.database.tables import day_summaries
from bot.dialogue.events import Event, Happened

log = logging.getLogger(__name__)

EMPTY = Counted(Summary(), False, 0)


@dataclass(frozen=True)
class _Kept:
    version: int
    through: int
    counted: Counted


def now_in_tokyo() -> dt.datetime:
    """The clock."""
    return dt.datetime.now(TOKYO)


class Archive:
    """One for a process. Every method may be called from any thread; all raise sqlalchemy.exc.SQLAlchemyError when the
    database is away."""

    def __init__(self, database: sa.Engine, clock: Callable[[], dt.datetime] = now_in_tokyo) -> None:
        self._database, self._clock = database, clock
        self._reader = Reader(database)
        self._live = Live(self._reader)
        self._counting = threading.Lock()

    # -- figures -----------------------------------------------------------------------------------------------

    def days(self, period: Period) -> dict[dt.date, Summary]:
        """Every day of the period; days to come are empty."""
        return {day: counted.summary for day, counted in self._days(period).items()}

    def of(self, period: Period) -> Summary:
        """The whole period."""
        return added_up(self.days(period).values())

    def synthetic(self, period: Period) -> bool:
        """Whether any of it was made up (`madoguchi demo`): to be said wherever its figures are shown."""
        return any(counted.synthetic for counted in self._days(period).values())

    def refresh(self, stop: threading.Event) -> None:
        """Count ahead of who asks, until `stop` is set: past days, then what there is of the two that are open."""
        today = self._today()
        self.count_past(today - DAY, stop)
        if not stop.is_set():
            self._days(Period.days(today - DAY, today))

    def count_past(self, before: dt.date, stop: threading.Event) -> None:
        """Count every day before this one that is missing or outdated, oldest first, until `stop` is set."""
        for day in self._reader.days_with_events(before):
            if stop.is_set():
                return
            self._days(Period.day(day))

    def _today(self) -> dt.date:
        return self._clock().astimezone(TOKYO).date()

    def _days(self, period: Period) -> dict[dt.date, Counted]:
        today = self._today()
        past = [day for day in period if day < today - DAY]
        found = self._past(past) if past else {}
        for day in period:
            if is_open(day, today):
                found[day] = self._live.of(day, today)
        return {day: found.get(day, EMPTY) for day in period}

    def _past(self, days: list[dt.date]) -> dict[dt.date, Counted]:
        kept = self._kept(days)
        last = self._reader.last_ids(sorted({*days, *(day + DAY for day in days)}))
        whole_from = self._reader.first_day()
        found = {day: each.counted for day, each in kept.items()}
        for day in days:
            through = max(last[day], last[day + DAY]) if last[day] else 0
            if _outdated(kept.get(day), through, whole_from <= day):
                found[day] = self._count(day, through)
        return found

    def _count(self, day: dt.date, through: int) -> Counted:
        """Count a day and keep what came of it; of two threads that want it, the second finds it done."""
        with self._counting:
            kept = self._kept([day]).get(day)
            if kept and not _outdated(kept, through, whole=True):
                return kept.counted
            counted = DayCount(self._reader, day).catch_up()
            self._keep(day, counted)
            return counted

    def _kept(self, days: list[dt.date]) -> dict[dt.date, _Kept]:
        found = {}
        wanted = sa.select(day_summaries).where(day_summaries.c.day.between(days[0].isoformat(), days[-1].isoformat()))
        for row in self._reader.fetch(wanted):
            try:
                counted = Counted(Summary.from_json(row.summary), bool(row.synthetic), row.through)
                found[dt.date.fromisoformat(row.day)] = _Kept(row.version, row.through, counted)
            except (ValueError, RecursionError):
                log.warning("the kept figures of %s can't be read", row.day)
        return found

    def _keep(self, day: dt.date, counted: Counted) -> None:
        row = {
            "day": day.isoformat(), "version": VERSION, "through": counted.through,
            "summary": counted.summary.to_json(), "synthetic": counted.synthetic,
        }  # fmt: skip
        try:
            with self._database.begin() as connection:
                connection.execute(sa.delete(day_summaries).where(day_summaries.c.day == row["day"]))
                connection.execute(sa.insert(day_summaries), row)
        except SQLAlchemyError as error:  # counted again next time; or another process was quicker
            log.warning("figures of %s not kept: %s", day, type(error).__name__)

    # -- what was said (the modules say more) ------------------------------------------------------------------

    def events(self, period: Period, names: Collection[Happened] = ()) -> Iterator[Event]:
        """Events of these days, oldest first, a batch at a time; facts include "text". `names`: only those."""
        return self._reader.events(period, names)

    def unanswered(self, period: Period, limit: int = 500) -> list[Unanswered]:
        """Questions without an answer, most frequent first; those that differ only in signs are one."""
        return questions.unanswered(self._reader, period, limit)

    def latest_unanswered(self, limit: int = 10) -> list[Unanswered]:
        """The newest questions of today without an answer, one by one."""
        return questions.latest_unanswered(self._reader, self._today(), limit)

    def words_for(self, entry: str, period: Period, limit: int = 100) -> list[Asked]:
        """By which words an entry was asked for: questions for which it was the best match, most frequent first."""
        return questions.words_for(self._reader, entry, period, limit)

    def confused_with(self, entry: str, period: Period) -> list[tuple[str, int]]:
        """Entries that were offered beside it, and how often."""
        return questions.confused_with(self._reader, entry, period)

    def ratings(self, period: Period, entry: str = "", helpful: bool | None = None, limit: int = 100) -> list[Rating]:
        """What residents thought of answers, newest first."""
        return questions.ratings(self._reader, period, entry, helpful, limit)

    def conversations(self, search: Search, limit: int = 50) -> Talks:
        """Conversations and calls, newest first."""
        return talks.conversations(self._reader, search, self._today(), limit)

    def conversation(self, id_: str, cursor: str = "") -> list[Event]:
        """All that happened in a conversation or call, oldest first; of an id that was used again, the newest talk or
        the one with this `Talk.cursor`."""
        return talks.conversation(self._reader, id_, cursor)

    def content_changes(self, period: Period) -> ContentChanges:
        """What became of the content between the publications before and at the end of the period."""
        return content_changes(self._reader, period, self._today())


def _outdated(kept: _Kept | None, through: int, whole: bool) -> bool:
    """Whether a past day is to be counted (again). `through`: its last event now, or that of the day after it; `whole`:
    retention has not taken its events. With them gone, what was kept stays."""
    if through == 0 or kept is None:
        return through > 0
    return whole and (kept.version != VERSION or kept.through < through)
