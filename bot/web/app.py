"""The web application: doors, health, figures for monitoring, the pages of `web_widget/`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import watchfiles
from fastapi import APIRouter, FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from bot.dialogue import language
from bot.dialogue.desk import Desk
from bot.knowledge.findings import errors
from bot.settings import Settings
from bot.web import errors as error_form
from bot.web.chat_api import chat_api
from bot.web.guard import Guard
from bot.web.measure import Figures, Measure
from bot.web.rasa_channel import rasa_channel

log = logging.getLogger(__name__)

WATCHED = ("faq", "nlu_data", "ivr_flows", "tests/questions")
WAKE_MS = 500  # how often the watch looks whether its folders are still the same


def create_app(
    desk: Desk,
    settings: Settings,
    doors: Sequence[APIRouter] = (),
    states: Mapping[str, Callable[[], str]] | None = None,
) -> FastAPI:
    """Wire the doors to the desk. Nothing is published here; `watch` keeps up with edited YAML. `doors` are further
    routers, `states` tell an operator how their parts are."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        preparing = asyncio.create_task(asyncio.to_thread(language.prepare))
        watching = asyncio.create_task(_watch(desk, settings.root, stop)) if settings.watch else None
        yield
        await preparing
        stop.set()
        if watching:
            await watching

    app = FastAPI(title="madoguchi", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    error_form.install(app, desk)
    app.add_middleware(GZipMiddleware, minimum_size=500)
    app.add_middleware(Guard, desk=desk, messages_per_minute=settings.messages_per_minute)
    figures = Figures()
    app.add_middleware(Measure, desk=desk, figures=figures)  # around the guard: what it refuses is counted too
    app.include_router(chat_api(desk))
    app.include_router(rasa_channel(desk))
    for door in doors:
        app.include_router(door, include_in_schema=False)  # not for the public
    stores = {"conversations": lambda: desk.conversations.state, "events": lambda: desk.events.state, **(states or {})}
    _health(app, desk, figures, stores)
    app.mount("/", StaticFiles(directory=settings.root / "web_widget", html=True), name="pages")
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.allowed_origins), allow_methods=["GET", "POST"],
            allow_headers=["content-type"], expose_headers=["Retry-After"],
        )  # fmt: skip
    return app


async def _watch(desk: Desk, root: Path, stop: asyncio.Event) -> None:
    """Publish after every change of what editors write, also of one made before the watch began. When a folder was
    taken away and put back (a deployment, a checkout), or anything goes wrong, watching starts again."""
    while not stop.is_set():
        folders = [root / name for name in WATCHED if (root / name).is_dir()]
        began, due = _places(folders), True
        try:
            watched = watchfiles.awatch(
                *folders, stop_event=stop, debounce=200, rust_timeout=WAKE_MS, yield_on_timeout=True
            )
            async for changes in watched:
                if changes or due:
                    due = False
                    await asyncio.to_thread(desk.publisher.publish)
                if _places(folders) != began:
                    break
        except Exception as error:  # the file system's own troubles
            log.error("watching starts again: %s: %s", type(error).__name__, error)
            await asyncio.sleep(1)


def _places(folders: list[Path]) -> list[int]:
    """What tells a folder from another one put in its place."""
    return [folder.stat().st_ino if folder.is_dir() else 0 for folder in folders]


def _health(app: FastAPI, desk: Desk, figures: Figures, states: Mapping[str, Callable[[], str]]) -> None:
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
            "stores": {name: state() for name, state in states.items()},
            "findings": waiting[:20],
        }
        return JSONResponse(body, 200 if current else 503)

    @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(figures.text(desk), media_type="text/plain; version=0.0.4; charset=utf-8")
