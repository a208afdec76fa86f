"""Facts that happened, in the past tense; all figures are computed from them (design.md 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Happened(StrEnum):
    """Names of events."""

    CONVERSATION_STARTED = "conversation_started"
    QUESTION_ASKED = "question_asked"
    CHOICE_MADE = "choice_made"
    ANSWER_GIVEN = "answer_given"
    CHOICES_OFFERED = "choices_offered"
    FELL_BACK = "fell_back"
    ANSWER_RATED = "answer_rated"


@dataclass(frozen=True)
class Event:
    """One fact; `facts` are plain values. A resident's words are in `facts["text"]` only and are masked before
    they are stored."""

    name: Happened
    at: dt.datetime
    conversation: str
    facts: Mapping[str, object] = field(default_factory=dict)
