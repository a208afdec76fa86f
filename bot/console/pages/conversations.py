"""会話: look for conversations and calls, and read the whole course of one. Words are masked before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from bot.analytics import names
from bot.analytics.period import TOKYO, Period
from bot.analytics.talks import Search
from bot.console.context import ConsoleContext
from bot.console.conversation_steps import steps_of
from bot.console.frame import Frame, Member, member
from bot.console.query import ChosenPeriod, chosen_period, days_query, line
from bot.dialogue.events import Happened

PAGE = 50
MOST_WORDS = 100
MOST_ID = 64
MOST_STEPS = 500


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/conversations` and `/conversations/{id}`."""
    pages = frame.router()

    @pages.get("/conversations")
    def conversations(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = context.desk.clock().astimezone(TOKYO).date()
        chosen = chosen_period(request.query_params, today)
        search = _search(request.query_params, chosen)
        found = context.archive.conversations(search, PAGE)
        asked = {name: getattr(search, name) for name in ("words", "outcome", "lang", "door") if getattr(search, name)}
        query = f"{days_query(chosen.period)}&{urlencode(asked)}" if asked else days_query(chosen.period)
        return frame.page(
            request, "conversations.html", chosen=chosen, search=search, talks=found, query=query, asked=asked,
            older=f"{query}&{urlencode({'before': found.before})}" if found.before else "",
            doors=names.DOORS, outcomes=names.OUTCOMES, languages=context.desk.published.languages(),
            synthetic=context.archive.synthetic(chosen.period),
        )  # fmt: skip

    @pages.get("/conversations/{id:path}")
    def conversation(id: str, request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        cursor = line(request.query_params.get("talk"), MOST_WORDS)
        events = context.archive.conversation(id, cursor) if len(id) <= MOST_ID and id.isprintable() else []
        if not events:
            raise HTTPException(404, "この番号の会話はありません。記録を残す日数を過ぎて、消えたのかもしれません。")
        began = events[0].at.astimezone(TOKYO)
        return frame.page(
            request, "conversation.html", id=id, began=began, lasted=(events[-1].at - began).total_seconds(),
            steps=steps_of(events[:MOST_STEPS], context.desk.published.engine.knowledge),
            more=max(0, len(events) - MOST_STEPS), call=events[0].name is Happened.CALL_RECEIVED,
            synthetic=context.archive.synthetic(Period.day(began.date())),
        )  # fmt: skip

    return pages


def _search(query: Mapping[str, str], chosen: ChosenPeriod) -> Search:
    """What is looked for; a choice that is not in the list counts as none."""
    return Search(
        words=line(query.get("words"), MOST_WORDS),
        first=chosen.period.first,
        last=chosen.period.last,
        outcome=_one_of(query.get("outcome"), names.OUTCOMES),
        lang=_one_of(query.get("lang"), names.LANGUAGES),
        door=_one_of(query.get("door"), names.DOORS),
        before=line(query.get("before"), MOST_WORDS),
    )


def _one_of(value: str | None, allowed: Mapping[str, str]) -> str:
    return value if value and value in allowed else ""
