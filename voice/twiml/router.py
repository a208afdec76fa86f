"""The addresses of the TwiML door: `/twiml/voice`, `/twiml/next`, `/twiml/status`, `/twiml/audio/…`.

In the cloud's console the number's "A call comes in" is `<public_url>/twiml/voice` (POST) and its "Call status changes"
`<public_url>/twiml/status` (POST); without the latter no call ever counts as ended. Works with Twilio and with clouds
that sign as Twilio does. Every POST must be signed; nothing is read of one that is not.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from voice.door import DoorContext
from voice.twiml.desk import CloudDesk, Form
from voice.twiml.signature import is_signed
from voice.twiml.state import Forged

MAX_BODY = 16 * 1024  # bytes; a cloud sends some thousand at most
MAX_FIELDS = 100
KEPT_SECONDS = 30 * 24 * 3600  # a sound of this address never changes
_CALL = re.compile(r"[A-Za-z0-9:_.=-]{1,128}")
_ENDED = {"completed", "busy", "failed", "no-answer", "canceled"}

Name = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
Version = Annotated[str, Query(max_length=16)]
Sealed = Annotated[str, Query(max_length=4096)]


def twiml_door(phone: DoorContext, token: str, public_url: str) -> APIRouter:
    """The routes. `token` is the secret shared with the cloud (Twilio: Auth Token), `public_url` the address at which
    the cloud reaches this service, with the prefix of a proxy if there is one. Raises ValueError if either is empty."""
    base = public_url.rstrip("/")
    if not token or not base.startswith(("https://", "http://")):
        raise ValueError("the TwiML door needs a token and a public URL")
    desk, api = CloudDesk(phone, token, base), APIRouter(prefix="/twiml", tags=["telephone"])

    async def form(request: Request) -> tuple[str, Form]:
        """The call and the fields of a request that the cloud signed. Raises HTTPException 400, 403, 413."""
        body = await _body(request)
        try:
            text = body.decode("utf-8")
            fields = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
        except ValueError as error:
            raise HTTPException(400, "not a form") from error
        query = request.scope["query_string"].decode("latin-1")
        url = base + request.url.path + (f"?{query}" if query else "")
        if not is_signed(token, url, fields, request.headers.get("x-twilio-signature", "")):
            raise HTTPException(403, "not signed")
        one = {name: values[-1] for name, values in fields.items()}
        if not _CALL.fullmatch(one.get("CallSid", "")):
            raise HTTPException(400, "no CallSid")
        return one["CallSid"], one

    @api.post("/voice")
    async def voice(request: Request) -> Response:
        """A call comes in."""
        return _xml(desk.take(*await form(request)))

    @api.post("/next")
    async def following(request: Request, s: Sealed = "") -> Response:
        """A call goes on from the state `s`."""
        call, fields = await form(request)
        try:
            return _xml(desk.go_on(call, s, fields))
        except Forged as error:
            raise HTTPException(403, "not the state of this call") from error

    @api.post("/status")
    async def status(request: Request) -> Response:
        """A call has ended; whatever else a cloud tells here is of no interest."""
        call, fields = await form(request)
        if fields.get("CallStatus") in _ENDED:
            desk.over(call, fields)
        return Response(status_code=204)

    @api.get("/audio/{name}.wav")
    async def audio(name: Name, v: Version = "") -> Response:
        """A prompt; 404 for one that is not published."""
        found = desk.shelf.file(name, v)
        if found is None:
            raise HTTPException(404, "no such prompt")
        kept = f"public, max-age={KEPT_SECONDS}, immutable" if found[1] else "no-cache"
        return Response(found[0], media_type="audio/wav", headers={"Cache-Control": kept})

    return api


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(413, "too large")
    return body


def _xml(text: str) -> Response:
    return Response(text, media_type="text/xml", headers={"Cache-Control": "no-store"})
