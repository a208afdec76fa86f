"""A month whose truth is known: residents ask an engine that lacks some entries, phrasings and out-of-scope groups, and
choose what they wanted when it is offered."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.dialogue import hearing
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from bot.knowledge.models import Knowledge
from bot.search.engine import Band, Engine
from bot.search.index import Kind

START = dt.datetime(2026, 10, 1, 9, tzinfo=TOKYO)
OPENINGS = ("", "", "", "すみません、", "あのー", "教えてください。", "ちょっと聞きたいんですが、")
ENDINGS = ("", "", "", "？", "。", "でしょうか", "教えて", "（急ぎ）", "！")


@dataclass(frozen=True)
class Asker:
    """A question and what is wanted by it: an entry, or "" for what is none of ours."""

    text: str
    wants: str


def lacking(knowledge: Knowledge, entries: Sequence[str], thin: Sequence[str], groups: Sequence[str]) -> Knowledge:
    """The knowledge without some entries, with few phrasings for others and without some out-of-scope groups."""
    said = {
        id_: texts[:3] if id_ in thin else texts for id_, texts in knowledge.phrasings.items() if id_ not in entries
    }
    kept = {id_: entry for id_, entry in knowledge.entries.items() if id_ not in entries}
    outside = {name: texts for name, texts in knowledge.out_of_scope.items() if name not in groups}
    return replace(knowledge, entries=kept, phrasings=said, out_of_scope=outside)


def varied(text: str, random_: random.Random) -> str:
    """The same question as somebody else would type it."""
    said = f"{random_.choice(OPENINGS)}{text.rstrip('。？?！!')}{random_.choice(ENDINGS)}"
    return (
        said.replace("自動車税", random_.choice(("自動車税", "車の税金", "車税"))) if random_.random() < 0.3 else said
    )


def month(engine: Engine, askers: Sequence[Asker], seed: int = 1) -> Iterator[Event]:
    """What these people ask, one conversation each, and what comes of it."""
    random_, served = random.Random(seed), engine.knowledge.entries
    for number, asker in enumerate(askers):
        at, talk = START + dt.timedelta(seconds=20 * number), f"c{number}"
        result = engine.search(asker.text, at.date())
        if result.small_talk:
            continue
        matches = [[match.id, round(match.confidence, 3)] for match in result.matches]
        offered = hearing.candidates(result) if len(result.matches) > 1 else []
        band = result.band if result.band is not Band.CHOICES or len(offered) > 1 else Band.FALLBACK
        facts = {"text": asker.text, "kind": str(band), "reply": str(band), "matches": matches, "lang": "ja"}
        yield Event(Happened.QUESTION_ASKED, at, talk, facts)
        if band is Band.ANSWER:
            helpful = matches[0][0] == asker.wants
            if random_.random() < 0.3:
                yield _then(Happened.ANSWER_RATED, at, talk, entry=matches[0][0], helpful=helpful)
        elif band is Band.CHOICES:
            yield _then(Happened.CHOICES_OFFERED, at, talk, entries=offered)
            if asker.wants in offered and random_.random() < 0.7:
                yield _then(Happened.CHOICE_MADE, at, talk, kind="entry", id=asker.wants, page=1)
            elif asker.wants not in offered and random_.random() < 0.5:
                yield _then(Happened.CHOICE_MADE, at, talk, kind="none", id="", page=1)
        else:
            why = "out_of_scope" if result.best is Kind.OUT_OF_SCOPE else "not_sure"
            yield _then(Happened.FELL_BACK, at, talk, why=why)
            if asker.wants in served and random_.random() < 0.3:  # found in the menu
                yield _then(Happened.CHOICE_MADE, at, talk, kind="entry", id=asker.wants, page=1)


def _then(name: Happened, at: dt.datetime, talk: str, **facts: object) -> Event:
    return Event(name, at + dt.timedelta(seconds=5), talk, facts)
