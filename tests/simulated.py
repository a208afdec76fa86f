"""A month whose truth is known: residents ask an engine that lacks some entries, phrasings and out-of-scope groups, and
choose what they wanted when it is offered."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot import assemble_tuning
from bot.analytics.period import Period
from bot.dialogue import hearing
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge, Question
from bot.search.engine import Band, Engine
from bot.search.index import Kind
from bot.settings import Settings
from bot.tuning.proposals import Tuning
from bot.tuning.tune import Searched, Wanted, tune

OCTOBER = Period.read_month("2026-10")
NOW = dt.datetime(2026, 11, 20, 9, tzinfo=TOKYO)
UNSEEN = ("qr-unreadable", "notice-lease-car", "tax-ev")  # asked in words their entries have not seen
GAP = "hearing-impaired"  # asked by many, and there is no such entry
STRANGE = "traffic-fines"  # asked by many, and the search does not know that it is none of ours
PAIR = ("notice-not-arrived", "notice-when")
EITHER = ("つうちしょ いつくる", "税金の紙 まだ来ない いつ", "まだ紙が来ない時期", "通知がまだ来ない時期")
PRIVATE = "埼玉花子と申しますが督促の手紙の件で電話をください"
CRUDE = "ふざけるな税金泥棒、車の税金なんて払うか"
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
    search = lru_cache(maxsize=None)(engine.search)
    for number, asker in enumerate(askers):
        at, talk = START + dt.timedelta(seconds=20 * number), f"c{number}"
        result = search(asker.text, START.date())
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


@dataclass(frozen=True)
class Simulated:
    """What was asked of a search that lacks something, and the proposals made of it."""

    searched: Searched
    guards: Sequence[Question]
    events: list[Event]
    tuning: Tuning


def simulate(whole: Knowledge) -> Simulated:
    """Plant what is to be found, let residents ask, and tune."""
    loaded = load(Settings().root)
    searched = assemble_tuning.searched(Settings(), lacking(whole, (GAP,), UNSEEN, (STRANGE,)))
    known = searched.knowledge
    random_, askers = random.Random(3), list[Asker]()

    def ask(texts: Sequence[str], wants: str, times: int) -> None:
        askers.extend(Asker(varied(text, random_), wants) for text in random_.choices(texts, k=times))

    for id_ in UNSEEN:
        ask(whole.phrasings[id_][3:], id_, 40)
    ask(whole.phrasings[GAP], "", 50)
    ask(whole.out_of_scope[STRANGE], "", 60)
    for id_ in PAIR:
        ask(EITHER, id_, 40)
    for id_ in list(known.entries)[::8]:
        ask(known.phrasings[id_], id_, 3)
    askers += [Asker(PRIVATE, "")] * 8 + [Asker(CRUDE, "")] * 8
    random_.shuffle(askers)
    guards = [placed.question for placed in loaded.questions if placed.question.lang == "ja"][::6]
    engine = Engine(known, searched.table, searched.fitted)
    events = list(month(engine, askers))
    tuning = tune(events, {"ja": searched}, guards, Wanted(OCTOBER, NOW, 14))
    return Simulated(searched, guards, events, tuning)
