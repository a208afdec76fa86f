"""Limits on what comes from outside: size of a body, number of messages from one place."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.dialogue.desk import Desk
from bot.web.errors import error_reply, words_for

TYPING = 10  # suggestions while typing come this much more often than messages
ELSEWHERE = ("/twiml/", "/phone/", "/console/")  # many calls, or staff, come from one place; these guard themselves
MAX_BODY = 64 * 1024  # bytes; what is too long to be read but no attack gets a polite word from the dialogue


class Guard:
    """Refuses large bodies (413) and floods (429 with Retry-After) before anything is parsed."""

    def __init__(self, app: ASGIApp, desk: Desk, messages_per_minute: int) -> None:
        self._app, self._desk = app, desk
        self._limits = {
            "POST": RateLimitItemPerMinute(messages_per_minute),
            "GET": RateLimitItemPerMinute(messages_per_minute * TYPING),
        }
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        method = scope.get("method")
        if scope["type"] == "http" and scope["path"].startswith(ELSEWHERE):
            await self._app(scope, receive, send)
            return
        if method != "POST" and not (method == "GET" and scope["path"].startswith("/api/")):
            await self._app(scope, receive, send)
            return
        limit = self._limits[method]
        client = scope["client"][0] if scope.get("client") else "unknown"
        if not self._limiter.hit(limit, method, client):
            reset = self._limiter.get_window_stats(limit, method, client).reset_time
            seconds = max(1, math.ceil(reset - time.time()))
            wording = words_for(self._desk, HTTPConnection(scope)).too_many
            reply = error_reply(429, "too_many", wording.format(seconds=seconds), Retry_After=str(seconds))
            await reply(scope, receive, send)
            return
        if method == "GET":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            words = words_for(self._desk, HTTPConnection(scope))
            await error_reply(413, "too_large", words.too_large)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _read(receive: Receive) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
