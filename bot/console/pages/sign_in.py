"""Sign in and out."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.context import ConsoleContext
from bot.console.frame import Frame, audit, checked_form, csrf_field, member, text, visit
from bot.console.security import EARLY, SESSION, cookie, drop_cookie, in_clear, own_page, set_cookie
from bot.staff.accounts import Refused
from bot.staff.signing_in import TooMany

ENDED = (
    "サインアウトしました。しばらく操作がなかったか、パスワードや役割が変わったためです。"
    "もう一度サインインしてください。"
)


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """The form, what it sends, and the way out."""
    pages = frame.router()

    def form(request: Request, asked: str, refused: Refused | None = None, name: str = "") -> Response:
        if context.staff.accounts.none():
            return frame.page(request, "first_time.html")
        token = cookie(request, EARLY) or secrets.token_urlsafe(32)
        status = 429 if isinstance(refused, TooMany) else 401 if refused else 200
        ended = ENDED if cookie(request, SESSION) and not refused else ""
        response = frame.page(
            request, "sign_in.html", status=status, next_page=asked, refused=refused, ended=ended, name=name,
            csrf_field=csrf_field(token), in_clear=in_clear(request),
        )  # fmt: skip
        set_cookie(request, response, EARLY, token)
        if cookie(request, SESSION):
            drop_cookie(request, response, SESSION)
        return response

    @pages.get("/sign-in")
    def show(request: Request, next: Annotated[str, Query(max_length=2000)] = "") -> Response:
        """The form; somebody who is signed in goes on."""
        if visit(request).session:
            return RedirectResponse(own_page(next), 303)
        return form(request, own_page(next))

    @pages.post("/sign-in")
    def sign_in(request: Request, sent: Annotated[FormData, Depends(checked_form)]) -> Response:
        """A new session, or the form again with one answer for every failure."""
        name, asked = text(sent, "name"), own_page(text(sent, "next"))
        try:
            token = context.staff.door.sign_in(name, text(sent, "password"), visit(request).address)
        except Refused as refused:
            return form(request, asked, refused, name[:50])
        if old := visit(request).session:
            context.staff.sessions.end(old)
        response = RedirectResponse(asked, 303)
        set_cookie(request, response, SESSION, token)
        drop_cookie(request, response, EARLY)
        return response

    @pages.post("/sign-out", dependencies=[Depends(member(unsettled=True)), Depends(checked_form)])
    def sign_out(request: Request) -> Response:
        """The session is deleted, not only forgotten by the browser."""
        if session := visit(request).session:
            audit(request, "sign_out")
            context.staff.sessions.end(session)
        response = RedirectResponse("/console/sign-in", 303)
        drop_cookie(request, response, SESSION)
        return response

    return pages
