"""Makes the Report once: everything that Excel, HTML and PDF show, in order and titled; and until when it is due."""

from __future__ import annotations

import datetime as dt

from bot.analytics.archive import Archive
from bot.analytics.names import SYNTHETIC
from bot.analytics.period import TOKYO, Period, Span
from bot.analytics.summary import Summary, added_up
from bot.dialogue.office_hours import Hours, OfficeHours
from bot.knowledge.models import Knowledge
from bot.report import chat_sections, other_sections
from bot.report.highlights import highlights
from bot.report.model import Report, ReportError, Section
from bot.report.source import Source

KINDS = {Span.MONTH: "月次", Span.WEEK: "週次", Span.DAY: "日次", Span.DAYS: "期間"}
NO_RECORDS = "この期間の記録はありません"


def collect(archive: Archive, period: Period, knowledge: Knowledge, now: dt.datetime) -> Report:
    """The report of a period. `now` only counts while the period is unfinished: later the report stays the same.
    Raises ReportError for a period that has not begun, sqlalchemy.exc.SQLAlchemyError when the database is away."""
    now = now.astimezone(TOKYO)
    if period.ahead(now.date()):
        raise ReportError(f"{period.title}は、まだ始まっていません（今日は{Period.day(now.date()).title}）。")
    source = _read(archive, period, knowledge, now.date())
    return Report(
        title=f"FAQチャットボット・自動音声案内 利用状況（{KINDS[period.span]}）",
        period=period.title,
        marks=_marks(archive, source, now),
        due=due(period),
        highlights=highlights(source),
        sections=_sections(source),
        created=now if period.unfinished(now.date()) else _end(period),
    )


def _read(archive: Archive, period: Period, knowledge: Knowledge, today: dt.date) -> Source:
    counted = archive.days(period)
    days = {day: counted.get(day, Summary()) for day in period if day <= today}
    before = archive.of(period.before)
    return Source(
        period, days, added_up(days.values()), before if before.tables else None, knowledge,
        archive.unanswered(period, other_sections.MOST_UNANSWERED), archive.content_changes(period),
        archive.content_changes(period.before),
    )  # fmt: skip


def _marks(archive: Archive, source: Source, now: dt.datetime) -> tuple[str, ...]:
    marks = []
    if archive.synthetic(source.period):
        marks.append(SYNTHETIC)
    elif source.before is not None and archive.synthetic(source.period.before):
        marks.append(f"{source.earlier}の数字は{SYNTHETIC}")
    if source.period.unfinished(now.date()):
        marks.append(f"途中集計（{now.month}月{now.day}日 {now:%H:%M} まで）")
    if not source.whole.tables:
        marks.append(NO_RECORDS)
    return tuple(marks)


def _end(period: Period) -> dt.datetime:
    return dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time(), TOKYO)


def _sections(source: Source) -> tuple[Section, ...]:
    """All of them for a month; those of weeks and days are shorter."""
    daily, hourly = chat_sections.daily_table(source), chat_sections.hourly_table(source)
    several = source.period.span is not Span.DAY
    return (
        chat_sections.summary(source, daily if several else hourly),
        chat_sections.chat(source, daily),
        *([chat_sections.days(daily)] if several else []),
        chat_sections.hours(source, hourly),
        *(chat_sections.days_and_hours(source) if several else ()),
        chat_sections.classes(source),
        chat_sections.topics(source),
        chat_sections.entries(source),
        chat_sections.audience(source),
        other_sections.telephone(source, hourly),
        other_sections.calls(source),
        other_sections.unanswered(source),
        other_sections.content(source),
        *([other_sections.glossary()] if source.period.span is Span.MONTH else []),
    )


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
    """Until when a report is to be handed in, and which rule says so (domain.md 13-3), as a sentence."""
    if period.span is Span.MONTH:
        day = business_day(period.last, 3)
        return f"提出の期日：{Period.day(day).title}（各月の業務完了後 3業務日以内。埼玉県の仕様書 別紙4）。"
    day = business_day(period.last, 1)
    if period.span is not Span.DAY:
        return f"提出のめやす：{Period.day(day).title}（各週の業務完了後すみやかに。埼玉県の仕様書 別紙4）。"
    return (
        f"提出の期日：{Period.day(day).title} 午前10時（翌営業日の午前10時まで。千葉市の決まり。"
        "埼玉県では毎日作り、県が求めたときに見せます）。"
    )
