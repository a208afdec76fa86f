"""The audit log, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, member
from bot.console.query import line
from bot.staff.audit_log import ACTS

ROWS = 100
NEWEST = 2**62


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """The newest acts, by who and what."""
    pages = frame.router()

    @pages.get("/audit")
    def audit(
        request: Request,
        _: Annotated[Member, Depends(member("admin"))],
        who: Annotated[str, Query(max_length=50)] = "",
        act: Annotated[str, Query(max_length=40)] = "",
        before: Annotated[int, Query(ge=0, le=NEWEST)] = NEWEST,
    ) -> Response:
        """A page of the log; `before` is the last id of the page before."""
        who, act = line(who, 50), line(act, 40)
        acts = context.staff.audit.read(who, [act] if act else (), before, ROWS + 1)
        return frame.page(
            request, "audit.html", acts=acts[:ROWS], older=acts[ROWS - 1].id if len(acts) > ROWS else None, who=who,
            act=act, titles=ACTS, first=before == NEWEST,
        )  # fmt: skip

    return pages
