"""What the address of a page asks for: which days, which words. What can't be read is told, never refused."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.analytics.period import DAY, Period
from bot.console.japanese import day

UNITS = {"day": "日ごと", "week": "週ごと", "month": "月ごと"}
LONGEST_DAYS = 1100
EARLIEST = dt.date(2020, 1, 1)
AHEAD_YEARS = 2
FISCAL_MONTH = 4
DAYS_SHOWN_SINGLY, DAYS_SHOWN_BY_WEEK = 62, 200  # more of them are put together, unless another way is asked for


@dataclass(frozen=True)
class ChosenPeriod:
    """The days to show, in pieces of `unit`. `notes` tell what could not be taken over and what to know of them,
    `ready` are the periods offered as links: (title, period)."""

    period: Period
    unit: str
    today: dt.date
    notes: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The same days in the same pieces, for a link."""
        return f"{days_query(self.period)}&{urlencode({'unit': self.unit})}"

    @property
    def ready(self) -> list[tuple[str, Period]]:
        """The periods that staff pick by one press."""
        return list(ready_periods(self.today).values())

    @property
    def after(self) -> Period:
        """The next period of the same kind."""
        start = self.period.last + DAY
        return whole(start, start + (self.period.last - self.period.first), self.period.span)

    def pieces(self) -> list[Period]:
        """Its days, weeks (from Monday) or months, cut off at both ends."""
        make = {"day": Period.day, "week": Period.week, "month": Period.month}[self.unit]
        found, at = [], self.period.first
        while at <= self.period.last:
            piece = make(at)
            last = min(piece.last, self.period.last)
            found.append(Period(piece.span, max(piece.first, self.period.first), last))
            at = last + DAY
        return found


def days_query(period: Period) -> str:
    """`from=2026-10-01&to=2026-10-31`"""
    return urlencode({"from": period.first.isoformat(), "to": period.last.isoformat()})


def whole(first: dt.date, last: dt.date, kind: str = "") -> Period:
    """The month, week or day that these days are, else just the days. `kind`: the span that it is to be."""
    for make in (Period.month, Period.week, Period.day):
        found = make(first)
        if found.first == first and (found.last == last or found.span == kind):
            return found
    return Period.days(first, last)


def ready_periods(today: dt.date) -> dict[str, tuple[str, Period]]:
    """Name → (title, days)."""
    month = Period.month(today)
    year = today.year if today.month >= FISCAL_MONTH else today.year - 1
    fiscal = Period.days(dt.date(year, FISCAL_MONTH, 1), dt.date(year + 1, FISCAL_MONTH, 1) - DAY)
    return {
        "today": ("今日", Period.day(today)),
        "week": ("今週", Period.week(today)),
        "month": ("今月", month),
        "last_month": ("先月", month.before),
        "last_30": ("直近30日", Period.days(today - 29 * DAY, today)),
        "fiscal": ("今年度", fiscal),
    }


def chosen_period(query: Mapping[str, str], today: dt.date, default: str = "last_30") -> ChosenPeriod:
    """The days of `?from=&to=&unit=` or `?month=`; what can't be read is told and replaced by the default."""
    notes: list[str] = []
    unit = query.get("unit", "")
    if unit not in UNITS:
        if unit:
            notes.append("まとめ方を読めなかったので、期間の長さに合わせました。")
        unit = ""
    period = _read(query, today, notes) or ready_periods(today)[default][1]
    return ChosenPeriod(period, unit or _unit_for(period), today, (*notes, *_told(period, today)))


def _unit_for(period: Period) -> str:
    length = (period.last - period.first).days + 1
    return "day" if length <= DAYS_SHOWN_SINGLY else "week" if length <= DAYS_SHOWN_BY_WEEK else "month"


def _read(query: Mapping[str, str], today: dt.date, notes: list[str]) -> Period | None:
    """The days between `from` and `to`, or of `month`; None if none is given, or can't be used."""
    try:
        month = query.get("month", "").strip()
        found = Period.read_month(month) if month else None
    except ValueError:
        notes.append("月を読めませんでした。2026-10 の形で入れてください。")
        return None
    first, last = (found.first, found.last) if found else (None, None)
    for name, title in (("from", "始まりの日"), ("to", "終わりの日")):
        text = query.get(name, "").strip()
        try:
            date = dt.date.fromisoformat(text) if text and not found else None
        except ValueError:
            notes.append(f"{title}を日付として読めませんでした。2026-10-01 の形で入れてください。")
            return None
        first, last = (date or first, last) if name == "from" else (first, date or last)
    return _usable(first, last, today, notes)


def _usable(first: dt.date | None, last: dt.date | None, today: dt.date, notes: list[str]) -> Period | None:
    """The days in order and not too many; one end may be missing. None for days that can't be shown."""
    if first is None and last is None:
        return None
    first = first or last or today
    last = last or max(first, today)
    if first > last:
        notes.append("始まりの日が終わりの日よりあとなので、入れ替えました。")
        first, last = last, first
    if first < EARLIEST or last.year > today.year + AHEAD_YEARS:
        notes.append(f"{EARLIEST.year}年から{today.year + AHEAD_YEARS}年までの日を入れてください。")
        return None
    if (last - first).days >= LONGEST_DAYS:
        last = first + dt.timedelta(days=LONGEST_DAYS - 1)
        notes.append(f"一度に見られるのは{LONGEST_DAYS}日までなので、{day(last)}までにしました。")
    return whole(first, last)


def _told(period: Period, today: dt.date) -> list[str]:
    """What to know of a period: to come, or not over yet."""
    if period.ahead(today):
        return ["まだ始まっていない期間です。数字は0のままです。"]
    if period.unfinished(today):
        return ["途中の期間です。今日までの数字で、これから増えます。"]
    return []


def line(text: str | None, most: int) -> str:
    """One line of at most so many signs; "" for nothing."""
    kept = "".join(" " if sign.isspace() else sign for sign in text or "")
    plain = "".join(sign for sign in kept if unicodedata.category(sign) not in {"Cc", "Cs", "Cn"})
    return " ".join(plain.split())[:most]
