"""推移: figures over any stretch of days as charts, each with its table and its download."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from bot.analytics.period import TOKYO
from bot.analytics.summary import added_up
from bot.console.asked import UNITS, chosen, presets
from bot.console.context import ConsoleContext
from bot.console.counted import Counts
from bot.console.frame import Frame, Member, member
from bot.console.panels import panels, tile

FIGURES = (
    "conversations", "questions", "answered_rate", "fallback_rate", "resolved_rate", "helpful_rate", "calls_counted",
    "answer_rate_saitama",
)  # fmt: skip


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/trends?from=&to=&unit=` or `?preset=`."""
    pages = frame.router()

    @pages.get("/trends")
    def trends(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = context.desk.clock().astimezone(TOKYO).date()
        stretch = chosen(request.query_params, today)
        counts = Counts(stretch, context.archive.days(stretch.period), context.desk.published.engine.knowledge)
        before = stretch.before()
        earlier = added_up(context.archive.days(before).values())
        return frame.page(
            request, "trends.html", stretch=stretch, units=UNITS, presets=presets(today), before=before,
            synthetic=context.archive.synthetic(stretch.period), panels=panels(counts),
            tiles=[tile(id_, counts.whole, earlier) for id_ in FIGURES],
        )  # fmt: skip

    return pages
