"""Accounts of the staff, for admins."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from bot.console.context import ConsoleContext
from bot.console.forms import text
from bot.console.frame import Frame, Member, audit, checked_form, member
from bot.staff.accounts import ROLE_TITLES, ROLES, Account, Accounts, Refused, Role

Admin = Annotated[Member, Depends(member("admin"))]
Sent = Annotated[FormData, Depends(checked_form)]

PAGE = "/console/staff"
OWN = "自分の役割・利用・パスワードは、ここでは変えられません。パスワードは「自分の設定」で変えられます。"
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is mistaken for another when read out


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """List, add, and change accounts."""
    pages, accounts = frame.router(), context.staff.accounts

    def shown(request: Request, said: str = "", given: tuple[str, str] | None = None) -> Response:
        """The page. `given`: a name and its new password; it stands in this answer only, not in a cookie or a log."""
        return frame.page(
            request, "staff.html", status=422 if said else 200, said=said, given=given, accounts=accounts.all(),
            roles=ROLE_TITLES, now=context.desk.clock(),
        )  # fmt: skip

    @pages.get("/staff", dependencies=[Depends(member("admin"))])
    def staff(request: Request) -> Response:
        """Everybody."""
        return shown(request)

    @pages.post("/staff", dependencies=[Depends(member("admin"))])
    def add(request: Request, sent: Sent) -> Response:
        """A new account with a password that is shown once and changed at the first sign-in."""
        password = new_password()
        try:
            added = accounts.add(text(sent, "name"), _role(sent), password)
        except Refused as refused:
            return shown(request, str(refused))
        audit(request, "account_added", f"{added.name}（{ROLE_TITLES[added.role]}）")
        return shown(request, given=(added.name, password))

    @pages.post("/staff/password")
    def password(request: Request, who: Admin, sent: Sent) -> Response:
        """Another password for somebody who has forgotten theirs."""
        new = new_password()
        try:
            other = _other(accounts, who, sent)
            accounts.set_password(other.name, new)
        except Refused as refused:
            return shown(request, str(refused))
        audit(request, "account_password", other.name)
        return shown(request, given=(other.name, new))

    @pages.post("/staff/role")
    def role(request: Request, who: Admin, sent: Sent) -> Response:
        """Another role."""
        try:
            other, new = _other(accounts, who, sent), _role(sent)
            accounts.set_role(other.name, new)
        except Refused as refused:
            return shown(request, str(refused))
        audit(request, "account_role", f"{other.name}: {ROLE_TITLES[other.role]}から{ROLE_TITLES[new]}へ")
        return frame.redirect(request, PAGE, f"{other.name} さんの役割を「{ROLE_TITLES[new]}」にしました。")

    @pages.post("/staff/disabled")
    def disable(request: Request, who: Admin, sent: Sent) -> Response:
        """Switch an account off: its sessions end at once."""
        try:
            other = _other(accounts, who, sent)
            accounts.disable(other.name)
        except Refused as refused:
            return shown(request, str(refused))
        audit(request, "account_disabled", other.name)
        return frame.redirect(request, PAGE, f"{other.name} さんの利用を停止しました。")

    @pages.post("/staff/enabled")
    def enable(request: Request, who: Admin, sent: Sent) -> Response:
        """Switch an account on again."""
        try:
            other = _other(accounts, who, sent)
            accounts.enable(other.name)
        except Refused as refused:
            return shown(request, str(refused))
        audit(request, "account_enabled", other.name)
        return frame.redirect(request, PAGE, f"{other.name} さんの利用を再開しました。")

    return pages


def _other(accounts: Accounts, who: Member, sent: FormData) -> Account:
    other = accounts.named(text(sent, "name"))
    if other.id == who.id:
        raise Refused(OWN)
    return other


def _role(sent: FormData) -> Role:
    given = text(sent, "role")
    for role in ROLES:
        if role == given:
            return role
    raise Refused("役割を、一覧から選んでください。")


def new_password() -> str:
    """A password that can be read out over the telephone: 15 signs in three groups, 74 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(5)) for _ in range(3))
