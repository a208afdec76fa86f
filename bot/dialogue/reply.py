"""What one turn gives back: an answer, choices, or a fallback – never more than one of them (design.md 2)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bot.knowledge.models import Link


class ReplyKind(StrEnum):
    """The three kinds."""

    ANSWER = "answer"
    CHOICES = "choices"
    FALLBACK = "fallback"


class Frozen(BaseModel):
    """Immutable, and strict about what it is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(Frozen):
    """A button. `payload` sent back as the message chooses it (`/entry/…`, `/topic/…`, `/menu`, `/none`)."""

    title: str
    payload: str


class Answer(Frozen):
    """One entry as it is shown: `text` is the Markdown subset of design.md 4.2."""

    id: str
    question: str
    text: str
    links: tuple[Link, ...] = ()


class Reply(Frozen):
    """`text` introduces or explains; `answers` has one or two for ANSWER, none otherwise; `contact` is the telephone
    line with its state, where a person should be offered."""

    kind: ReplyKind
    text: str = ""
    answers: tuple[Answer, ...] = ()
    choices: tuple[Choice, ...] = ()
    contact: str = ""

    @property
    def plain(self) -> str:
        """Everything it says as one text."""
        return "\n\n".join(part for part in (self.text, *(a.text for a in self.answers), self.contact) if part)
