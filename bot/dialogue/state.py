"""What is remembered of a conversation between two turns. Immutable; a store keeps it, `turn` makes the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pydantic import Field

from bot.dialogue.reply import Reply
from bot.knowledge.models import Strict

MAX_LINES = 60  # of the transcript, for resuming after a reload


class Line(Strict):
    """One line of the transcript: what the resident sent, or what was replied."""

    at: dt.datetime
    said: str | None = None
    reply: Reply | None = None


class Conversation(Strict):
    """`last_entry` and `last_topic` are what a follow-up leans on; `failures` counts replies in a row that did not
    help; `lang_chosen`: the resident has picked the language, so that no message switches it; `used` counts how often
    each group of wordings was used, so that none is repeated."""

    id: str
    lang: str = "ja"
    lang_chosen: bool = False
    started_at: dt.datetime
    updated_at: dt.datetime
    last_entry: str | None = None
    last_topic: str | None = None
    last_reply: Reply | None = None
    failures: int = 0
    used: Mapping[str, int] = Field(default_factory=dict)
    transcript: tuple[Line, ...] = ()

    def with_line(self, line: Line) -> Conversation:
        """The conversation with one more line in its transcript."""
        lines = (*self.transcript, line)[-MAX_LINES:]
        return self.model_copy(update={"transcript": lines, "updated_at": line.at})
