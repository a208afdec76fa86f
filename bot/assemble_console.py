"""Put the console together as the settings say."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from bot import assemble, assemble_tuning
from bot.analytics.archive import Archive
from bot.console.app import console
from bot.console.context import ConsoleContext, TelephoneTools
from bot.console.security import SESSION, address, cookie, may_come_in
from bot.database.opening import open_database, prepare
from bot.dialogue.desk import Desk
from bot.settings import Settings
from bot.staff import Staff

log = logging.getLogger(__name__)

COUNT_EVERY_SECONDS = 3600
COUNT_AGAIN_SECONDS = 60  # after the database was away
ANSWER_SECONDS = 10  # of a database that does not answer; a start, or a page, waits no longer

States = Mapping[str, Callable[[], str]]


@dataclass(frozen=True)
class ConsoleDoor:
    """The console under `/console`, and what other doors may ask of it: whether a request is one of the staff's."""

    router: APIRouter
    is_staff: Callable[[Request], bool]


@contextmanager
def console_door(
    settings: Settings, desk: Desk, telephone: TelephoneTools | None = None, states: States | None = None
) -> Iterator[ConsoleDoor]:
    """Opens the console. Where the database is away, it opens all the same, and its pages say so."""
    engine = _database(settings)
    staff = Staff(engine, minutes=settings.console_minutes)
    archive = Archive(engine, desk.clock)
    tuning = assemble_tuning.Tools(settings)
    context = ConsoleContext(
        desk=desk,
        archive=archive,
        staff=staff,
        root=settings.root,
        data=settings.data,
        allowed=settings.console_allowed,
        minutes=settings.console_minutes,
        telephone=telephone,
        states=states or {},
        tuning=tuning,
    )
    stop = threading.Event()
    counting = threading.Thread(target=_count, args=(archive, stop), name="counting", daemon=True)
    counting.start()
    try:
        yield ConsoleDoor(console(context), lambda request: is_staff(request, settings, staff))
    finally:
        tuning.close()
        stop.set()
        counting.join(timeout=10)
        engine.dispose()


def _count(archive: Archive, stop: threading.Event) -> None:
    """Count past days ahead of who asks for them: at the start, and every hour, for the day that has just ended."""
    while not stop.is_set():
        seconds = COUNT_EVERY_SECONDS
        try:
            archive.refresh(stop)
        except SQLAlchemyError as error:
            log.error("days are not counted: %s", type(error).__name__)
            seconds = COUNT_AGAIN_SECONDS
        stop.wait(seconds)


def _database(settings: Settings) -> Engine:
    engine = open_database(assemble.database_url(settings), answer_seconds=ANSWER_SECONDS)
    try:
        prepare(engine)
    except SQLAlchemyError as error:  # the event log goes on trying
        log.error("the database is away: %s", type(error).__name__)
    return engine


def is_staff(request: Request, settings: Settings, staff: Staff) -> bool:
    """Whether a request comes from staff who are signed in, from where the console may be opened."""
    token = cookie(request, SESSION)
    if not token or not may_come_in(address(request), settings.console_allowed):
        return False
    try:
        session = staff.sessions.find(token)
        if session is None or session.member.must_change:
            return False
        staff.sessions.touch(session)
    except SQLAlchemyError:
        return False
    return True
