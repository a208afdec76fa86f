"""Accounts of the staff, for admins."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, actor, checked_form, member, text
from bot.staff.accounts import ROLE_TITLES, Account, Accounts, Refused, checked_role

Admin = Annotated[Member, Depends(member("admin"))]
Sent = Annotated[FormData, Depends(checked_form)]

PAGE = "/console/staff"
OWN = "自分の役割・利用・パスワードは、ここでは変えられません。パスワードは「自分の設定」で変えられます。"
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is mistaken for another when read out


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """List, add, and change accounts."""
    pages, accounts = frame.router(), context.staff.accounts

    def shown(request: Request, refused: Refused | None = None, given: tuple[str, str] | None = None) -> Response:
        """The page. `given`: a name and its new password; it stands in this answer only, not in a cookie or a log."""
        return frame.page(
            request, "staff.html", status=422 if refused else 200, refused=refused, given=given,
            accounts=accounts.all(), roles=ROLE_TITLES, now=context.desk.clock(),
            signed_in=context.staff.audit.last("sign_in"),
        )  # fmt: skip

    def done(request: Request, message: str) -> Response:
        return frame.redirect(request, PAGE, message)

    @pages.get("/staff", dependencies=[Depends(member("admin"))])
    def staff(request: Request) -> Response:
        """Everybody."""
        return shown(request)

    @pages.post("/staff", dependencies=[Depends(member("admin"))])
    def add(request: Request, sent: Sent) -> Response:
        """A new account with a password that is shown once and changed at the first sign-in."""
        new = new_password()
        try:
            added = accounts.add(text(sent, "name"), checked_role(text(sent, "role")), new, by=actor(request))
        except Refused as refused:
            return shown(request, refused)
        return shown(request, given=(added.name, new))

    @pages.post("/staff/password")
    def password(request: Request, who: Admin, sent: Sent) -> Response:
        """Another password for somebody who has forgotten theirs."""
        new = new_password()
        try:
            other = accounts.set_password(_other(accounts, who, sent), new, by=actor(request))
        except Refused as refused:
            return shown(request, refused)
        return shown(request, given=(other.name, new))

    @pages.post("/staff/role")
    def role(request: Request, who: Admin, sent: Sent) -> Response:
        """Another role."""
        try:
            other = accounts.set_role(_other(accounts, who, sent), checked_role(text(sent, "role")), actor(request))
        except Refused as refused:
            return shown(request, refused)
        return done(request, f"{other.name} さんの役割を「{ROLE_TITLES[other.role]}」にしました。")

    @pages.post("/staff/disabled")
    def disable(request: Request, who: Admin, sent: Sent) -> Response:
        """Switch an account off: its sessions end at once."""
        try:
            other = accounts.disable(_other(accounts, who, sent), actor(request))
        except Refused as refused:
            return shown(request, refused)
        return done(request, f"{other.name} さんの利用を停止しました。")

    @pages.post("/staff/enabled")
    def enable(request: Request, who: Admin, sent: Sent) -> Response:
        """Switch an account on again."""
        try:
            other = accounts.enable(_other(accounts, who, sent), actor(request))
        except Refused as refused:
            return shown(request, refused)
        return done(request, f"{other.name} さんの利用を再開しました。")

    return pages


def _other(accounts: Accounts, who: Account, sent: FormData) -> str:
    """The name of an account that is not one's own: nobody shuts themselves out, or gives up being admin by mistake."""
    other = accounts.named(text(sent, "name"))
    if other.id == who.id:
        raise Refused(OWN)
    return other.name


def new_password() -> str:
    """A password that can be read out over the telephone: 15 signs in three groups, 74 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(5)) for _ in range(3))
