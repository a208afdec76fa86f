"""Who may do what: every request of the console passes here first.

The route of every page looks at the allow-list, the session, the origin and the token of a form; what goes wrong
becomes a page. A page then says with `Depends(member(role))` who may see it; `app.py` refuses a page that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.console.context import ConsoleContext
from bot.console.security import EARLY, HEADERS, SESSION, address, cookie, from_own_pages, may_come_in, same
from bot.staff.accounts import ROLE_TITLES, Account, Role
from bot.staff.audit_log import Actor
from bot.staff.signing_in import Session

SIGN_IN = "/console/sign-in"
STATIC = "/console/static/"
READING = frozenset({"GET", "HEAD"})
MAX_BODY = 64 * 1024  # bytes
MAX_FIELDS = 300
ENCODING = "application/x-www-form-urlencoded"

NOT_HERE = "職員の画面は、決められたネットワークからだけ開けます。開けるはずのときは、運用担当に伝えてください。"
FOREIGN = "ほかのサイトから送られた操作なので、行いませんでした。職員の画面を開いて、そこから操作してください。"
STALE = "この画面は古くなっていたため、操作を行いませんでした。画面を開き直して、もう一度お試しください。"
TOO_LARGE = "送られた内容が大きすぎます。短くして、もう一度お試しください。"
CANNOT_READ = "送られた内容を読み取れません。前の画面にもどって、もう一度お試しください。"


@dataclass(frozen=True)
class Visit:
    """`session`: None for somebody who is not signed in. `form`: of a POST, its token checked."""

    context: ConsoleContext
    address: str
    session: Session | None = None
    form: FormData | None = None


class NotSignedIn(Exception):
    """The page is for people who are signed in. `silent`: a script asked, nobody would see a form to sign in."""

    def __init__(self, silent: bool = False) -> None:
        super().__init__()
        self.silent = silent


class MustChangePassword(Exception):
    """Somebody else chose the password: nothing else before it is changed."""


def visit(request: Request) -> Visit:
    """What the route has found out about a request."""
    found = request.state.visit
    assert isinstance(found, Visit)
    return found


class Refuser(Protocol):
    """Turns what went wrong into a page."""

    def refusal(self, request: Request, error: Exception) -> Response:
        """The page for an error."""
        ...


class ConsoleRoute(APIRoute):
    """Made for one console by `route_class`."""


def route_class(context: ConsoleContext, refuser: Refuser) -> type[ConsoleRoute]:
    """The class of the routes of a console."""

    class Guarded(ConsoleRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    await _admit(request, context)
                    response = await answer(request)
                except Exception as error:  # the edge: whatever it is, staff read a page in Japanese
                    response = await run_in_threadpool(refuser.refusal, request, error)
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
                return response

            return guarded

    return Guarded


async def _admit(request: Request, context: ConsoleContext) -> None:
    """Find out who it is, and let no form pass that is not of our own page. Raises HTTPException, SQLAlchemyError."""
    request.state.visit = seen = Visit(context, address(request))
    if not may_come_in(seen.address, context.allowed):
        raise HTTPException(403, NOT_HERE)
    if request.url.path.startswith(STATIC):
        return  # the page that says that the database is away needs its style too
    if token := cookie(request, SESSION):
        request.state.visit = seen = replace(seen, session=await run_in_threadpool(context.staff.sessions.find, token))
    if request.method in READING:
        return
    if not from_own_pages(request):
        raise HTTPException(403, FOREIGN)
    if request.url.path == SIGN_IN:
        key = cookie(request, EARLY)
    elif seen.session:
        key = seen.session.csrf
    else:
        return  # no form: the page asks to sign in
    form = await _read_form(request)
    if not key or not same(text(form, "csrf"), key):
        raise HTTPException(403, STALE)
    request.state.visit = replace(seen, form=form)


async def _read_form(request: Request) -> FormData:
    """The form of a POST. Raises HTTPException: 413 too large, 415 another encoding, 400 not text."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != ENCODING:
        raise HTTPException(415, CANNOT_READ)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(413, TOO_LARGE)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise HTTPException(400, CANNOT_READ) from None
    if any("\0" in part for pair in pairs for part in pair):  # PostgreSQL's texts can't hold it
        raise HTTPException(400, CANNOT_READ)
    form: list[tuple[str, str | UploadFile]] = [*pairs]
    return FormData(form)


def text(form: FormData, name: str) -> str:
    """A field of a form; "" if it is not there."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


Member = Account
"""Who is signed in."""


@dataclass(frozen=True)
class Admission:
    """`role`: the least that is needed. `touch`: the request shows that somebody is there. `unsettled`: also for who
    must still change a password that somebody else chose."""

    role: Role
    touch: bool
    unsettled: bool

    def admit(self, request: Request) -> Account:
        """The member. Raises NotSignedIn, MustChangePassword, HTTPException 403, SQLAlchemyError."""
        seen = visit(request)
        if seen.session is None:
            raise NotSignedIn(silent=not self.touch)
        who = seen.session.member
        if who.must_change and not self.unsettled:
            raise MustChangePassword
        if not who.may(self.role):
            audit(request, "refused", request.url.path)
            raise HTTPException(
                403,
                f"この操作には「{ROLE_TITLES[self.role]}」の役割が必要です（いまの役割は「{ROLE_TITLES[who.role]}」です）。"
                "必要なときは、管理の役割の職員に頼んでください。",
            )
        if self.touch:
            seen.context.staff.sessions.touch(seen.session)
        return who


def member(role: Role = "viewer", *, touch: bool = True, unsettled: bool = False) -> Callable[[Request], Account]:
    """For `Depends`: gives the member who is signed in, if the role is high enough."""
    return Admission(role, touch, unsettled).admit


async def checked_form(request: Request) -> FormData:
    """For `Depends`: the form of a POST, read and its token checked by the route. Raises NotSignedIn."""
    form = visit(request).form
    if form is None:
        raise NotSignedIn
    return form


def actor(request: Request) -> Actor:
    """Who asks, for the audit log."""
    seen = visit(request)
    return Actor(seen.session.member.name if seen.session else "", seen.address)


def audit(request: Request, act: str, what: str = "") -> None:
    """Keep in the audit log what the member does. `what` holds no words of residents. Raises SQLAlchemyError."""
    visit(request).context.staff.audit.add(actor(request), act, what)
