"""電話の暦: what answers the telephone on which day of a month."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import jpholiday
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from bot.analytics.period import DAY, TOKYO, Period
from bot.console.context import CalendarDay, ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.console.query import EARLIEST
from bot.console.states import emergency_state, office_state
from bot.dialogue.office_hours import OfficeHours

AHEAD_YEARS = 3


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/calendar?month=2026-12`."""
    pages = frame.router()

    @pages.get("/calendar")
    def calendar(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = context.desk.clock().astimezone(TOKYO).date()
        month, notes = _month(request.query_params.get("month", ""), today)
        days = _days(context, month)
        return frame.page(
            request, "calendar.html", month=month, weeks=_weeks(days), today=today, notes=notes, earlier=month.before,
            later=Period.month(month.last + DAY), office=office_state(context), emergency=emergency_state(context),
            notices=_notices(days),
        )  # fmt: skip

    return pages


def _month(asked: str, today: dt.date) -> tuple[Period, list[str]]:
    """The month that is asked for, else this one and why."""
    if not asked:
        return Period.month(today), []
    try:
        found = Period.read_month(asked)
    except ValueError:
        return Period.month(today), ["月を読めませんでした。2026-12 の形で入れてください。今月を出しています。"]
    if not EARLIEST <= found.first <= dt.date(today.year + AHEAD_YEARS, 12, 31):
        years = f"{EARLIEST.year}年から{today.year + AHEAD_YEARS}年まで"
        return Period.month(today), [f"{years}の月を選んでください。今月を出しています。"]
    return found, []


def _days(context: ConsoleContext, month: Period) -> list[CalendarDay]:
    """Every day: from the telephone, or from the calendar alone where there is none."""
    if context.telephone is not None:
        return context.telephone.calendar(month.first.year, month.first.month)
    hours = context.desk.published.hours
    return [CalendarDay(day, _hours(hours, day), _why(hours, day)) for day in month]


def _weeks(days: list[CalendarDay]) -> list[list[CalendarDay | None]]:
    """Seven days a row from Monday, None before the first and after the last."""
    cells = [*[None] * days[0].date.weekday(), *days, *[None] * (6 - days[-1].date.weekday())]
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def _notices(days: list[CalendarDay]) -> list[tuple[str, list[tuple[dt.date, dt.date]]]]:
    """What is said on some days only: (notice, [(first day, last day)…])."""
    found: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for day in days:
        for notice in day.notices:
            spans = found.setdefault(notice, [])
            if spans and spans[-1][1] == day.date - DAY:
                spans[-1] = (spans[-1][0], day.date)
            else:
                spans.append((day.date, day.date))
    return list(found.items())


def _hours(hours: OfficeHours, day: dt.date) -> str:
    found = hours.on(day)
    return f"{found[0].hour}:{found[0]:%M}〜{found[1].hour}:{found[1]:%M}" if found else "終日時間外"


def _why(hours: OfficeHours, day: dt.date) -> str:
    reasons = [str(jpholiday.is_holiday_name(day) or "")]
    if exception := hours.exception(day):
        reasons.insert(0, "臨時休業" if exception.closed else "臨時の受付時間")
    if f"{day:%m-%d}" in hours.closed_each_year:
        reasons.append("毎年の休業日")
    return "、".join(filter(None, reasons))
