"""Stretches of days in Asia/Tokyo: a day, a week from Monday, a month, any other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = dt.timedelta(days=1)
YEARS = range(2000, 2200)
WEEKDAYS = "月火水木金土日"


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    DAYS = "days"  # from one day to another


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both included."""

    span: Span
    first: dt.date
    last: dt.date

    @classmethod
    def day(cls, date: dt.date) -> Period:
        """One day."""
        return cls(Span.DAY, date, date)

    @classmethod
    def week(cls, date: dt.date) -> Period:
        """The week, Monday to Sunday, in which `date` lies."""
        monday = date - dt.timedelta(days=date.weekday())
        return cls(Span.WEEK, monday, monday + dt.timedelta(days=6))

    @classmethod
    def month(cls, date: dt.date) -> Period:
        """The month in which `date` lies."""
        first = date.replace(day=1)
        return cls(Span.MONTH, first, (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1))

    @classmethod
    def days(cls, first: dt.date, last: dt.date) -> Period:
        """Any days. Raises ValueError if `last` is before `first`."""
        if last < first:
            raise ValueError(f"{last} is before {first}")
        return cls(Span.DAYS, first, last)

    @classmethod
    def read_month(cls, text: str) -> Period:
        """2026-10. Raises ValueError, also for a year out of `YEARS`."""
        if len(text) != len("2026-10"):  # strptime takes 2026-1 as well
            raise ValueError(f"{text} is not like 2026-10")
        first = dt.datetime.strptime(text, "%Y-%m").date()
        if first.year not in YEARS:
            raise ValueError(f"{first.year} is not in {YEARS}")
        return cls.month(first)

    @property
    def before(self) -> Period:
        """The period of the same kind before this one; of any days, as many days."""
        if self.span is Span.DAYS:
            return Period.days(self.first - (self.last - self.first + DAY), self.first - DAY)
        make = {Span.DAY: Period.day, Span.WEEK: Period.week, Span.MONTH: Period.month}[self.span]
        return make(self.first - DAY)

    @property
    def title(self) -> str:
        """2026年10月, 2026年10月5日〜11日, 2026年10月5日（月）"""
        first, last = self.first, self.last
        if self.span is Span.MONTH:
            return f"{first.year}年{first.month}月"
        if self.span is Span.DAY:
            return f"{first.year}年{first.month}月{first.day}日（{WEEKDAYS[first.weekday()]}）"
        end = f"{last.day}日"
        if (last.year, last.month) != (first.year, first.month):
            end = f"{last.month}月{end}" if last.year == first.year else f"{last.year}年{last.month}月{end}"
        return f"{first.year}年{first.month}月{first.day}日〜{end}"

    def __iter__(self) -> Iterator[dt.date]:
        """Every day, in order."""
        return (self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def unfinished(self, today: dt.date) -> bool:
        """Whether days are still to come (today included)."""
        return today <= self.last

    def ahead(self, today: dt.date) -> bool:
        """Whether it has not begun yet."""
        return today < self.first


def instant(moment: dt.datetime) -> int:
    """Microseconds since 1970 in UTC. `moment` has a zone."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def moment(at: int) -> dt.datetime:
    """The instant as a time in Asia/Tokyo."""
    return dt.datetime.fromtimestamp(at // 1_000_000, TOKYO) + dt.timedelta(microseconds=at % 1_000_000)


def day_of(moment: dt.datetime) -> str:
    """The day in Asia/Tokyo, as the tables keep it."""
    return moment.astimezone(TOKYO).date().isoformat()
