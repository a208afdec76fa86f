"""内容: what waits to be mended, what has changed in a period, what will end, what nobody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from bot.analytics.content import CONTENT_FIGURES
from bot.analytics.period import TOKYO
from bot.analytics.summary import added_up
from bot.console import states
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.console.query import chosen_period
from bot.dialogue.published import ORIGINAL
from bot.knowledge.findings import Level

ENDING_DAYS = 60
SHOWN = 100  # findings


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/content?from=&to=`."""
    pages = frame.router()

    @pages.get("/content")
    def content(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return frame.page(request, "content.html", **_state(context, request.query_params))

    return pages


def _state(context: ConsoleContext, query: Mapping[str, str]) -> dict[str, Any]:
    published, findings = context.desk.published, context.desk.publisher.findings
    knowledge = published.engine.knowledge
    today = context.desk.clock().astimezone(TOKYO).date()
    chosen = chosen_period(query, today, "month")
    answers = added_up(context.archive.days(chosen.period).values()).table("answers_by_entry")
    stale = states.stale(findings)
    languages = [
        (lang, len(edition.engine.knowledge.untranslated), len(stale.get(lang, ())))
        for lang, edition in published.editions.items()
        if lang != ORIGINAL
    ]
    return {
        "errors": [found for found in findings if found.level is Level.ERROR][:SHOWN],
        "notices": [found for found in findings if found.level is not Level.ERROR][:SHOWN],
        "shown": SHOWN,
        "changes": context.archive.content_changes(chosen.period),
        "meanings": {figure.id: figure for figure in CONTENT_FIGURES},
        "chosen": chosen,
        "entries": knowledge.entries,
        "version": knowledge.version,
        "ending": states.ending(knowledge, today, ENDING_DAYS),
        "ending_days": ENDING_DAYS,
        "unreviewed": states.unreviewed(knowledge),
        "unasked": states.unasked(knowledge, today, answers),
        "languages": languages,
        "today": today,
        "synthetic": context.archive.synthetic(chosen.period),
    }
