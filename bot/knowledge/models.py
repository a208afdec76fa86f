"""What knowledge is made of: immutable, validated, free of any clock or file (design.md 2 and 4.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Category = Literal[
    "納税通知書", "制度", "減免", "督促状", "納税", "延滞金", "滞納処分", "納税証明",
    "金融機関からの照会", "還付", "自動車税（環境性能割）", "コールセンター", "その他",
]  # fmt: skip
"""The thirteen reporting classes (domain.md 13-1)."""

Certainty = Literal["県", "公", "未"]
"""How sure the facts are (domain.md 0-1)."""

MAX_ID = 60
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"  # an id is a file name, on every operating system
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=MAX_ID)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[dt.date | None, BeforeValidator(lambda value: None if value in ("", "null", "~") else value)]

MAX_ANSWER, MAX_VOICE, MAX_QUESTION = 400, 200, 120


class Strict(BaseModel):
    """Unknown keys are findings, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Link(Strict):
    """A page to read on; `url` is https."""

    label: Words
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)]


class Validity(Strict):
    """Days on which an entry is served, both included; an open end is None."""

    from_: Day = Field(None, alias="from")
    until: Day = None

    def contains(self, day: dt.date) -> bool:
        """True if `day` lies inside."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day <= self.until)


class Entry(Strict):
    """One FAQ (design.md 4.2). `answer` is a Markdown subset, `voice` what the telephone says; how long each may be is
    checked with the words (`lint`), so that a foreign FAQ can still be measured."""

    id: Slug
    topic: Slug
    category: Category
    question: Annotated[Words, Field(json_schema_extra={"maxLength": MAX_QUESTION})]
    answer: Annotated[Words, Field(json_schema_extra={"maxLength": MAX_ANSWER})]
    voice: Annotated[Words, Field(json_schema_extra={"maxLength": MAX_VOICE})] | None = None
    links: tuple[Link, ...] = ()
    related: tuple[Slug, ...] = ()
    owner: Words
    source: Words
    certainty: Certainty
    valid: Validity = Validity()
    reviewed: Day = None


class Topic(Strict):
    """A group of entries. `subject` is the noun a follow-up question leaves out; `menu` names the entries shown
    first, which may belong to other topics."""

    id: Slug
    title: Words
    subject: Words
    menu: tuple[Slug, ...] = ()


@dataclass(frozen=True)
class SmallTalk:
    """What people say beside their question, and the reviewed reply to it."""

    id: str
    phrasings: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Words of the domain: `synonyms` maps what residents say to the term we use; `subjects` are nouns a direct
    answer must share with the question (retrieval.md 7); `fillers` are spoken hesitations."""

    synonyms: Mapping[str, str] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """An immutable, validated snapshot in one language. `version` is a hash of everything it was made from.

    In another language than Japanese `untranslated` names the entries whose words are still Japanese. `easy` holds
    answers in plain Japanese (やさしい日本語), by the id of their entry."""

    version: str
    topics: tuple[Topic, ...]
    entries: Mapping[str, Entry]
    phrasings: Mapping[str, tuple[str, ...]]
    small_talk: Mapping[str, SmallTalk] = field(default_factory=dict)
    out_of_scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    lang: str = "ja"
    untranslated: frozenset[str] = frozenset()
    easy: Mapping[str, Entry] = field(default_factory=dict)

    def served(self, entry_id: str, day: dt.date) -> Entry | None:
        """The entry, if there is one of this id and it may be served on `day`."""
        entry = self.entries.get(entry_id)
        return entry if entry and entry.valid.contains(day) else None

    def topic(self, topic_id: str) -> Topic | None:
        """The topic of this id, if any."""
        return next((topic for topic in self.topics if topic.id == topic_id), None)

    def in_topic(self, topic_id: str, day: dt.date) -> list[Entry]:
        """Entries of a topic served on `day`: those of its menu first, in that order, then its others by id."""
        topic = self.topic(topic_id)
        ids = list(topic.menu if topic else ())
        ids += [entry.id for entry in self.entries.values() if entry.topic == topic_id and entry.id not in ids]
        return [entry for entry in (self.served(id_, day) for id_ in ids) if entry]


class Question(Strict):
    """A question that guards the content (design.md 4.4). `expect` "none": must not be answered."""

    ask: Words
    expect: Words
    accept: tuple[Slug, ...] = ()
    lang: str = "ja"

    @property
    def right(self) -> frozenset[str]:
        """Ids of the right answers; empty if it must not be answered."""
        return frozenset() if self.expect == "none" else frozenset((self.expect, *self.accept))
