"""One resident at the chat: what sort of person, what is asked, and what is done with the reply."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from bot.demo.doors import Chat, Shown, Visitor
from bot.demo.words import as_typed, words

Course = Generator[float, None, Shown]
"""Part of a conversation: yields seconds, returns the last reply."""

PATIENCE = 3  # ways of asking before a resident gives up
COMES_BACK = 0.012  # share that leaves the chat open and goes on when the conversation has expired


@dataclass(frozen=True)
class Wish:
    """What a resident wants to know: the entry that says it ("" if none does) and ways to ask, the first one first."""

    entry: str
    asks: tuple[str, ...]
    topic: str = ""


class Resident:
    """Somebody who visits the chat. `wishes` are asked one after the other; `browses` means by buttons, not by words;
    without wishes it is somebody who only looks."""

    def __init__(self, chat: Chat, visitor: Visitor, wishes: Sequence[Wish], browses: bool, rng: random.Random) -> None:
        self._chat, self._visitor, self._wishes = chat, visitor, wishes
        self._browses, self._rng = browses, rng
        self._id = ""

    def visit(self) -> Iterator[float]:
        """The whole conversation; yields seconds of reading, thinking and typing."""
        shown = self._keep(self._chat.open(self._visitor))
        if self._wishes and self._chance(0.06):
            yield self._typing()
            shown = self._say(self._rng.choice(words().small_talk["greeting"]))
        for number, wish in enumerate(self._wishes):
            yield self._reading(shown) if number else self._typing()
            if self._chance(COMES_BACK):
                yield self._rng.uniform(3_700, 9_000)
            if self._browses and wish.topic:
                shown = yield from self._look_up(wish)
            else:
                shown = yield from self._ask(wish)
        if self._wishes and self._chance(0.12):
            yield self._typing()
            self._say(self._rng.choice(words().small_talk["thanks"]))

    # -- by words ------------------------------------------------------------------------------------------------

    def _ask(self, wish: Wish) -> Course:
        """Ask, and ask again in other words. Returns the last reply."""
        shown = Shown(self._id, "", (), ())
        for number, text in enumerate(wish.asks[:PATIENCE], 1):
            shown = self._say(as_typed(text, self._rng) if self._visitor.tag == "ja" else text)
            yield self._reading(shown)
            if shown.kind == "answer":
                yield from self._read(shown, wish)
                return shown
            if shown.offered() and shown.kind != "fallback":
                shown = yield from self._pick(shown, wish)
                if shown.kind != "fallback":
                    return shown
            if number >= len(wish.asks) or not self._chance(0.5):
                break
            yield self._typing()
        if shown.kind == "fallback":
            shown = yield from self._give_up(wish)
        return shown

    def _pick(self, shown: Shown, wish: Wish) -> Course:
        """A few candidates: the right one, "none of these", a wrong one, or nothing."""
        offered = shown.offered()
        if wish.entry in offered and self._chance(0.9):
            chosen = wish.entry
        elif "/none" in shown.choices and self._chance(0.55):
            return self._press("/none")
        elif self._chance(0.5):
            chosen = offered[0]
        else:
            return shown
        shown = self._press(f"/entry/{chosen}")
        yield self._reading(shown)
        yield from self._read(shown, wish)
        return shown

    def _give_up(self, wish: Wish) -> Course:
        """Nothing was found: look in the menu, ask for a person, get angry, or leave."""
        what = self._rng.random()
        if what < 0.2 and wish.topic:
            yield self._typing()
            return (yield from self._look_up(wish))
        if what < 0.36:
            yield self._typing()
            return self._say(self._rng.choice(words().small_talk["human"]))
        if what < 0.42:
            yield self._typing()
            return self._say(self._rng.choice(words().small_talk["angry"]))
        return Shown(self._id, "fallback", (), ())

    # -- by buttons ----------------------------------------------------------------------------------------------

    def _look_up(self, wish: Wish) -> Course:
        """Menu, topic, entry; a second page if need be."""
        if self._rng.random() < 0.3:
            self._press("/menu")
            yield self._rng.uniform(2, 9)
        shown = self._press(f"/topic/{wish.topic}")
        yield self._rng.uniform(4, 18)
        if wish.entry not in shown.offered() and self._chance(0.7):
            further = [payload for payload in shown.choices if payload.startswith(f"/topic/{wish.topic}/")]
            shown = self._press(further[0]) if further else shown
            yield self._rng.uniform(4, 18)
        offered = shown.offered()
        if not offered or (wish.entry not in offered and self._chance(0.4)):
            return shown
        shown = self._press(f"/entry/{wish.entry if wish.entry in offered else self._rng.choice(offered)}")
        yield self._reading(shown)
        yield from self._read(shown, wish)
        return shown

    def _read(self, shown: Shown, wish: Wish) -> Iterator[float]:
        """An answer: rate it sometimes, go on to what belongs to it sometimes."""
        right = wish.entry in shown.answers
        if shown.answers and self._chance(0.055 if right else 0.13):
            helpful = self._chance(0.9 if right else 0.12)
            reason = self._rng.choice(words().reasons) if not helpful and self._chance(0.6) else ""
            self._keep(self._chat.rate(self._id, shown.answers[0], helpful, reason))
            yield self._rng.uniform(2, 8)
        related = shown.offered()
        if right and related and self._chance(0.14):
            further = self._press(f"/entry/{self._rng.choice(related)}")
            yield self._reading(further)

    # -- parts ---------------------------------------------------------------------------------------------------

    def _say(self, text: str) -> Shown:
        return self._keep(self._chat.send(self._id, text))

    def _press(self, payload: str) -> Shown:
        return self._keep(self._chat.choose(self._id, payload))

    def _keep(self, shown: Shown) -> Shown:
        self._id = shown.conversation  # another one if the old one had expired
        return shown

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _typing(self) -> float:
        return self._rng.lognormvariate(2.9, 0.5)  # 18 s is usual

    def _reading(self, shown: Shown) -> float:
        return self._rng.lognormvariate(3.3 if shown.answers else 2.5, 0.6)
