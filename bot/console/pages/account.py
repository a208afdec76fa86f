"""One's own account: the password, and where else one is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.context import ConsoleContext
from bot.console.frame import ACCOUNT, Frame, Member, audit, checked_form, member, say_next, text, visit
from bot.console.security import SESSION, set_cookie
from bot.staff.accounts import Refused
from bot.staff.passwords import MIN_LENGTH
from bot.staff.signing_in import TooMany

UNLIKE = "新しいパスワードの2つの欄がちがいます。同じものを2回入れてください。"
CHANGED = "パスワードを変更しました。ほかの画面（ほかのパソコンなど）はサインアウトしました。"


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """Open to everybody who is signed in, also before a given password is changed."""
    pages = frame.router()

    def shown(request: Request, who: Member, refused: Refused | None = None) -> Response:
        mine = visit(request).session
        assert mine is not None
        status = 429 if isinstance(refused, TooMany) else 422 if refused else 200
        return frame.page(
            request, "account.html", status=status, refused=refused, sessions=context.staff.sessions.of(who),
            mine=mine.key, least=MIN_LENGTH, minutes=context.minutes,
        )  # fmt: skip

    @pages.get("/account")
    def account(request: Request, who: Annotated[Member, Depends(member(unsettled=True))]) -> Response:
        """The page."""
        return shown(request, who)

    @pages.post("/account/password")
    def password(
        request: Request,
        who: Annotated[Member, Depends(member(unsettled=True))],
        sent: Annotated[FormData, Depends(checked_form)],
    ) -> Response:
        """Change the password: this browser goes on with a new session, all others end."""
        session, new = visit(request).session, text(sent, "new")
        assert session is not None
        if new != text(sent, "again"):
            return shown(request, who, Refused(UNLIKE, "again"))
        try:
            token = context.staff.door.change_password(session, text(sent, "old"), new, visit(request).address)
        except Refused as refused:
            return shown(request, who, refused)
        response = RedirectResponse(ACCOUNT, 303)
        set_cookie(request, response, SESSION, token)
        if begun := context.staff.sessions.find(token):
            say_next(request, response, begun.csrf, CHANGED)
        return response

    @pages.post("/account/sessions", dependencies=[Depends(member(unsettled=True)), Depends(checked_form)])
    def end_others(request: Request) -> Response:
        """Sign out everywhere else."""
        session = visit(request).session
        assert session is not None
        count = context.staff.sessions.end_others(session)
        audit(request, "sessions_ended", f"{count}件")
        return frame.redirect(request, ACCOUNT, f"ほかの画面を{count}件サインアウトしました。")

    return pages
