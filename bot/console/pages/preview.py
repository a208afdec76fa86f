"""答えの見え方: one answer as the chat shows it, in any language, and as the telephone says it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from bot.analytics.period import TOKYO
from bot.console import answers
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.dialogue.published import ORIGINAL

NOT_THERE = "この id のFAQは、いま公開されている内容にありません。"


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/preview/{id}?lang=` and `/preview/{id}/sound.wav`."""
    pages = frame.router()

    @pages.get("/preview/{id}")
    def preview(id: str, request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        published = context.desk.published
        entry = published.engine.knowledge.entries.get(id)
        if entry is None:
            raise HTTPException(404, NOT_THERE)
        languages = answers.languages(published)
        asked = request.query_params.get("lang", ORIGINAL)
        code = asked if asked in dict(languages) else ORIGINAL
        today = context.desk.clock().astimezone(TOKYO).date()
        return frame.page(
            request, "preview.html", entry=entry, code=code, languages=languages, known=code == asked,
            answer=answers.in_chat(published, id, code, today), served=entry.valid.contains(today),
            said=answers.on_telephone(context, id), telephone=context.telephone is not None,
        )  # fmt: skip

    @pages.get("/preview/{id}/sound.wav")
    def sound(id: str, _: Annotated[Member, Depends(member())]) -> Response:
        said = answers.on_telephone(context, id)
        if said is None or context.telephone is None:
            raise HTTPException(404, "このFAQには、電話で読む文がありません。")
        return Response(context.telephone.sound(said.text), media_type="audio/wav")

    return pages
