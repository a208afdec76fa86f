"""Put the demo together: residents of `bot.demo` at the real doors of this program, with a simulated clock."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import sqlalchemy as sa
from fastapi import APIRouter, FastAPI
from sqlalchemy.sql.elements import ColumnElement

from bot import assemble
from bot.analytics.period import Period
from bot.analytics.summary import Summary
from bot.database.tables import day_summaries, events
from bot.demo import month
from bot.demo.doors import Shown, Telephone, Visitor
from bot.demo.timetable import SimulatedClock, live
from bot.dialogue.desk import Desk
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.publisher import Outcome, Publisher, facts_of
from bot.settings import Settings
from bot.web.app import create_app
from bot.web.sessions import MemoryStore

ADDRESS = "http://demo.invalid"
BROWSERS = {
    "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "tablet": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15",
    "computer": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
}
MOST_A_MINUTE = 10**9  # everybody comes from one address here


class Phone(Protocol):
    """A telephone that is reached over HTTP."""

    @property
    def door(self) -> APIRouter:
        """The routes to put into the application."""
        ...

    def connect(self, post: Post) -> Telephone:
        """Call through this application."""
        ...


Phones = Callable[[Desk], Phone]
"""Gives the telephone of a desk where that part is installed: see `assemble_demo_telephone`."""


class DemoFailed(RuntimeError):
    """A door refused somebody: a mistake of the demo or of the door."""


@dataclass(frozen=True)
class Played:
    """What was played; `waiting`: events that the database has not taken, kept in a file."""

    conversations: int
    calls: int
    waiting: int


class Post:
    """Speaks HTTP with the application of this process, without a network. Close it."""

    def __init__(self, app: FastAPI) -> None:
        self._loop = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=ADDRESS, headers={"accept-encoding": "identity"}
        )

    def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """A request. Raises DemoFailed unless it succeeds."""
        answer = self._loop.run(self._client.request(method, path, **parts))
        if not answer.is_success:
            raise DemoFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def close(self) -> None:
        """Let go of it."""
        self._loop.run(self._client.aclose())
        self._loop.close()


class HttpChat:
    """The chat as `bot.demo.doors.Chat`: what the widget sends, or what a client of Rasa's REST channel sends."""

    def __init__(self, post: Post) -> None:
        self._post, self._senders = post, 0
        self._visitors: dict[str, Visitor] = {}

    def open(self, visitor: Visitor) -> Shown:
        """Open a conversation; over the Rasa channel that happens with the first message."""
        if visitor.door == "rasa":
            self._senders += 1
            return Shown(f"rasa demo-{self._senders}", "", (), ())
        shown = self._from(visitor, "", {})
        self._visitors[shown.conversation] = visitor
        return shown

    def send(self, conversation: str, text: str) -> Shown:
        """Free text."""
        if conversation.startswith("rasa "):
            return self._to_rasa(conversation, text)
        return self._to_widget(conversation, "messages", {"message": text})

    def choose(self, conversation: str, payload: str) -> Shown:
        """A button; in Rasa that is a message."""
        if conversation.startswith("rasa "):
            return self._to_rasa(conversation, payload)
        return self._to_widget(conversation, "choices", {"payload": payload})

    def rate(self, conversation: str, entry: str, helpful: bool, reason: str) -> Shown:
        """A rating; Rasa's answers name no entry, so nobody rates there."""
        return self._to_widget(conversation, "ratings", {"entry": entry, "helpful": helpful, "reason": reason})

    def _to_widget(self, conversation: str, what: str, body: Mapping[str, object]) -> Shown:
        visitor = self._visitors[conversation]
        shown = self._from(visitor, f"/{conversation}/{what}", body)
        self._visitors[shown.conversation] = visitor  # a new one if the old one had expired
        return shown

    def _from(self, visitor: Visitor, path: str, body: Mapping[str, object]) -> Shown:
        told = {"lang": visitor.tag, "page": visitor.page, **body}
        headers = {"user-agent": BROWSERS[visitor.device]}
        return _shown(self._post.send("POST", f"/api/v1/conversations{path}", json=told, headers=headers).json())

    def _to_rasa(self, conversation: str, message: str) -> Shown:
        sender = conversation.removeprefix("rasa ")
        body = {"sender": sender, "message": message}
        messages = self._post.send("POST", "/webhooks/rest/webhook", json=body).json()
        payloads = tuple(button["payload"] for each in messages for button in each.get("buttons") or ())
        return Shown(conversation, "choices" if "/none" in payloads else "", (), payloads)


def _shown(body: Mapping[str, Any]) -> Shown:
    reply = body["reply"]
    return Shown(
        body["conversation"], reply["kind"], tuple(answer["id"] for answer in reply["answers"]),
        tuple(choice["payload"] for choice in reply["choices"]),
    )  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """What to play. `until`: nothing happens from then on."""

    period: Period
    until: dt.datetime
    conversations: int
    calls: int
    seed: int


def play(
    settings: Settings, publisher: Publisher, ask: Ask, phones: Phones | None, progress: Callable[[], object]
) -> Played:
    """Play a month with what `publisher` has published, and keep its events, marked as synthetic. `progress` is called
    at the end of each conversation and call. Without `phones` nobody calls. Raises DemoFailed, and
    NotReady if nothing is published."""
    settings = settings.model_copy(update={"messages_per_minute": MOST_A_MINUTE, "watch": False})
    clock = SimulatedClock(dt.datetime.combine(ask.period.first, dt.time(), TOKYO))
    log = assemble.event_log(settings, synthetic=True)
    try:
        store = MemoryStore(dt.timedelta(minutes=settings.conversation_minutes), settings.conversations)
        desk = Desk(publisher, store, log, clock)
        publisher.tell(lambda outcome: log.append([_publication(outcome, clock())]))
        phone = phones(desk) if phones else None
        post = Post(create_app(desk, settings, [phone.door] if phone else ()))
        try:
            plan = month.Plan(
                [day for day in ask.period if dt.datetime.combine(day, dt.time(), TOKYO) < ask.until],
                ask.conversations, ask.calls if phone else 0, ask.seed, desk.published.hours,
            )  # fmt: skip
            visits = month.conversations(plan, HttpChat(post))
            visits += month.calls(plan, phone.connect(post)) if phone else []
            live(visits, clock, ask.until, progress)
        finally:
            post.close()
    finally:
        waiting = log.close()
    return Played(plan.conversations, plan.calls, waiting)


def _publication(outcome: Outcome, at: dt.datetime) -> Event:
    return Event(Happened.KNOWLEDGE_PUBLISHED, at, "", facts_of(outcome))


# -- in the database -------------------------------------------------------------------------------------------------


def real_events(database: sa.Engine, period: Period) -> int:
    """How many events of the period are real; 1 at least if only their figures are left."""
    with database.connect() as connection:
        wanted = sa.select(sa.func.count()).where(_within(events.c.day, period), ~events.c.synthetic)
        found: int = connection.execute(wanted).scalar_one()
        if found:
            return found
        kept = sa.select(day_summaries.c.summary).where(
            _within(day_summaries.c.day, period), ~day_summaries.c.synthetic
        )
        return sum(bool(Summary.from_json(row.summary).tables) for row in connection.execute(kept))


def remove(database: sa.Engine, period: Period) -> int:
    """Delete the synthetic events of a period and the figures made of them; how many events there were."""
    with database.begin() as connection:
        gone = connection.execute(sa.delete(events).where(_within(events.c.day, period), events.c.synthetic))
        connection.execute(
            sa.delete(day_summaries).where(_within(day_summaries.c.day, period), day_summaries.c.synthetic)
        )
        before = (period.first - dt.timedelta(days=1)).isoformat()  # counts on past midnight; made again if it can be
        is_kept = sa.exists().where(events.c.day == before)
        connection.execute(sa.delete(day_summaries).where(day_summaries.c.day == before, is_kept))
    return gone.rowcount


def _within(day: sa.Column[str], period: Period) -> ColumnElement[bool]:
    return day.between(period.first.isoformat(), period.last.isoformat())
