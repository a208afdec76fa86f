"""内容: what waits to be mended, what has changed this month, what will end, what nobody asks for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from bot.analytics.period import TOKYO, Period
from bot.analytics.summary import added_up
from bot.console import states
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.dialogue.published import ORIGINAL
from bot.knowledge.findings import Level

ENDING_DAYS, UNASKED_DAYS = 60, 90
SHOWN = 100  # findings


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/content`."""
    pages = frame.router()

    @pages.get("/content")
    def content(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return frame.page(request, "content.html", **_state(context))

    return pages


def _state(context: ConsoleContext) -> dict[str, Any]:
    published, findings = context.desk.published, context.desk.publisher.findings
    knowledge = published.engine.knowledge
    today = context.desk.clock().astimezone(TOKYO).date()
    month = Period.month(today)
    recent = Period.days(today - dt.timedelta(days=UNASKED_DAYS - 1), today)
    answers = added_up(context.archive.days(recent).values()).table("answers_by_entry")
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
        "changes": context.archive.content_changes(month),
        "month": month,
        "entries": knowledge.entries,
        "version": knowledge.version,
        "ending": states.ending(knowledge, today, ENDING_DAYS),
        "ending_days": ENDING_DAYS,
        "unreviewed": states.unreviewed(knowledge),
        "unasked": states.unasked(knowledge, today, answers),
        "unasked_days": UNASKED_DAYS,
        "languages": languages,
        "today": today,
        "synthetic": context.archive.synthetic(recent),
    }
