"""今日の様子: today at a glance, and the part of it that keeps itself up to date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from bot.analytics.names import HOURS, WHY
from bot.analytics.period import TOKYO, Period
from bot.analytics.summary import Summary
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.console.japanese import number
from bot.console.panels import Tile, tile
from bot.console.states import emergency_state, office_state, part_states
from bot.knowledge.findings import errors
from bot.report import charts

LATEST = 8
FIGURES = (
    "conversations", "questions", "answered_rate", "fallback_rate", "resolved_rate", "helpful_rate", "calls_counted",
    "calls_after_hours",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A rating with the question it is about."""

    at: dt.datetime
    entry: str
    title: str
    text: str
    conversation: str


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/` and `/live`, the part of it that is fetched again and again (that does not prolong a session)."""
    pages = frame.router()

    @pages.get("/")
    def today(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return frame.page(request, "today.html", **_look(context))

    @pages.get("/live")
    def live(request: Request, _: Annotated[Member, Depends(member("viewer", touch=False))]) -> HTMLResponse:
        return frame.page(request, "live.html", **_look(context))

    return pages


def _look(context: ConsoleContext) -> dict[str, Any]:
    """Everything the page shows."""
    now = context.desk.clock().astimezone(TOKYO)
    period = Period.day(now.date())
    summary = context.archive.of(period)
    before = Period.day(now.date() - dt.timedelta(days=7))
    last_week = context.archive.of(before)
    return {
        "now": now,
        "synthetic": context.archive.synthetic(period),
        "tiles": [tile(id_, summary, last_week, "先週") for id_ in FIGURES],
        "facts": _facts(context),
        "last_week": before,
        "chart": _hours(summary),
        "hours": [(hour, _at(summary, "questions", hour), _at(summary, "calls", hour)) for hour in HOURS],
        "unanswered": context.archive.latest_unanswered(LATEST),
        "unhelpful": _unhelpful(context, period),
        "why": WHY,
        "states": part_states(context),
    }


def _facts(context: ConsoleContext) -> list[Tile]:
    published = context.desk.published
    waiting = len(errors(context.desk.publisher.findings))
    version = published.engine.knowledge.version[:8]
    return [
        Tile("いまの電話", office_state(context), href="/console/calendar"),
        Tile("緊急案内", emergency_state(context), href="/console/emergency"),
        Tile(
            "公開中の内容", f"FAQ {number(len(published.engine.knowledge.entries))}件（版 {version}）",
            note=f"直すところ {waiting}件" if waiting else "直すところはありません", href="/console/content",
        ),
    ]  # fmt: skip


def _hours(summary: Summary) -> Markup:
    labels = [f"{int(hour)}時" for hour in HOURS]
    series = {"質問": [_at(summary, "questions", h) for h in HOURS], "電話": [_at(summary, "calls", h) for h in HOURS]}
    return Markup(charts.bars(labels, series, "今日の時間ごとの質問と電話"))


def _at(summary: Summary, table: str, hour: str) -> float:
    return summary.table(f"{table}_by_hour").get(hour, 0)


def _unhelpful(context: ConsoleContext, period: Period) -> list[Row]:
    entries = context.desk.published.engine.knowledge.entries
    ratings = context.archive.ratings(period, helpful=False, limit=LATEST)
    return [
        Row(r.at, r.entry, entries[r.entry].question if r.entry in entries else r.entry, r.text, r.conversation)
        for r in ratings
    ]
