"""The desk (窓口) that every door talks to: it finds the conversation, takes a turn, keeps what came of it."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from bot.dialogue import turn
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.dialogue.publisher import Publisher
from bot.dialogue.reply import Reply
from bot.dialogue.state import Conversation
from bot.dialogue.turn import Turn


class NotReady(Exception):
    """Nothing was ever published; the operator finds the findings in /readyz."""


class ConversationStore(Protocol):
    """Keeps conversations for a while: in memory here, on Redis when scaled out."""

    @property
    def state(self) -> str:
        """How it is, for an operator."""
        ...

    def get(self, conversation_id: str, now: dt.datetime) -> Conversation | None:
        """The conversation, unless it never was or has expired."""
        ...

    def put(self, conversation: Conversation) -> None:
        """Keep it, replacing what was kept under its id."""
        ...


class EventSink(Protocol):
    """Takes events without making the resident wait."""

    @property
    def state(self) -> str:
        """How it is, for an operator."""
        ...

    @property
    def waiting(self) -> int:
        """How many are kept, but not yet where they belong."""
        ...

    @property
    def dropped(self) -> int:
        """How many were lost since the start."""
        ...

    def append(self, events: Sequence[Event]) -> None:
        """Keep these events."""
        ...


@dataclass(frozen=True)
class Visit:
    """Where a conversation comes from, as far as its door knows. `door`: widget | rasa; `device`: phone | tablet |
    computer; `page`: the path of the page that the widget is on."""

    door: str = ""
    device: str = ""
    page: str = ""


UNKNOWN = Visit()


@dataclass(frozen=True)
class Served:
    """A reply and the conversation it belongs to; `renewed`: the old one had expired, this is a new one."""

    conversation: Conversation
    reply: Reply
    renewed: bool = False


def now_in_tokyo() -> dt.datetime:
    """The clock of the doors."""
    return dt.datetime.now(TOKYO)


@dataclass(frozen=True)
class Desk:
    """One for a process. Raises NotReady as long as no good knowledge was ever published."""

    publisher: Publisher
    conversations: ConversationStore
    events: EventSink
    clock: Callable[[], dt.datetime] = now_in_tokyo

    @property
    def published(self) -> Published:
        """What is published now."""
        if self.publisher.current is None:
            raise NotReady
        return self.publisher.current

    def start(self, lang: str = "ja", conversation_id: str | None = None, visit: Visit = UNKNOWN) -> Served:
        """Open a conversation, under an id of the caller's or a new one that can't be guessed."""
        began = time.perf_counter()
        taken = turn.start(conversation_id or secrets.token_urlsafe(18), self.published, self.clock(), lang)
        return self._keep(taken, began, visit)

    def find(self, conversation_id: str) -> Conversation | None:
        """A conversation that is still remembered."""
        return self.conversations.get(conversation_id, self.clock())

    def hear(
        self, conversation_id: str, message: str, lang: str = "ja", fixed_id: bool = False, visit: Visit = UNKNOWN
    ) -> Served:
        """Take a turn. An expired conversation is renewed in `lang`, under the same id if that is the caller's
        (`fixed_id`)."""
        conversation = self.find(conversation_id)
        renewed = conversation is None
        if conversation is None:
            conversation = self.start(lang, conversation_id if fixed_id else None, visit).conversation
        began = time.perf_counter()
        served = self._keep(turn.hear(conversation, message, self.published, self.clock()), began)
        return Served(served.conversation, served.reply, renewed)

    def rate(self, conversation: Conversation, entry_id: str, helpful: bool, reason: str) -> Served:
        """Keep a rating."""
        began = time.perf_counter()
        return self._keep(turn.rate(conversation, entry_id, helpful, reason, self.published, self.clock()), began)

    def _keep(self, taken: Turn, began: float, visit: Visit = UNKNOWN) -> Served:
        self.conversations.put(taken.conversation)
        took = round((time.perf_counter() - began) * 1000, 2)  # ms: the turn and the store
        self.events.append([_told(event, took, visit) for event in taken.events])
        return Served(taken.conversation, taken.reply)


def _told(event: Event, took: float, visit: Visit) -> Event:
    """The event with what only the desk knows."""
    if event.name in {Happened.QUESTION_ASKED, Happened.CHOICE_MADE}:
        return event.telling(ms=took)
    return event.telling(**asdict(visit)) if event.name is Happened.CONVERSATION_STARTED else event
