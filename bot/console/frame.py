"""The frame around every page of the console: who is signed in, the list of pages, messages, refusals.

Page modules need this module and `context` only: `routes(context, frame) -> APIRouter`, made with `frame.router()`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from bot.console.context import ConsoleContext
from bot.console.guard import (
    SIGN_IN,
    Member,
    MustChangePassword,
    NotSignedIn,
    Visit,
    actor,
    audit,
    checked_form,
    member,
    route_class,
    text,
    visit,
)  # fmt: skip
from bot.console.japanese import FILTERS
from bot.console.refusals import explained
from bot.console.security import FLASH, HOME, cookie, drop_cookie, same, set_cookie, signature
from bot.staff.accounts import ROLE_TITLES, Account, Role

__all__ = ["Frame", "Member", "actor", "audit", "checked_form", "member", "text", "visit"]

ACCOUNT = "/console/account"
MAX_MESSAGE = 300
MESSAGE_SECONDS = 60
STATIC = Path(__file__).parent / "static"
STATIC_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
FOR_GOOD = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class Item:
    """A page in the list."""

    path: str
    title: str
    role: Role = "viewer"

    def holds(self, path: str) -> bool:
        """Whether `path` is this page or one below it."""
        return path == self.path or (not self.path.endswith("/") and path.startswith(f"{self.path}/"))


GROUPS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    ("ようす", (
        Item("/console/", "今日"),
        Item("/console/trends", "推移"),
        Item("/console/conversations", "会話"),
    )),
    ("内容", (
        Item("/console/entries", "FAQ"),
        Item("/console/question", "質問をためす"),
        Item("/console/content", "内容"),
        Item("/console/tuning", "改善の提案"),
    )),
    ("電話", (
        Item("/console/emergency", "緊急案内"),
        Item("/console/calendar", "暦"),
    )),
    ("報告", (Item("/console/downloads", "資料"),)),
    ("管理", (
        Item("/console/staff", "職員", "admin"),
        Item("/console/audit", "操作の記録", "admin"),
    )),
)  # fmt: skip


def navigation(member: Account) -> list[tuple[str, list[Item]]]:
    """The groups and items that a member sees."""
    groups = [(title, [item for item in items if member.may(item.role)]) for title, items in GROUPS]
    return [(title, items) for title, items in groups if items]


class Frame:
    """One for a console."""

    def __init__(self, context: ConsoleContext) -> None:
        self._context = context
        self._route = route_class(context, self)
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters.update(FILTERS)
        self._templates.globals.update(static=static_address, role_titles=ROLE_TITLES)

    def router(self) -> APIRouter:
        """A router for the routes of a page module; `/console` comes in front of them."""
        return APIRouter(prefix="/console", route_class=self._route)

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page. Raises TemplateError."""
        seen, message = visit(request), _Message(request)
        shared: dict[str, Any] = {
            "member": seen.session.member if seen.session else None,
            "navigation": navigation(seen.session.member) if seen.session else [],
            "csrf": seen.session.csrf if seen.session else "",
            "csrf_field": csrf_field(seen.session.csrf) if seen.session else "",
            "path": request.url.path,
            "message": message.take,
            "synthetic": False,
        }
        response = HTMLResponse(self._templates.get_template(template).render(shared | values), status)
        if message.taken:
            drop_cookie(request, response, FLASH)
        return response

    def redirect(self, request: Request, path: str, message: str = "") -> RedirectResponse:
        """After a POST: go to a page of the console, which shows the message once."""
        response = RedirectResponse(path, 303)
        session = visit(request).session
        if message and session:
            say_next(request, response, session.csrf, message)
        return response

    def refusal(self, request: Request, error: Exception) -> Response:
        """The answer when a page raises."""
        if isinstance(error, NotSignedIn):
            return self._to_sign_in(request, error.silent)
        if isinstance(error, MustChangePassword):
            return RedirectResponse(ACCOUNT, 303)
        status, title, words = explained(request, error)
        return self.page(request, "problem.html", status=status, heading=title, words=words)

    def _to_sign_in(self, request: Request, silent: bool) -> Response:
        if silent:
            return Response(status_code=401)
        if request.method != "GET":
            return RedirectResponse(SIGN_IN, 303)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Our cookie does not come along with a link on another site (SameSite=Strict); from our own page it does.
            return self.page(request, "passing.html", here=_here(request))
        asked = _here(request)
        return RedirectResponse(SIGN_IN if asked == HOME else f"{SIGN_IN}?{urlencode({'next': asked})}", 303)


def csrf_field(token: str) -> Markup:
    """The hidden field of every form."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def say_next(request: Request, response: Response, key: str, message: str) -> None:
    """Show a message on the next page. It is signed with the session's key: nobody else can put words there."""
    text = message[:MAX_MESSAGE]
    set_cookie(request, response, FLASH, f"{quote(text)}.{signature(key, text)}", MESSAGE_SECONDS)


class _Message:
    """The message for this page, if it is shown."""

    def __init__(self, request: Request) -> None:
        self._request, self.taken = request, False

    def take(self) -> str:
        """The message; "" if there is none. Fragments do not ask, so they do not eat it."""
        seen: Visit = visit(self._request)
        quoted, _, signed = cookie(self._request, FLASH).rpartition(".")
        self.taken = bool(signed)
        text = unquote(quoted)
        return text if signed and seen.session and same(signed, signature(seen.session.csrf, text)) else ""


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def static_address(name: str) -> str:
    """`/console/static/console.css?v=…`. Raises OSError for a file that is not there."""
    return f"/console/static/{name}?v={_version(name)}"


def static_file(name: str, version: str) -> FileResponse:
    """The file. Raises HTTPException 404."""
    if Path(name).suffix not in STATIC_TYPES or name not in {file.name for file in STATIC.iterdir()}:
        raise HTTPException(404)
    kept = FOR_GOOD if version == _version(name) else "no-cache"
    return FileResponse(STATIC / name, media_type=STATIC_TYPES[Path(name).suffix], headers={"Cache-Control": kept})


def _version(name: str) -> str:
    return _fingerprint(STATIC / name, (STATIC / name).stat().st_mtime_ns)


@lru_cache(maxsize=100)
def _fingerprint(file: Path, _changed_at: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
