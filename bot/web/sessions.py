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

    def get(self, conversation_id: str, now: dt.datetime) -> Conversation | None:
        """The conversation, unless it never was or has expired."""
        conversation = self._kept.get(conversation_id)
        return conversation if conversation and now - conversation.updated_at < self._life else None

    def put(self, conversation: Conversation) -> None:
        """Keep it as the newest; drop what is expired or too much."""
        self._kept[conversation.id] = conversation
        self._kept.move_to_end(conversation.id)
        while len(self._kept) > self._limit or self._oldest_is_over(conversation.updated_at):
            self._kept.popitem(last=False)

    def _oldest_is_over(self, now: dt.datetime) -> bool:
        oldest = next(iter(self._kept.values()))
        return now - oldest.updated_at >= self._life
