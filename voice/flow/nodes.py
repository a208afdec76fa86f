"""What editors write in `ivr_flows/<flow>.yaml`: a flow, its nodes, its words. `docs/編集者の手引き.md` explains it.

Models check shapes only; what makes a flow right as a whole is told by `lint`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from bot.knowledge.models import Category, Strict, Words

KEYS = "0123456789*#"  # what a telephone can send (RFC 4733 3.2)
DESKS = Literal["operators", "night_desk"]
Lang = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z]{2})?$")]
Key = Annotated[str, BeforeValidator(lambda key: key.strip() if isinstance(key, str) else key)]

_BREAK = re.compile(r"\s*\n\s*")
_KANA = re.compile(r"[ぁ-ヿ一-龥]")


def joined(text: str) -> str:
    """Words written over several lines, as one line: Japanese without spaces, other languages with one."""
    return _BREAK.sub("" if _KANA.search(text) else " ", text.strip())


def _parts(value: object) -> object:
    """A text, a part, or a list of both: always a list of parts."""
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"text": joined(part)} if isinstance(part, str) else part for part in listed]


class Dated(Strict):
    """Something said on some days only. `from`, `until`: MM-DD, every year, may wrap the year's end (then both are
    given); or YYYY-MM-DD, where either may be missing. Both ends are included."""

    from_: str = Field("", alias="from")
    until: str = ""

    def applies(self, day: dt.date) -> bool:
        """Whether it is said on `day` (a day of Tokyo)."""
        start, end = self.from_, self.until
        if len(start or end) != len("12-29"):
            return (start or "0") <= day.isoformat() <= (end or "9")
        today = f"{day:%m-%d}"
        return start <= today <= end if start <= end else today >= start or today <= end


class Part(Dated):
    """A piece of what is said: exactly one of `text`, `entry` (the spoken answer of an FAQ), `notices` (those of
    notices.yaml that are valid for this flow)."""

    text: Annotated[str, BeforeValidator(lambda text: joined(text) if isinstance(text, str) else text)] = ""
    entry: str = ""
    notices: bool = False


Parts = Annotated[tuple[Part, ...], BeforeValidator(_parts)]


class Choice(Strict):
    """A line of a menu. With `say` a topic, heard and followed by `goto` or the menu's `after`; without, a way to
    `goto`. With `each` of its own it is read after the menu's sentence, in its own language."""

    key: Key
    title: Words
    say: Parts = ()
    goto: str = ""
    category: Category | None = None
    stopped: bool = False
    each: str = ""
    lang: Lang | None = None


class Retry(Strict):
    """What follows a slip at a menu: `say` and the menu again, `attempts` (0–5) times, then `last` and node `then`."""

    say: Parts = ()
    attempts: int = 2
    last: Parts = ()
    then: str


class Repeat(Strict):
    """The offer to hear a topic again, off unless `on`: `key` within `wait_secs` after `say`."""

    key: Key = "0"
    say: Parts = ()
    wait_secs: int = 4
    on: bool = False


class Question(Strict):
    """Listening to a spoken question of at most `seconds`. Whatever is not understood is asked again `attempts` times
    altogether, then `then`. `without`: the way while no recognition is installed. `after`: where an answer leads.

    Where the search is not sure it offers up to three entries: `choose_each` ({question}, {key}) for each, then
    `choose_tail`; 0 is "none of these". Without `choose_each` nothing is offered."""

    seconds: int
    attempts: int = 2
    then: str
    without: str = ""
    after: str = ""
    not_heard: Parts = ()
    not_sure: Parts = ()
    choose_each: str = ""
    choose_tail: str = ""
    wait_secs: int = 6


class HandOver(Strict):
    """Ringing a person for `ring_secs`; `failed`: busy, no answer; `not_set`: no such desk (without it: `failed`)."""

    to: DESKS
    ring_secs: int = 30
    failed: str
    not_set: str = ""


class Queue(Strict):
    """Standing in line: `say` after every `every_secs` of waiting; after `limit_secs` altogether the node `then`."""

    to: DESKS
    every_secs: int = 20
    say: Parts = ()
    limit_secs: int = 600
    then: str
    not_set: str = ""


class Kind(StrEnum):
    """What a node does after its `say`; the word is the key in the file."""

    THEN = "then"
    MENU = "choices"
    LISTEN = "listen"
    TRANSFER = "transfer"
    QUEUE = "queue"
    HANG_UP = "hang_up"


class Node(Strict):
    """A step of a flow: `say`, then exactly one of the things of `Kind`. The rest belongs to a menu."""

    title: str = ""
    say: Parts = ()
    barge_in: bool = True
    then: str = ""
    choices: tuple[Choice, ...] | None = None
    listen: Question | None = None
    transfer: HandOver | None = None
    queue: Queue | None = None
    hang_up: bool = False
    each: str = ""
    tail: str = ""
    wait_secs: int = 6
    no_input: Retry | None = None
    no_match: Retry | None = None
    after: str = ""
    repeat: Repeat | None = None

    def kinds(self) -> list[Kind]:
        """What it does; a checked node has exactly one."""
        return [kind for kind in Kind if getattr(self, kind) not in ("", None, False)]

    @property
    def kind(self) -> Kind:
        """The one thing it does; a node that does nothing ends the call."""
        return next(iter(self.kinds()), Kind.HANG_UP)

    def active(self) -> list[Choice]:
        """The lines of the menu that are not stopped."""
        return [choice for choice in self.choices or () if not choice.stopped]

    def chosen(self, key: str) -> Choice | None:
        """The line of a key."""
        return next((choice for choice in self.active() if choice.key == key), None)

    def says(self) -> Iterator[tuple[tuple[str | int, ...], Parts]]:
        """Everything it may say: (place in the node, parts)."""
        yield ("say",), self.say
        for number, choice in enumerate(self.choices or ()):
            yield ("choices", number, "say"), choice.say
        for name in ("no_input", "no_match", "repeat", "queue", "listen"):
            for key in ("say", "last", "not_heard", "not_sure"):
                yield (name, key), getattr(getattr(self, name), key, ())

    def links(self) -> Iterator[tuple[tuple[str | int, ...], str, bool]]:
        """Every way out: (its place in the node, target, whether the call goes there without anybody doing a thing)."""
        if self.then:
            yield ("then",), self.then, True
        for number, choice in enumerate(self.choices or ()):
            if choice.goto:
                yield ("choices", number, "goto"), choice.goto, False
        if self.after:
            yield ("after",), self.after, False
        for name, retry in (("no_input", self.no_input), ("no_match", self.no_match)):
            if retry:
                yield (name, "then"), retry.then, name == "no_input"
        for name in ("listen", "transfer", "queue"):
            for key in ("then", "without", "after", "failed", "not_set"):
                if target := getattr(getattr(self, name), key, ""):
                    yield (name, key), target, key != "after"


class Flow(Strict):
    """A file of `ivr_flows/`. `unavailable` is said in the place of an entry that may not be served."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: Words
    lang: Lang = "ja"
    start: str
    unavailable: str = ""
    nodes: dict[str, Node]
