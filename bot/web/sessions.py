"""Conversations in memory, with an end. Redis takes this place when the service is scaled out."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from bot.dialogue.state import Conversation


class MemoryStore:
    """Forgets a conversation `life` after its last turn, and the oldest ones when there are more than `limit`."""

    def __init__(self, life: dt.timedelta, limit: int) -> None:
        self._life, self._limit = life, limit
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    @property
    def state(self) -> str:
        """How many conversations are remembered."""
        return f"memory: {len(self._kept)}"

    def get(self, conversation_id: str, now: dt.datetime) -> Conversation | None:
        """The conversation, unless it never was or has expired."""
        self._forget(now)
        return self._kept.get(conversation_id)

    def put(self, conversation: Conversation) -> None:
        """Keep it as the newest; drop what is expired or too much."""
        self._kept[conversation.id] = conversation
        self._kept.move_to_end(conversation.id)
        self._forget(conversation.updated_at)

    def _forget(self, now: dt.datetime) -> None:
        """The order is that of the last turns, so the oldest are in front."""
        while self._kept and (len(self._kept) > self._limit or self._over(next(iter(self._kept.values())), now)):
            self._kept.popitem(last=False)

    def _over(self, conversation: Conversation, now: dt.datetime) -> bool:
        return now - conversation.updated_at >= self._life
