"""Facts that happened, in the past tense; all figures are computed from them (design.md 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

FACTS_VERSION = 2
"""Of what `facts` hold; goes up when a reader must tell old ones from new ones."""


class Happened(StrEnum):
    """Names of events."""

    CONVERSATION_STARTED = "conversation_started"
    QUESTION_ASKED = "question_asked"
    CHOICE_MADE = "choice_made"
    ANSWER_GIVEN = "answer_given"
    CHOICES_OFFERED = "choices_offered"
    FELL_BACK = "fell_back"
    ANSWER_RATED = "answer_rated"
    LANGUAGE_CHANGED = "language_changed"
    CALL_RECEIVED = "call_received"
    CALL_ANSWERED = "call_answered"
    CALL_REFUSED = "call_refused"
    MENU_HEARD = "menu_heard"
    KEY_PRESSED = "key_pressed"
    WRONG_KEY_PRESSED = "wrong_key_pressed"
    NOTHING_PRESSED = "nothing_pressed"
    TOPIC_CHOSEN = "topic_chosen"
    TOPIC_HEARD = "topic_heard"
    QUESTION_SPOKEN = "question_spoken"
    QUEUE_JOINED = "queue_joined"
    QUEUE_LEFT = "queue_left"
    TRANSFER_TRIED = "transfer_tried"
    TRANSFERRED = "transferred"
    TRANSFER_FAILED = "transfer_failed"
    CALL_ENDED = "call_ended"
    EMERGENCY_SWITCHED = "emergency_switched"
    KNOWLEDGE_PUBLISHED = "knowledge_published"


@dataclass(frozen=True)
class Event:
    """One fact; `facts` are plain values. `conversation` is the id of a conversation or of a call. A resident's words
    are in `facts["text"]` only and are masked before they are stored."""

    name: Happened
    at: dt.datetime
    conversation: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def telling(self, **facts: object) -> Event:
        """The same event with further facts."""
        return replace(self, facts={**self.facts, **facts})
