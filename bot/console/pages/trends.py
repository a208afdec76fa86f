"""推移: figures over any days as charts, each with its table and its download, and every figure with its meaning."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from bot.analytics.period import TOKYO
from bot.analytics.summary import added_up
from bot.console.context import ConsoleContext
from bot.console.counts import Counts
from bot.console.frame import Frame, Member, member
from bot.console.panels import all_figures, panels, tile
from bot.console.query import UNITS, chosen_period

FIGURES = (
    "conversations", "questions", "answered_rate", "fallback_rate", "resolved_rate", "helpful_rate", "calls_counted",
    "answer_rate_saitama",
)  # fmt: skip


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/trends?from=&to=&unit=`."""
    pages = frame.router()

    @pages.get("/trends")
    def trends(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = context.desk.clock().astimezone(TOKYO).date()
        chosen = chosen_period(request.query_params, today)
        counts = Counts(chosen, context.archive.days(chosen.period), context.desk.published.engine.knowledge)
        before = chosen.period.before
        earlier = added_up(context.archive.days(before).values())
        return frame.page(
            request, "trends.html", chosen=chosen, units=UNITS, before=before, panels=panels(counts),
            synthetic=context.archive.synthetic(chosen.period), groups=all_figures(counts.whole, earlier),
            tiles=[tile(id_, counts.whole, earlier) for id_ in FIGURES],
        )  # fmt: skip

    return pages
