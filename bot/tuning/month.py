"""What residents asked in a month and what came of it: the same question of many people is one `Asked`.

What people do tells more than what the search thinks: the entry they chose from what was offered, "none of these", the
words they tried next, the answer they called no help. These are kept as labels.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations

from bot.analytics import facts
from bot.dialogue.events import Event, Happened
from bot.knowledge.lint import same

WANTED = (
    Happened.QUESTION_ASKED, Happened.CHOICES_OFFERED, Happened.CHOICE_MADE, Happened.ANSWER_RATED, Happened.FELL_BACK,
)  # fmt: skip
PATIENCE = dt.timedelta(minutes=10)  # words tried later are another matter
SEEN = 3  # of what is offered, people read the first few
SERVED_BY = {"zh-Hant": "zh-Hans"}  # one search for both scripts
NO_QUESTION = ("smalltalk/", "unsupported_language")


@dataclass(slots=True, eq=False)
class Asked:
    """One question, as most people wrote it first. Counts are conversations but for `count`; `poor`: those in which it
    was not answered well; `refused`: those in which it was taken as none of ours. `chosen`: entry → chosen right after;
    `tried`: (key of the next question, the entry it was answered with) → times."""

    text: str
    key: str
    lang: str
    count: int = 0
    askers: int = 0
    poor: int = 0
    refused: int = 0
    none: int = 0
    unhelpful: int = 0
    chosen: dict[str, int] = field(default_factory=dict)
    tried: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class Pair:
    """Two entries offered together: how often, and by how many words each was chosen."""

    offered: int = 0
    chosen: dict[str, Counter[str]] = field(default_factory=dict)

    def times(self, entry: str) -> int:
        """How often this one of them was chosen."""
        return sum(self.chosen.get(entry, {}).values())


@dataclass
class Month:
    """Everything heard: `asked` by (language, key); `pairs` of entries offered together; `mistaken`: (answered,
    wanted) → how often an answer was no help and the other entry was found next; `total` of free-text questions."""

    asked: dict[tuple[str, str], Asked] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    mistaken: Counter[tuple[str, str]] = field(default_factory=Counter)
    total: int = 0

    def of(self, lang: str) -> list[Asked]:
        """The questions in one language, most asked first."""
        found = [asked for (spoken, _), asked in self.asked.items() if spoken == lang]
        return sorted(found, key=lambda asked: (-asked.count, asked.key))

    def languages(self) -> list[str]:
        """Those that were spoken, Japanese first."""
        return sorted({lang for lang, _ in self.asked}, key=lambda lang: (lang != "ja", lang))


def listen(events: Iterable[Event], progress: Callable[[int], None] = lambda _: None) -> Month:
    """Go through the events of a month, oldest first. `progress` is told how many more were read."""
    listener, waiting = _Listener(), 0
    for event in events:
        listener.hear(event)
        waiting += 1
        if waiting == 1000:
            progress(waiting)
            waiting = 0
    progress(waiting)
    return listener.month


@dataclass(slots=True)
class _Talk:
    """Where a conversation stands. `settled`: what was wanted is known; `seen`: questions asked in it, and whether they
    were counted as answered poorly."""

    asked: Asked | None = None
    at: dt.datetime = dt.datetime.min
    reply: str = ""
    entry: str = ""
    settled: bool = True
    offered: tuple[str, ...] = ()
    seen: dict[str, bool] = field(default_factory=dict)


class _Listener:
    def __init__(self) -> None:
        self.month = Month()
        self._talks: dict[str, _Talk] = {}

    def hear(self, event: Event) -> None:
        """Take in one event."""
        if event.name is Happened.QUESTION_ASKED:
            self._question(event)
            return
        talk = self._talks.get(event.conversation)
        if talk is None or talk.asked is None:
            return
        if event.name is Happened.CHOICES_OFFERED:
            self._offered(talk, facts.texts(event, "entries"))
        elif event.name is Happened.CHOICE_MADE:
            self._choice(talk, facts.text(event, "kind"), facts.text(event, "id"))
        elif event.name is Happened.ANSWER_RATED:
            self._rating(talk, facts.text(event, "entry"), event.facts.get("helpful") is True)
        elif event.name is Happened.FELL_BACK and facts.text(event, "why") == "out_of_scope":
            self._refused(talk, talk.asked)

    def _question(self, event: Event) -> None:
        text, kind = event.facts.get("text"), facts.text(event, "kind")
        talk = self._talks.setdefault(event.conversation, _Talk())
        if not isinstance(text, str) or not text.strip() or kind.startswith(NO_QUESTION):
            return
        asked = self._asked(text, facts.text(event, "lang") or "ja")
        reply = facts.text(event, "reply") or kind
        matches = facts.matches(event)
        if talk.asked is not None and not talk.settled and reply == "answer" and matches:
            self._tried_again(talk, asked, matches[0][0], event.at)
        self.month.total += 1
        asked.count += 1
        asked.askers += asked.key not in talk.seen
        talk.seen.setdefault(asked.key, False)
        talk.asked, talk.at, talk.reply, talk.offered = asked, event.at, reply, ()
        talk.entry = matches[0][0] if matches else ""
        talk.settled = reply == "answer"
        if reply != "answer":
            self._poor(talk, asked)

    def _asked(self, text: str, lang: str) -> Asked:
        lang, key = SERVED_BY.get(lang, lang), same(text)
        asked = self.month.asked.get((lang, key))
        if asked is None:
            asked = self.month.asked[lang, key] = Asked(" ".join(text.split()), key, lang)
        return asked

    def _poor(self, talk: _Talk, asked: Asked) -> None:
        if not talk.seen.get(asked.key):
            talk.seen[asked.key] = True
            asked.poor += 1

    def _tried_again(self, talk: _Talk, asked: Asked, entry: str, at: dt.datetime) -> None:
        before = talk.asked
        if before is None or before is asked or at - talk.at > PATIENCE:
            return
        before.tried[asked.key, entry] = before.tried.get((asked.key, entry), 0) + 1

    def _offered(self, talk: _Talk, entries: tuple[str, ...]) -> None:
        talk.offered = entries
        for pair in combinations(sorted(entries[:SEEN]), 2):
            self.month.pairs.setdefault(pair, Pair()).offered += 1

    def _choice(self, talk: _Talk, kind: str, id_: str) -> None:
        asked = talk.asked
        if asked is None or talk.settled:
            return
        if kind == "none":
            asked.none += 1
        elif kind == "entry" and id_:
            asked.chosen[id_] = asked.chosen.get(id_, 0) + 1
            talk.settled = True
            if talk.reply == "answer":
                self.month.mistaken[talk.entry, id_] += 1
            for pair in combinations(sorted(talk.offered[:SEEN]), 2):
                if id_ in pair:
                    self.month.pairs[pair].chosen.setdefault(id_, Counter())[asked.text] += 1
            talk.entry = id_

    def _rating(self, talk: _Talk, entry: str, helpful: bool) -> None:
        asked = talk.asked
        if asked is None or helpful or entry != talk.entry:
            return
        if talk.reply == "answer":
            asked.unhelpful += 1
            self._poor(talk, asked)
        elif asked.chosen.get(entry):  # what was chosen was not it either
            asked.chosen[entry] -= 1
        talk.settled = False

    def _refused(self, talk: _Talk, asked: Asked) -> None:
        if talk.reply != "fallback":
            return
        talk.reply = "refused"
        asked.refused += 1
        if talk.seen.get(asked.key):
            talk.seen[asked.key] = False
            asked.poor -= 1
