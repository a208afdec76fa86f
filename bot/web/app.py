"""The web application: doors, health, figures for monitoring, the pages of `web_widget/`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import watchfiles
from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.dialogue.desk import Desk
from bot.knowledge.findings import errors
from bot.settings import Settings
from bot.web import errors as error_form
from bot.web.chat_api import chat_api
from bot.web.guard import Guard
from bot.web.rasa_channel import rasa_channel

log = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(desk: Desk, settings: Settings) -> FastAPI:
    """Wire the doors to the desk. Nothing is published here; `watch` keeps up with edited YAML."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        watching = asyncio.create_task(_watch(desk, settings.root, stop)) if settings.watch else None
        yield
        stop.set()
        if watching:
            await watching

    app = FastAPI(title="madoguchi", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    error_form.install(app, desk)
    app.add_middleware(GZipMiddleware, minimum_size=500)
    app.add_middleware(Guard, desk=desk, messages_per_minute=settings.messages_per_minute)
    _measure(app, desk)  # around the guard: what it refuses is counted too, and carries the headers
    app.include_router(chat_api(desk))
    app.include_router(rasa_channel(desk))
    _health(app, desk)
    app.mount("/", StaticFiles(directory=settings.root / "web_widget", html=True), name="pages")
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.allowed_origins), allow_methods=["GET", "POST"],
            allow_headers=["content-type"], expose_headers=["Retry-After"],
        )  # fmt: skip
    return app


async def _watch(desk: Desk, root: Path, stop: asyncio.Event) -> None:
    folders = [root / name for name in ("faq", "nlu_data", "ivr_flows")]
    async for _ in watchfiles.awatch(*folders, stop_event=stop, debounce=200):
        try:
            await asyncio.to_thread(desk.publisher.publish)
        except Exception as error:  # a file that went away meanwhile, an editor's lock: the next change tries again
            log.error("not published: %s: %s", type(error).__name__, error)


def _health(app: FastAPI, desk: Desk) -> None:
    @app.get("/healthz", tags=["operation"])
    async def healthz() -> dict[str, str]:
        """The process is alive."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["operation"])
    async def readyz() -> JSONResponse:
        """What is published, and whether the content on disk is waiting for somebody to mend it."""
        current = desk.publisher.current
        waiting = [str(found) for found in errors(desk.publisher.findings)]
        body = {
            "status": "ready" if current else "not_ready",
            "knowledge": current.engine.knowledge.version if current else None,
            "entries": len(current.engine.knowledge.entries) if current else 0,
            "stores": {"conversations": type(desk.conversations).__name__, "events": type(desk.events).__name__},
            "findings": waiting[:20],
        }
        return JSONResponse(body, 200 if current else 503)


def _measure(app: FastAPI, desk: Desk) -> None:
    registry = CollectorRegistry()
    requests = Counter("madoguchi_requests", "Requests by route and status", ["route", "status"], registry=registry)
    seconds = Histogram(
        "madoguchi_request_seconds", "Time to answer", ["route"], registry=registry,
        buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2),
    )  # fmt: skip
    entries = Gauge("madoguchi_entries", "Entries in the published knowledge", registry=registry)

    @app.middleware("http")
    async def measure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        started = time.perf_counter()
        try:
            response = await call_next(request)
        except Exception as error:  # caught here, or the server logs a traceback with a resident's words in it
            response = error_form.broken(desk, request, error)
        route = getattr(request.scope.get("route"), "path", "other")
        requests.labels(route, str(response.status_code)).inc()
        seconds.labels(route).observe(time.perf_counter() - started)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.get("/metrics", tags=["operation"])
    async def metrics() -> Response:
        """Figures for Prometheus."""
        current = desk.publisher.current
        entries.set(len(current.engine.knowledge.entries) if current else 0)
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")
