"""The console as one router: every page, its files, and an answer for everything else below `/console`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.console.context import ConsoleContext
from bot.console.frame import Frame, static_file
from bot.console.guard import SIGN_IN, Admission, ConsoleRoute
from bot.console.pages import (
    account,
    audit,
    calendar,
    content,
    conversations,
    downloads,
    emergency,
    entries,
    preview,
    question,
    sign_in,
    staff,
    today,
    trends,
    tuning,
)  # fmt: skip
from bot.console.security import HOME

PAGES = (
    today, trends, conversations, entries, preview, question, content, tuning, emergency, calendar, downloads, sign_in,
    account, staff, audit,
)  # fmt: skip
OPEN = frozenset({SIGN_IN})
"""The only page that is there for who is not signed in."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def console(context: ConsoleContext) -> APIRouter:
    """The routes. Raises TypeError for a page that anybody could open."""
    frame = Frame(context)
    whole = frame.router()
    for page in PAGES:
        for route in page.routes(context, frame).routes:
            must_be_guarded(route)
            whole.routes.append(route)
    _everything_else(whole)
    return whole


def admission(route: APIRoute) -> Admission | None:
    """What a route asks of who opens it."""
    calls = [getattr(needed.call, "__self__", None) for needed in route.dependant.dependencies]
    return next((call for call in calls if isinstance(call, Admission)), None)


def must_be_guarded(route: object) -> None:
    """Every page goes through the guard and says which role it needs. Raises TypeError."""
    if not isinstance(route, ConsoleRoute):
        raise TypeError(f"{route!r}: make the router with frame.router()")
    if route.path not in OPEN and admission(route) is None:
        raise TypeError(f"{route.path}: needs Depends(member(…))")


def _everything_else(rest: APIRouter) -> None:
    @rest.get("/static/{name}")
    def static(name: str, v: Annotated[str, Query(max_length=40)] = "") -> Response:
        """Style and scripts."""
        return static_file(name, v)

    @rest.get("")
    def without_slash() -> Response:
        """The address as people type it."""
        return RedirectResponse(HOME, 308)

    @rest.api_route("/{path:path}", methods=METHODS)
    def nothing() -> Response:
        """There is no such page, or not for this method."""
        raise HTTPException(404)
