"""What an address asks for: a stretch of days, words to search for. What can't be read is told, never refused."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.analytics.period import Period
from bot.console.japanese import day

UNITS = {"day": "日ごと", "week": "週ごと", "month": "月ごと"}
LONGEST_DAYS = 1100
EARLIEST = dt.date(2020, 1, 1)
FISCAL_MONTH = 4


@dataclass(frozen=True)
class Stretch:
    """The days to show, in pieces of `unit`. `notes` tell what could not be taken over and what to know of them."""

    period: Period
    unit: str
    notes: tuple[str, ...] = ()
    preset: str = ""

    @property
    def query(self) -> str:
        """The same stretch for a link."""
        first, last = self.period.first.isoformat(), self.period.last.isoformat()
        return urlencode({"from": first, "to": last, "unit": self.unit})

    def pieces(self) -> list[Period]:
        """Its days, weeks (from Monday) or months, cut off at both ends."""
        make = {"day": Period.day, "week": Period.week, "month": Period.month}[self.unit]
        found, at = [], self.period.first
        while at <= self.period.last:
            whole = make(at)
            last = min(whole.last, self.period.last)
            found.append(Period(whole.span, max(whole.first, self.period.first), last))
            at = last + dt.timedelta(days=1)
        return found

    def before(self) -> Period:
        """What it is compared with: the month before a whole month, else as many days just before."""
        return preceding(self.period)


def preceding(period: Period) -> Period:
    """The month before a whole month, else as many days just before."""
    month = Period.month(period.first)
    return month.before if period.last == month.last and period.first == month.first else period.before


def presets(today: dt.date) -> dict[str, tuple[str, Period]]:
    """What staff pick by one press: name → (title, days)."""
    month = Period.month(today)
    year = today.year if today.month >= FISCAL_MONTH else today.year - 1
    fiscal = Period.days(dt.date(year, FISCAL_MONTH, 1), dt.date(year + 1, FISCAL_MONTH, 1) - dt.timedelta(days=1))
    return {
        "month": ("今月", month),
        "last_month": ("先月", month.before),
        "last_30": ("直近30日", Period.days(today - dt.timedelta(days=29), today)),
        "fiscal": ("今年度", fiscal),
    }


def chosen(query: Mapping[str, str], today: dt.date, default: str = "last_30") -> Stretch:
    """The stretch of `?from=&to=&unit=` or `?preset=`; what can't be read is told and replaced by the default."""
    ready = presets(today)
    notes: list[str] = []
    unit = query.get("unit", "")
    if unit not in UNITS:
        if unit:
            notes.append("まとめ方を読めなかったので、日ごとに出しています。")
        unit = ""
    preset = query.get("preset", "")
    if preset in ready:
        period = ready[preset][1]
    else:
        read = _read(query, today, notes)
        period = read or ready[default][1]
        preset = "" if read else default
    unit = unit or ("month" if (period.last - period.first).days > 120 else "day")
    return Stretch(period, unit, (*notes, *told(period, today)), preset)


def _read(query: Mapping[str, str], today: dt.date, notes: list[str]) -> Period | None:
    """The days between `from` and `to`; None if neither is given, or can't be used."""
    ends = {}
    for name, title in (("from", "始まりの日"), ("to", "終わりの日")):
        text = query.get(name, "").strip()
        try:
            ends[name] = dt.date.fromisoformat(text) if text else None
        except ValueError:
            notes.append(f"{title}を日付として読めませんでした。2026-10-01 の形で入れてください。")
            return None
    first, last = ends["from"], ends["to"]
    if first is None and last is None:
        return None
    first, last = first or last, last or min(today, (first or today) + dt.timedelta(days=LONGEST_DAYS - 1))
    assert first is not None
    if first > last:
        notes.append("始まりの日が終わりの日よりあとなので、入れ替えました。")
        first, last = last, first
    if first < EARLIEST or last.year > today.year + 2:
        notes.append(f"{EARLIEST.year}年から{today.year + 2}年までの日を入れてください。")
        return None
    if (last - first).days >= LONGEST_DAYS:
        last = first + dt.timedelta(days=LONGEST_DAYS - 1)
        notes.append(f"一度に見られるのは{LONGEST_DAYS}日までなので、{day(last)}までにしました。")
    return Period.days(first, last)


def told(period: Period, today: dt.date) -> list[str]:
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
