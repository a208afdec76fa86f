"""Which announcement answers at an instant (domain.md 12-1, 12-5), and a month of it for people to check. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import jpholiday

from bot.dialogue.office_hours import TOKYO, OfficeHours
from voice.flow.model import Telephone
from voice.flow.nodes import Flow
from voice.flow.steps import Situation

LEAD = 18  # signs shown of a wording that is said on some days only


def situation(now: dt.datetime, hours: OfficeHours, emergency: bool = False, busy: bool = False) -> Situation:
    """The strongest state at `now` (any zone): emergency, a closing of its own, after hours, all lines busy, open.

    A day that is closed as an exception is one the whole day; of a day with hours of its own only what would usually
    be open."""
    if emergency:
        return Situation.EMERGENCY
    local = now.astimezone(TOKYO)
    day, time = local.date(), local.time()
    if hours.is_open(local):
        return Situation.OVERFLOW if busy else Situation.OPEN
    if exception := hours.exception(day):
        usual = hours.usually(day)
        if exception.closed or (usual and usual[0] <= time < usual[1]):
            return Situation.EXCEPTION
    return Situation.AFTER_HOURS


@dataclass(frozen=True)
class Day:
    """What the telephone does on a day: `hours` (None: after hours all day), why it is unlike others, the ids of the
    notices and the wordings that are said on this day only because of their period."""

    date: dt.date
    hours: tuple[dt.time, dt.time] | None
    why: str
    notices: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()


def month(hours: OfficeHours, year: int, number: int, telephone: Telephone | None = None) -> list[Day]:
    """Every day of a month. Raises ValueError for a month that does not exist."""
    first = dt.date(year, number, 1)
    dates = (first + dt.timedelta(days=n) for n in range(31))
    return [_day(hours, date, telephone) for date in dates if date.month == number]


def _day(hours: OfficeHours, date: dt.date, telephone: Telephone | None) -> Day:
    notices = telephone.notices if telephone else ()
    flows = telephone.flows.values() if telephone else ()
    return Day(
        date,
        hours.on(date),
        _why(hours, date),
        tuple(notice.id for notice in notices if notice.applies(date)),
        tuple(wording for flow in flows for wording in _wordings(flow, date)),
    )


def _why(hours: OfficeHours, date: dt.date) -> str:
    reasons = []
    if exception := hours.exception(date):
        reasons.append("臨時休業" if exception.closed else "臨時の受付時間")
    if name := jpholiday.is_holiday_name(date):
        reasons.append(str(name))
    if f"{date:%m-%d}" in hours.closed_each_year:
        reasons.append("毎年の休業日")
    return "、".join(reasons)


def _wordings(flow: Flow, date: dt.date) -> Iterator[str]:
    for name, node in flow.nodes.items():
        for place, parts in node.says():
            choice = node.choices[int(place[1])] if place[0] == "choices" and node.choices else None
            where = choice.title if choice else node.title or name
            for part in parts:
                if (part.from_ or part.until) and part.applies(date):
                    what = part.text or part.entry
                    yield f"{flow.title}／{where}「{what[:LEAD]}{'…' if len(what) > LEAD else ''}」"


def table(days: list[Day]) -> list[str]:
    """A month as lines of Japanese text: a line a day, then which notices and wordings are said when."""
    lines = [f"{days[0].date.year}年{days[0].date.month}月の電話", *map(_line, days)]
    for title, rows in (
        ("お知らせ", _spans(days, [day.notices for day in days])),
        ("期間の文", _spans(days, [day.wordings for day in days])),
    ):
        lines += ["", f"{title}:", *(rows or ["  ありません"])]
    return lines


def _line(day: Day) -> str:
    date = f"{day.date.month:>2}月{day.date.day:>2}日（{'月火水木金土日'[day.date.weekday()]}）"
    hours = f"{_clock(day.hours[0])}〜{_clock(day.hours[1])}" if day.hours else "終日時間外"
    return f"{date}  {hours}" + (f"  {day.why}" if day.why else "")


def _clock(time: dt.time) -> str:
    return f"{time.hour}:{time.minute:02}"


def _spans(days: list[Day], said: list[tuple[str, ...]]) -> list[str]:
    """「1日〜5日  what」 for everything that is said, in the order of its first day."""
    rows = []
    for what in dict.fromkeys(one for some in said for one in some):
        dates = [day.date.day for day, some in zip(days, said, strict=True) if what in some]
        rows += [f"  {span}  {what}" for span in _runs(dates)]
    return rows


def _runs(dates: Iterable[int]) -> list[str]:
    runs: list[list[int]] = []
    for date in dates:
        if runs and date == runs[-1][-1] + 1:
            runs[-1].append(date)
        else:
            runs.append([date])
    return [f"{run[0]}日〜{run[-1]}日" if len(run) > 1 else f"{run[0]}日" for run in runs]
