"""When people answer the telephone (domain.md 11-1, 12-1). Pure; every time is Asia/Tokyo."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import jpholiday
from pydantic import BeforeValidator, Field

from bot.knowledge.findings import Finding
from bot.knowledge.models import Strict
from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import read

TOKYO = ZoneInfo("Asia/Tokyo")


def _clock(text: object) -> object:
    """8:30 as people write it, 08:30:00 as JSON does; anything else raises ValueError, which pydantic reports."""
    if not isinstance(text, str):
        return text
    return dt.datetime.strptime(text.removesuffix(":00") if text.count(":") > 1 else text, "%H:%M").time()


Clock = Annotated[dt.time, BeforeValidator(_clock)]


class Hours(Strict):
    """`open` is inside, `close` is not: 8:30:00 is open, 17:15:00 is closed."""

    open: Clock
    close: Clock


class ExceptionDay(Strict):
    """A day that is unlike its kind: closed, or open at hours of its own."""

    date: dt.date
    closed: bool = False
    open: Clock | None = None
    close: Clock | None = None


class OfficeHours(Strict):
    """The calendar of `ivr_flows/calendar.yaml`. Exception days win over everything else."""

    hours: Hours
    closed_each_year: tuple[Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")], ...] = ()
    exceptions: tuple[ExceptionDay, ...] = ()

    def on(self, day: dt.date) -> tuple[dt.time, dt.time] | None:
        """Opening and closing time of a day, None if closed."""
        if exception := self.exception(day):
            usual = (self.hours.open, self.hours.close)
            return None if exception.closed else (exception.open or usual[0], exception.close or usual[1])
        return self.usually(day)

    def usually(self, day: dt.date) -> tuple[dt.time, dt.time] | None:
        """As `on`, but for the exception days."""
        closed = day.weekday() >= 5 or jpholiday.is_holiday(day) or f"{day:%m-%d}" in self.closed_each_year
        return None if closed else (self.hours.open, self.hours.close)

    def exception(self, day: dt.date) -> ExceptionDay | None:
        """The exception day of this date, if it is one."""
        return next((exception for exception in self.exceptions if exception.date == day), None)

    def is_open(self, now: dt.datetime) -> bool:
        """Whether somebody answers at an instant (any zone)."""
        local = now.astimezone(TOKYO)
        hours = self.on(local.date())
        return hours is not None and hours[0] <= local.time() < hours[1]

    def next_opening(self, now: dt.datetime) -> dt.datetime:
        """The next opening after an instant; looks 60 days ahead, then raises LookupError."""
        local = now.astimezone(TOKYO)
        for ahead in range(60):
            day = local.date() + dt.timedelta(days=ahead)
            hours = self.on(day)
            if hours and (opening := dt.datetime.combine(day, hours[0], TOKYO)) > local:
                return opening
        raise LookupError("no opening within 60 days: see ivr_flows/calendar.yaml")


def load_office_hours(root: Path) -> tuple[OfficeHours | None, list[Finding]]:
    """Read `ivr_flows/calendar.yaml` below `root`."""
    document, findings = read(root / "ivr_flows" / "calendar.yaml", root)
    if document is None:
        return None, findings
    hours, found = validate(OfficeHours, document.data, document)
    return hours, findings + found


def spoken(moment: dt.datetime) -> str:
    """11月24日（火）午前8時30分"""
    local = moment.astimezone(TOKYO)
    half, hour = ("午前", local.hour) if local.hour < 12 else ("午後", local.hour - 12)
    minute = f"{local.minute}分" if local.minute else ""
    return f"{local.month}月{local.day}日（{'月火水木金土日'[local.weekday()]}）{half}{hour}時{minute}"
