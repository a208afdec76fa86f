"""A month of events straight into the table: the shape and the mix of a real one, without the doors. For benchmarks.

`python -m benchmarks.bulk_month DATABASE_URL [events] [month]` fills a database to try things on.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import Engine

from bot import assemble
from bot.analytics.event_rows import insert
from bot.analytics.period import Period, instant
from bot.database.opening import open_database, prepare
from bot.dialogue.events import FACTS_VERSION, Happened
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.publisher import Outcome, facts_of
from bot.settings import Settings

Row = dict[str, Any]
HOURS = (4, 2, 1, 1, 1, 2, 6, 14, 28, 38, 36, 34, 44, 36, 30, 30, 30, 32, 34, 38, 46, 48, 32, 14)
CALL_HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 18, 30, 26, 20, 14, 22, 20, 18, 18, 14, 8, 5, 3, 2, 1, 0)
PAGES = ("/zei/jidosha/index.html", "/zei/nofu/hoho.html", "/zei/jidosha/gensan.html", "/zei/shomei/shaken.html", "")
CATEGORIES = ("納税", "納税通知書", "納税", "納税証明", "減免", "還付")
TOPICS = ("納付書の再発行", "住所変更の方法", "納付場所と納税の方法", "車検用の納税証明書", "障害者減免", "還付")
FILLERS = (
    "",
    "",
    "",
    "すみません、",
    "あの、",
    "教えてください。",
    "至急です。",
    "はじめまして。",
    "急ぎ、",
)
ENDINGS = ("", "", "", "？", "。", "のですが", "お願いします", "(埼玉)", "急ぎです")
EVENTS_A_CONVERSATION = 5.1
EVENTS_A_CALL = 4.8
CHUNK = 20_000


def fill(
    engine: Engine, events: int = 1_000_000, month: str = "2026-10", calls_share: float = 0.05, seed: int = 7
) -> int:
    """Write about so many events, spread over the days of the month, into the prepared database; how many it was."""
    return fill_days(engine, list(Period.read_month(month)), events, calls_share, seed)


def fill_days(
    engine: Engine, days: Sequence[dt.date], events: int, calls_share: float = 0.05, seed: int = 7,
    until: dt.datetime | None = None,
) -> int:  # fmt: skip
    """The same for any days; nothing at `until` or later."""
    outcome = assemble.publisher(Settings()).publish()
    makes, end = _Month(random.Random(seed), outcome), instant(until) if until else None
    weights = [1.0 if day.weekday() < 5 else 0.7 for day in days]
    written, waiting = 0, [makes.publication(days[0])]
    for day, weight in zip(days, weights, strict=True):
        share = events * weight / sum(weights)
        talks = round(share * (1 - calls_share) / EVENTS_A_CONVERSATION)
        calls = round(share * calls_share / EVENTS_A_CALL)
        waiting += [row for row in makes.day(day, talks, calls) if end is None or row["at"] < end]
        while len(waiting) >= CHUNK or (waiting and day == days[-1]):
            insert(engine, waiting[:CHUNK])
            written += len(waiting[:CHUNK])
            del waiting[:CHUNK]
    return written


class _Place(NamedTuple):
    """When and where something happens; `at` in microseconds."""

    at: int
    day: str
    conversation: str

    def later(self, seconds: float) -> _Place:
        return self._replace(at=self.at + int(seconds * 1_000_000))


class _Month:
    def __init__(self, rng: random.Random, outcome: Outcome) -> None:
        loaded = outcome.loaded
        assert loaded is not None
        assert loaded.knowledge is not None
        self._rng, self._knowledge, self._published = rng, loaded.knowledge, facts_of(outcome)
        asked = [(p.question.ask, p.question.expect) for p in loaded.questions if p.question.lang == "ja"]
        self._asked = [(text, entry) for text, entry in asked if entry in self._knowledge.entries]
        self._odd = [text for text, entry in asked if entry not in self._knowledge.entries]
        self._entries = list(self._knowledge.entries)
        self._popular = list(accumulate(1 / (n + 3) for n in range(len(self._asked))))
        rng.shuffle(self._asked)

    def publication(self, day: dt.date) -> Row:
        """The content at the beginning of a day."""
        at = instant(dt.datetime.combine(day, dt.time(), TOKYO))
        return self._row(Happened.KNOWLEDGE_PUBLISHED, _Place(at, day.isoformat(), ""), self._published)

    def day(self, day: dt.date, talks: int, calls: int) -> list[Row]:
        """The events of a day, oldest first."""
        midnight = instant(dt.datetime.combine(day, dt.time(), TOKYO))
        rows: list[Row] = []
        for hours, number, make in ((HOURS, talks, self._talk), (CALL_HOURS, calls, self._call)):
            for hour in self._rng.choices(range(24), hours, k=number):
                began = (
                    midnight + (hour * 3600 + self._rng.randrange(3000)) * 1_000_000 + self._rng.randrange(1_000_000)
                )
                name = f"{self._rng.getrandbits(128):032x}"[: 24 if make == self._talk else 32]
                rows += make(_Place(began, day.isoformat(), name))
        rows.sort(key=lambda row: int(row["at"]))
        return rows

    # -- a conversation ------------------------------------------------------------------------------------------

    def _talk(self, place: _Place) -> Iterator[Row]:
        rng = self._rng
        lang = "ja" if rng.random() > 0.04 else rng.choice(("en", "zh-Hans", "ko", "vi", "pt", "es"))
        device = rng.choices(("phone", "tablet", "computer"), (75, 4, 21))[0]
        facts = {"lang": lang, "tag": lang, "door": "widget" if rng.random() > 0.03 else "rasa", "device": device}
        yield self._row(Happened.CONVERSATION_STARTED, place, {**facts, "page": rng.choice(PAGES)})
        for _ in range(rng.choices((0, 1, 2, 3, 4), (10, 44, 28, 12, 6))[0]):
            place = place.later(rng.uniform(8, 70))
            yield from self._turn(place, lang)

    def _turn(self, place: _Place, lang: str) -> Iterator[Row]:
        rng = self._rng
        text, wanted = rng.choices(self._asked, cum_weights=self._popular)[0]
        reply = rng.choices(("answer", "choices", "fallback", "menu"), (62, 17, 9, 12))[0]
        if reply == "menu":
            yield self._chosen(place, "topic", self._knowledge.entries[wanted].topic)
            place = place.later(rng.uniform(3, 20))
            yield self._chosen(place, "entry", wanted)
            yield from self._answer(place, wanted, asked=False)
            return
        if reply == "fallback" and rng.random() < 0.5:
            text = rng.choice(self._odd)
        if rng.random() < 0.6:
            text = f"{rng.choice(FILLERS)}{text}{rng.choice(ENDINGS)}"
        others = rng.sample(self._entries, 4)
        yield self._question(place, reply, text, [wanted, *others], lang)
        if reply == "answer":
            yield from self._answer(place, wanted, asked=True)
        elif reply == "choices":
            yield from self._choices(place, [wanted, *others[:2]])
        else:
            yield self._row(Happened.FELL_BACK, place, {"why": rng.choice(("not_sure", "out_of_scope"))})

    def _question(self, place: _Place, reply: str, text: str, entries: list[str], lang: str) -> Row:
        sure = {"answer": 0.9, "choices": 0.5, "fallback": 0.12}[reply]
        matches = [[id_, round(sure * 0.4**n, 3)] for n, id_ in enumerate(entries)]
        facts = {"kind": reply, "matches": matches, "lang": lang, "reply": reply, "ms": self._ms(), "text": text}
        return self._row(Happened.QUESTION_ASKED, place, facts, entries[0])

    def _choices(self, place: _Place, entries: list[str]) -> Iterator[Row]:
        yield self._row(Happened.CHOICES_OFFERED, place, {"entries": entries}, entries[0])
        place, what = place.later(self._rng.uniform(3, 20)), self._rng.random()
        if what < 0.75:
            yield self._chosen(place, "entry", entries[0])
            yield from self._answer(place, entries[0], asked=False)
        elif what < 0.88:
            yield self._chosen(place, "none", "")
            yield self._row(Happened.FELL_BACK, place, {"why": "none_of_these"})

    def _answer(self, place: _Place, entry: str, asked: bool) -> Iterator[Row]:
        known = self._knowledge.entries[entry]
        facts = {"entries": [entry], "topics": [known.topic], "categories": [known.category], "asked": asked}
        yield self._row(Happened.ANSWER_GIVEN, place, facts, entry)
        if self._rng.random() < 0.2:
            good = self._rng.random() < 0.8
            rated = {"entry": entry, "helpful": good, "text": "" if good else "知りたいことと違いました"}
            yield self._row(Happened.ANSWER_RATED, place.later(6), rated, entry)

    def _chosen(self, place: _Place, kind: str, id_: str) -> Row:
        facts = {"kind": kind, "id": id_, "page": 1, "ms": self._ms()}
        return self._row(Happened.CHOICE_MADE, place, facts, id_ if kind == "entry" else None)

    def _ms(self) -> float:
        return round(self._rng.gammavariate(3, 0.7), 2)

    # -- a call --------------------------------------------------------------------------------------------------

    def _call(self, place: _Place) -> Iterator[Row]:
        rng, hour = self._rng, (place.at // 3_600_000_000 + 9) % 24
        situation = "open" if 9 <= hour < 17 else "after_hours"
        common = {"door": "sip", "situation": situation}
        caller = f"{rng.getrandbits(64):016x}"
        facts = {**common, "caller": caller, "dialled": "0570012229", "diverted": False}
        yield self._row(Happened.CALL_RECEIVED, place, facts)
        yield self._row(Happened.CALL_ANSWERED, place.later(0.1), {**common, "seconds": 0.1})
        seconds, person = rng.choice((3.0, 12.0, 24.0)), False
        if situation == "open" and rng.random() < 0.9:
            seconds, person = float(rng.randrange(90, 400)), True
            to = {"door": "sip", "flow": "office_hours", "node": "operators", "to": "operators"}
            yield self._row(Happened.TRANSFER_TRIED, place.later(9), to)
            yield self._row(Happened.TRANSFERRED, place.later(15), {**to, "waited": 0.0})
        elif rng.random() < 0.8:
            seconds = float(rng.randrange(45, 80))
            yield from self._topic(place, seconds)
        yield self._row(Happened.CALL_ENDED, place.later(seconds + 1), {
            **common, "by": "caller", "reason": "", "seconds": seconds, "answered": True,
            "total_seconds": seconds + 0.1, "person": person, "node": "after_hours/menu",
        })  # fmt: skip

    def _topic(self, place: _Place, seconds: float) -> Iterator[Row]:
        at_menu, key = {"door": "sip", "flow": "after_hours", "node": "menu"}, self._rng.randrange(6)
        subject = {**at_menu, "key": str(key + 1), "title": TOPICS[key], "category": CATEGORIES[key], "entries": []}
        yield self._row(
            Happened.MENU_HEARD, place.later(21), {**at_menu, "complete": False, "seconds": 21.0, "time": 1}
        )
        yield self._row(Happened.TOPIC_CHOSEN, place.later(21), subject)
        heard = {**subject, "complete": self._rng.random() < 0.7, "seconds": seconds - 21}
        yield self._row(Happened.TOPIC_HEARD, place.later(seconds), heard)

    def _row(self, name: Happened, place: _Place, facts: dict[str, Any], entry: str | None = None) -> Row:
        text = facts.pop("text", None)
        if len(place.conversation) == 24:
            facts["knowledge"] = self._knowledge.version
        return {
            "uid": f"{self._rng.getrandbits(128):032x}", "version": FACTS_VERSION, "name": str(name), "at": place.at,
            "day": place.day, "conversation": place.conversation, "entry": entry, "text": text,
            "reply": facts.get("reply"),
            "facts": json.dumps(facts, ensure_ascii=False, separators=(",", ":")), "synthetic": True,
        }  # fmt: skip


def main() -> None:
    """Fill the database that is named."""
    url, events, month = [*sys.argv[1:], *("", "1000000", "2026-10")[len(sys.argv) - 1 :]]
    started, engine = time.perf_counter(), open_database(url)
    prepare(engine)
    written = fill(engine, int(events), month)
    engine.dispose()
    print(f"{written} events in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
