"""Until when a report is to be handed in, and which rule says so (domain.md 13-3)."""

from __future__ import annotations

import datetime as dt

from bot.analytics.period import Period, Span
from bot.dialogue.office_hours import Hours, OfficeHours

_BUSINESS = OfficeHours(
    hours=Hours(open=dt.time(8, 30), close=dt.time(17, 15)),
    closed_each_year=("12-29", "12-30", "12-31", "01-01", "01-02", "01-03"),
)
"""Days of the prefecture's offices; how long they are open does not matter here."""


def business_day(after: dt.date, number: int) -> dt.date:
    """The `number`-th business day after a date: no Saturday, Sunday, holiday, nor 12-29 to 01-03."""
    day = after
    while number:
        day += dt.timedelta(days=1)
        number -= _BUSINESS.usually(day) is not None
    return day


def due(period: Period) -> str:
    """The date and the rule, as a sentence."""
    if period.span is Span.MONTH:
        day = business_day(period.last, 3)
        return f"提出の期日：{Period.day(day).title}（各月の業務完了後 3業務日以内。埼玉県の仕様書 別紙4）"
    day = business_day(period.last, 1)
    if period.span is Span.WEEK:
        return f"提出のめやす：{Period.day(day).title}（各週の業務完了後すみやかに。埼玉県の仕様書 別紙4）"
    return (
        f"提出の期日：{Period.day(day).title} 午前10時（翌営業日の午前10時まで。千葉市の決まり。"
        "埼玉県では毎日作り、県が求めたときに見せます）"
    )
