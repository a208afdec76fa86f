"""The browser telephone: `/phone` and its API. For people at the machine itself, and for staff who are signed in."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bot.dialogue.office_hours import TOKYO
from voice.calendar import situation
from voice.door import DoorContext
from voice.flow import steps
from voice.flow.model import Telephone
from voice.flow.steps import FLOW_OF
from voice.phone import words
from voice.phone.calls import PhoneCall, PhoneCalls
from voice.phone.view import CallView, FlowView, call_view, flow_view
from voice.sound import SoundShelf

MAX_BODY = 16 * 1024  # bytes
PAGES = Path(__file__).parent
FILES = {
    "phone.css": "text/css",
    "phone.js": "text/javascript",
    "player.js": "text/javascript",
    "flow.js": "text/javascript",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-cache", "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip
_NAMES = {"localhost", "127.0.0.1", "::1"}

Admitted = Callable[[Request], Awaitable[bool]]

Id = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_-]{8,40}$")]
FlowId = Annotated[str, InPath(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Version = Annotated[str, Query(max_length=16)]


class Dial(BaseModel):
    """How to call: `at` in Tokyo (2026-11-21T20:00; "" is now); the switches are for this call only."""

    at: str = Field("", max_length=32)
    emergency: bool = False
    busy: bool = False


class Given(BaseModel):
    """What happened in a call, at its `turn`. `seconds`: how much of a prompt was heard, None if none was running."""

    turn: int
    kind: Literal["ended", "key", "waited", "heard", "connected", "not_connected", "hung_up"]
    key: str = Field("", pattern=r"^[0-9*#]?$")
    seconds: float | None = Field(None, ge=0, le=3600)
    text: str = Field("", max_length=500)
    reason: Literal["busy", "no answer", "not set", ""] = ""


class Forecast(BaseModel):
    """What a call at that time would hear."""

    at: str
    situation: str
    flow: str
    flow_title: str


def _route_class(admitted: Admitted) -> type[APIRoute]:
    class GuardedRoute(APIRoute):
        """Refuses others (403) and large bodies (413) before anything is read."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                if not await admitted(request):
                    raise HTTPException(403, words.NOT_LOCAL)
                if not request.headers.get("content-length", "0").isdigit():
                    raise HTTPException(400, words.INVALID)
                if int(request.headers.get("content-length", "0")) > MAX_BODY:
                    raise HTTPException(413, words.TOO_LARGE)
                return await answer(request)

            return guarded

    return GuardedRoute


def browser_phone(context: DoorContext, is_staff: Callable[[Request], bool] | None = None) -> APIRouter:
    """The routes; everything is refused to other machines, unless `is_staff` (it may look into a database) says that
    somebody of the staff asks."""

    async def admitted(request: Request) -> bool:
        return _is_local(request) or (is_staff is not None and await run_in_threadpool(is_staff, request))

    shelf = SoundShelf(context)
    phone = APIRouter(prefix="/phone", tags=["telephone"])
    _pages(phone, admitted)
    guarded = APIRouter(route_class=_route_class(admitted))
    _sounds(guarded, shelf)
    _calls(guarded, context, shelf)
    phone.include_router(guarded)
    return phone


def _pages(api: APIRouter, admitted: Admitted) -> None:
    @api.get("", include_in_schema=False)
    async def page(request: Request) -> Response:
        """The page, or for others one that says why not."""
        welcome = await admitted(request)
        return FileResponse(PAGES / ("phone.html" if welcome else "refused.html"), 200 if welcome else 403, HEADERS)

    @api.get("/files/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        """Its style and scripts."""
        if name not in FILES:
            raise HTTPException(404, words.NO_PAGE)
        return FileResponse(PAGES / name, headers=HEADERS, media_type=FILES[name])


def _sounds(api: APIRouter, shelf: SoundShelf) -> None:
    @api.get("/audio/{name}.wav")
    async def audio(name: Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")], v: Version = "") -> Response:
        """A prompt, as it sounds on the telephone."""
        found = shelf.file(name, v)
        if found is None:
            raise HTTPException(404, words.NO_PAGE)
        kept = "private, max-age=86400" if found[1] else "no-cache"
        return Response(found[0], media_type="audio/wav", headers={"Cache-Control": kept})


def _calls(api: APIRouter, context: DoorContext, shelf: SoundShelf) -> None:
    calls = PhoneCalls(context)

    def published() -> Telephone:
        if (telephone := context.telephone()) is None:
            raise HTTPException(503, words.NOT_READY, {"Retry-After": "5"})
        return telephone

    def moment(text: str) -> dt.datetime:
        try:
            return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO) if text else context.clock()
        except ValueError as error:
            raise HTTPException(422, words.BAD_TIME) from error

    def shown(call: PhoneCall) -> CallView:
        return call_view(call, shelf, "/phone/audio")

    @api.get("/api/forecast")
    async def forecast(asked: Annotated[Dial, Query()]) -> Forecast:
        """Which announcement would answer a call."""
        telephone, at = published(), moment(asked.at)
        state = situation(at, telephone.hours, asked.emergency, asked.busy)
        flow = telephone.flows.get(FLOW_OF[state])
        return Forecast(
            at=words.moment(at), situation=words.situation(state, at, telephone.hours),
            flow=FLOW_OF[state], flow_title=flow.title if flow else "",
        )  # fmt: skip

    @api.get("/api/flows/{flow}")
    async def flows(flow: FlowId) -> FlowView:
        """A flow, to be drawn."""
        telephone = published()
        if flow not in telephone.flows:
            raise HTTPException(404, words.NO_PAGE)
        return flow_view(telephone, telephone.flows[flow])

    @api.post("/api/calls", status_code=201)
    async def dial(asked: Dial) -> CallView:
        """Call."""
        telephone, at = published(), moment(asked.at)
        return shown(calls.begin(telephone, situation(at, telephone.hours, asked.emergency, asked.busy), at))

    @api.post("/api/calls/{id_}/inputs")
    async def given(id_: Id, happened: Given) -> CallView:
        """Something happened in a call; what comes too late changes nothing."""
        if (call := calls.find(id_)) is None:
            raise HTTPException(404, words.GONE)
        calls.give(call, _input(happened, call, context), happened.turn)
        return shown(call)


def _input(request: Given, call: PhoneCall, context: DoorContext) -> steps.Input:
    match request.kind:
        case "key" if request.key:
            return steps.KeyPressed(request.key, request.seconds)
        case "ended":
            return steps.PromptEnded(request.seconds or 0.0)
        case "heard":
            text = request.text.strip()
            return context.understand(text, call.position.lang) if text and context.understand else steps.Heard()
        case "connected":
            return steps.Connected()
        case "not_connected":
            return steps.NotConnected(request.reason or "busy")
        case "hung_up":
            return steps.HungUp("caller", request.seconds)
        case _:
            return steps.Waited()


def _is_local(request: Request) -> bool:
    """Not another machine, nor a page of another site that reaches us under a name of its own (DNS rebinding). A proxy
    in front passes on its public name, so it is refused as well."""
    host = request.client.host if request.client else ""
    return _is_loopback(host) and request.url.hostname in _NAMES


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
