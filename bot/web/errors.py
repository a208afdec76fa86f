"""One shape for every error: {"error": {"code", "message", "field"?}}, the message in the resident's language."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from bot.dialogue.desk import Desk, NotReady
from bot.dialogue.language import supported
from bot.dialogue.wording import Errors

log = logging.getLogger(__name__)


class ErrorDetail(BaseModel):
    """`field` names the part of the request that was off."""

    code: str
    message: str
    field: str | None = None


class ErrorReply(BaseModel):
    """What a door answers when something is off."""

    error: ErrorDetail


RESPONSES: dict[int | str, dict[str, object]] = {
    413: {"model": ErrorReply, "description": "大きすぎる内容"},
    422: {"model": ErrorReply, "description": "読み取れない内容"},
    429: {"model": ErrorReply, "description": "送りすぎ（Retry-After 秒待つ）"},
    503: {"model": ErrorReply, "description": "準備中"},
}
"""What every route may answer, for OpenAPI."""

# Nothing was ever published, so there are no words of the content yet.
_UNREADY = "ただいま準備中です。少し待ってから、もう一度お試しください。"


def error_reply(status: int, code: str, message: str, field: str | None = None, **headers: str) -> JSONResponse:
    """The response for an error."""
    body = ErrorReply(error=ErrorDetail(code=code, message=message, field=field))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body.model_dump(exclude_none=True), status, headers=named)


def words_for(desk: Desk, request: HTTPConnection) -> Errors:
    """The words for errors in the first language that the client asks for; Japanese if it asks for none."""
    tag = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip(" *")
    return desk.published.edition(supported(tag)).wording.errors


def unreadable(desk: Desk, request: HTTPConnection, *places: str) -> JSONResponse:
    """The response for a request with something off at these places."""
    message = words_for(desk, request).invalid.format(field=", ".join(places))
    return error_reply(422, "invalid", message, places[0])


def broken(desk: Desk, request: Request, error: Exception) -> JSONResponse:
    """The response for a fault of ours. Its text may hold a resident's words: only its type and place are logged."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s at %s (%s:%s)", type(error).__name__, request.url.path, place.filename, place.lineno)
    message = words_for(desk, request).broken if desk.publisher.current else _UNREADY
    return error_reply(500, "broken", message)


def install(app: FastAPI, desk: Desk) -> None:
    """Give every refusal the common shape; `broken` is for the middleware that sees everything."""

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return unreadable(desk, request, *map(_place, error.errors()))

    async def not_ready(_: Request, __: Exception) -> JSONResponse:
        return error_reply(503, "not_ready", _UNREADY, Retry_After="5")

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if desk.publisher.current is None:
            return error_reply(503, "not_ready", _UNREADY, Retry_After="5")
        if error.status_code == 400:  # FastAPI's word for a body that is not even text, or nested too deep
            return unreadable(desk, request, "body")
        words = words_for(desk, request)
        refused = {404: ("not_found", words.no_page), 405: ("method_not_allowed", words.no_method)}
        code, message = refused.get(error.status_code, ("error", str(error.detail)))
        return error_reply(error.status_code, code, message)

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(NotReady, not_ready)
    app.add_exception_handler(HTTPException, http)


def _place(found: Mapping[str, Any]) -> str:
    """Where in a request something was off: `message`, `query.q`; `body` for what is no JSON."""
    if found["type"] == "json_invalid":
        return "body"
    return ".".join(str(part) for part in found["loc"] if part != "body") or "body"
