"""What one turn gives back: an answer, choices, or a fallback – never more than one of them (design.md 2)."""

from __future__ import annotations

from enum import StrEnum

from bot.knowledge.models import Entry, Link, Strict, Topic


class ReplyKind(StrEnum):
    """The three kinds."""

    ANSWER = "answer"
    CHOICES = "choices"
    FALLBACK = "fallback"


class Choice(Strict):
    """A button. `payload` sent back as the message chooses it (`/entry/…`, `/topic/…`, `/menu`, `/none`)."""

    title: str
    payload: str

    @classmethod
    def entry(cls, entry: Entry) -> Choice:
        """A button that asks for an entry."""
        return cls(title=entry.question, payload=f"/entry/{entry.id}")

    @classmethod
    def topic(cls, topic: Topic) -> Choice:
        """A button that opens a topic."""
        return cls(title=topic.title, payload=f"/topic/{topic.id}")


class Answer(Strict):
    """One entry as it is shown: `text` is the Markdown subset of design.md 4.2."""

    id: str
    question: str
    text: str
    links: tuple[Link, ...] = ()

    @property
    def plain(self) -> str:
        """The answer with its links, for where text is all there is."""
        links = [f"{link.label}: {link.url}" for link in self.links]
        return "\n\n".join([self.text, "\n".join(links)]) if links else self.text


class Reply(Strict):
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
        return "\n\n".join(part for part in (self.text, *(a.plain for a in self.answers), self.contact) if part)
