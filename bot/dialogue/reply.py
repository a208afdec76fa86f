"""What one turn gives back: an answer, choices, or a fallback – never more than one of them (design.md 2)."""

from __future__ import annotations

from enum import StrEnum

from bot.knowledge.models import Entry, Knowledge, Link, Strict, Topic


class ReplyKind(StrEnum):
    """The three kinds."""

    ANSWER = "answer"
    CHOICES = "choices"
    FALLBACK = "fallback"


class Choice(Strict):
    """A button. `payload` sent back as the message chooses it (`/entry/…`, `/topic/…`, `/lang/…`, `/menu`, `/none`)."""

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

    @classmethod
    def language(cls, code: str, name: str) -> Choice:
        """A button that switches the language; `name` is the language's own."""
        return cls(title=name, payload=f"/lang/{code}")


class Easy(Strict):
    """The same answer in plain Japanese (やさしい日本語)."""

    question: str
    text: str
    links: tuple[Link, ...] = ()


class Answer(Strict):
    """One entry as it is shown: `text` is the Markdown subset of design.md 4.2. `lang`: what it is written in, another
    language than the conversation's where there is no translation."""

    id: str
    question: str
    text: str
    links: tuple[Link, ...] = ()
    lang: str = "ja"
    easy: Easy | None = None

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


def shown(entry: Entry, knowledge: Knowledge) -> Answer:
    """An entry of `knowledge` as it is shown: with its plain Japanese where the reader is of Japanese, or gets Japanese
    for want of a translation."""
    japanese = knowledge.lang == "ja" or entry.id in knowledge.untranslated
    plain = knowledge.easy.get(entry.id) if japanese else None
    easy = Easy(question=plain.question, text=plain.answer.strip(), links=plain.links) if plain else None
    lang = "ja" if japanese else knowledge.lang
    return Answer(
        id=entry.id, question=entry.question, text=entry.answer.strip(), links=entry.links, lang=lang, easy=easy
    )
