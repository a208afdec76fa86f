"""One caller at the telephone: how patient, which keys, and whether a person answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.doors import Said, Telephone

IMMEDIATELY = 0.06  # share that hangs up within five seconds: does not count as a call (domain.md 12-7)
RINGS = 20.0  # seconds after which a telephone nobody answers is given up
TOPICS = "3124156"  # keys of topics as they are liked (a key that the menu does not have is a wrong one)
LIKED = (30, 24, 9, 17, 12, 7, 3)


@dataclass(frozen=True)
class Manner:
    """`patience`: seconds before hanging up, `keys`: pressed at one menu after the other, "" lets it pass;
    `hears`: the share of a topic that is heard."""

    patience: float
    keys: tuple[str, ...]
    hears: float = 1.0


def manner(rng: random.Random) -> Manner:
    """How somebody calls."""
    if rng.random() < IMMEDIATELY:
        return Manner(rng.uniform(0.8, 4.6), ())
    patience = rng.uniform(6, 24) if rng.random() < 0.12 else rng.uniform(45, 600)
    key = rng.choices(TOPICS, LIKED)[0]
    what = rng.random()
    if what < 0.78:
        keys: tuple[str, ...] = (key,)
    elif what < 0.86:
        keys = (rng.choice("789*#0"), key)  # a wrong one first
    elif what < 0.89:
        keys = (rng.choice("78*"), rng.choice("0#9"), rng.choice("78"))
    elif what < 0.94:
        keys = ("", key)
    else:
        keys = ()
    return Manner(patience, keys, 1.0 if rng.random() < 0.72 else rng.uniform(0.1, 0.9))


class Caller:
    """A call from beginning to end."""

    def __init__(self, telephone: Telephone, call: str, number: str, rng: random.Random) -> None:
        self._telephone, self._call, self._number, self._rng = telephone, call, number, rng
        self._manner = manner(rng)
        self._patience = self._manner.patience
        self._passed = 0.0

    def visit(self, busy: bool) -> Iterator[float]:
        """The call; yields seconds. `busy`: everybody who could answer is talking."""
        said = self._telephone.call(self._call, self._number, busy)
        keys = iter(self._manner.keys)
        while said.kind != "over":
            key = next(keys, "") if said.kind == "menu" else ""
            stays, talked = self._stay(said, key), 0
            if said.kind == "person" and self._rng.random() < 0.86 - 0.4 * busy:
                stays, talked = self._rng.uniform(3, 14), int(self._rng.lognormvariate(5.0, 0.6)) + 15
            if not talked and self._passed + stays > self._patience:
                yield from self._pass(self._patience - self._passed)
                break
            yield from self._pass(stays + talked)
            said = self._after(said, key, talked)
        yield from self._pass(0.4)
        self._telephone.hang_up(self._call, round(self._passed))

    def _stay(self, said: Said, key: str) -> float:
        """How long it takes until the caller does something, or the telephone goes on."""
        if said.kind == "person":
            return RINGS
        if key:
            return self._rng.uniform(0.55, 1.0) * said.seconds + self._rng.uniform(0.3, 2.0)
        return said.seconds + said.waits

    def _after(self, said: Said, key: str, talked: int) -> Said:
        if said.kind == "person":
            return self._telephone.rung(self._call, talked)
        if not key:
            return self._telephone.listen(self._call)
        heard = self._telephone.press(self._call, key)
        if heard.kind == "words":  # the topic
            self._patience = self._passed + heard.seconds * self._manner.hears if self._manner.hears < 1 else 1e9
        return heard

    def _pass(self, seconds: float) -> Iterator[float]:
        self._passed += max(0.0, seconds)
        yield seconds
