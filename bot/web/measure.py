"""Around everything else: count and time requests, add headers, turn a fault of ours into a polite reply.

Pure ASGI, so that a file of the widget costs microseconds and not a task of its own.
"""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.dialogue.desk import Desk
from bot.web.errors import broken

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
FRESH = "public, max-age=300, stale-while-revalidate=3600"  # a new release of the widget is everywhere in an hour


class Figures:
    """What Prometheus reads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels, registry = ["route", "status"], self._registry
        self.requests = Counter("madoguchi_requests", "Requests by route and status", labels, registry=registry)
        self.seconds = Histogram(
            "madoguchi_request_seconds", "Time to answer", ["route"], registry=registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2),
        )  # fmt: skip
        self._entries = Gauge("madoguchi_entries", "Entries in the published knowledge", registry=registry)
        self._waiting = Gauge(
            "madoguchi_events_waiting", "Events that wait until the database is back", registry=registry
        )
        self._dropped = Counter("madoguchi_events_dropped", "Events that were lost", registry=registry)
        self._lost = 0

    def text(self, desk: Desk) -> bytes:
        """Everything in Prometheus' text format, with how the desk is now."""
        current = desk.publisher.current
        self._entries.set(len(current.engine.knowledge.entries) if current else 0)
        self._waiting.set(desk.events.waiting)
        lost = desk.events.dropped
        self._dropped.inc(lost - self._lost)
        self._lost = lost
        return generate_latest(self._registry)


class Measure:
    """The outermost layer but for CORS, which answers preflights itself."""

    def __init__(self, app: ASGIApp, desk: Desk, figures: Figures) -> None:
        self._app, self._desk, self._figures = app, desk, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, message)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:  # caught here, or the server logs a traceback with a resident's words in it
            reply = broken(self._desk, Request(scope), error)
            if not status:
                await reply(scope, receive, sent)
        route = getattr(scope.get("route"), "path", "other")
        self._figures.requests.labels(route, str(status)).inc()
        self._figures.seconds.labels(route).observe(time.perf_counter() - started)


def _add_headers(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["path"].endswith((".js", ".css", ".svg", ".png")):
        headers.setdefault("Cache-Control", FRESH)
