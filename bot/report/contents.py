"""Makes the Report once: everything that the Excel workbook, the page and the paper show, in order and titled."""

from __future__ import annotations

import datetime as dt

from bot.analytics.archive import Archive
from bot.analytics.period import TOKYO, Period, Span
from bot.analytics.summary import Summary, added_up
from bot.knowledge.models import Knowledge
from bot.report import chat_sections, other_sections
from bot.report.counted import Counted
from bot.report.due import due
from bot.report.highlights import highlights
from bot.report.model import Report, ReportError, Section

KINDS = {Span.MONTH: "月次", Span.WEEK: "週次", Span.DAY: "日次"}
SYNTHETIC = "合成データ（架空の利用）"


def collect(archive: Archive, period: Period, knowledge: Knowledge, now: dt.datetime) -> Report:
    """The report of a period. `now` only counts while the period is unfinished: later the report stays the same.
    Raises ReportError for a period that has not begun."""
    now = now.astimezone(TOKYO)
    if period.ahead(now.date()):
        raise ReportError(f"{period.title}は、まだ始まっていません（今日は{Period.day(now.date()).title}）。")
    days = {day: each for day, each in sorted(archive.days(period).items()) if day <= now.date()}
    for day in period:
        if day <= now.date():
            days.setdefault(day, Summary())
    days = dict(sorted(days.items()))
    before = archive.of(period.before)
    counted = Counted(
        period, days, added_up(days.values()), before if before.tables else None, knowledge,
        archive.unanswered(period, other_sections.MOST_UNANSWERED), archive.content_changes(period),
        archive.content_changes(period.before),
    )  # fmt: skip
    synthetic = archive.synthetic(period) or (counted.before is not None and archive.synthetic(period.before))
    return Report(
        title=f"FAQチャットボット・自動音声案内 利用状況（{KINDS[period.span]}）",
        period=period.title,
        marks=_marks(counted, now, synthetic),
        due=due(period),
        highlights=highlights(counted),
        sections=_sections(counted),
        created=now if period.unfinished(now.date()) else _end(period),
    )


def _marks(counted: Counted, now: dt.datetime, synthetic: bool) -> tuple[str, ...]:
    marks = [SYNTHETIC] if synthetic else []
    if counted.period.unfinished(now.date()):
        marks.append(f"途中集計（{now.month}月{now.day}日まで）")
    if not counted.whole.tables:
        marks.append("この期間の記録はありません")
    return tuple(marks)


def _end(period: Period) -> dt.datetime:
    return dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time(), TOKYO)


def _sections(counted: Counted) -> tuple[Section, ...]:
    daily, hourly = chat_sections.daily_table(counted), chat_sections.hourly_table(counted)
    return (
        chat_sections.summary(counted, daily, hourly),
        chat_sections.days(daily),
        chat_sections.hours(counted, hourly),
        chat_sections.classes(counted),
        chat_sections.topics(counted),
        chat_sections.audience(counted),
        other_sections.telephone(counted, hourly),
        other_sections.unanswered(counted),
        other_sections.content(counted),
        other_sections.glossary(),
    )
