"""A small month of use, with the figures that were counted by hand for it; and how tests put events in a database."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable

import sqlalchemy as sa

from bot.analytics.event_rows import insert, row_of
from bot.analytics.period import TOKYO
from bot.dialogue.events import Event, Happened

H = Happened
_numbers = itertools.count()


def at(time: str) -> dt.datetime:
    """2026-10-05T09:10 in Tokyo."""
    return dt.datetime.fromisoformat(time).replace(tzinfo=TOKYO)


def keep(database: sa.Engine, events: Iterable[Event], synthetic: bool = False) -> None:
    """Write events as the log does; ids follow their order."""
    insert(database, [row_of(f"t{next(_numbers):030}", event, synthetic) for event in events])


def talk(id_: str, began: str, *happened: tuple[str, Happened, dict[str, object]], **facts: object) -> list[Event]:
    """A conversation; what happened in it is (time, name, facts)."""
    told = {"lang": "ja", "tag": "ja", "door": "widget", "device": "computer", "page": "/zei", **facts}
    first = Event(H.CONVERSATION_STARTED, at(began), id_, told)
    return [first, *(Event(name, at(time), id_, dict(told)) for time, name, told in happened)]


def asked(
    time: str, text: str, reply: str, ms: float | None = None, **facts: object
) -> tuple[str, Happened, dict[str, object]]:
    """A question in free text."""
    told = {"text": text, "kind": reply, "reply": reply, "lang": "ja", "matches": [["e1", 0.4]], "ms": ms}
    return time, H.QUESTION_ASKED, told | facts


def answered(time: str, *entries: str, asked: bool = True) -> tuple[str, Happened, dict[str, object]]:
    """Entries were shown."""
    topics = ["payment" if each == "e1" else "refund" for each in entries]
    categories = ["納税" if each == "e1" else "還付" for each in entries]
    return time, H.ANSWER_GIVEN, {"entries": [*entries], "topics": topics, "categories": categories, "asked": asked}


def fell_back(time: str, why: str) -> tuple[str, Happened, dict[str, object]]:
    """No answer."""
    return time, H.FELL_BACK, {"why": why}


def call(
    id_: str, began: str, situation: str, *happened: tuple[Happened, dict[str, object]], test: bool = False
) -> list[Event]:
    """A call: all of it happens at once, as far as the figures are concerned."""
    received: dict[str, object] = {"situation": situation, "door": "sip"} | ({"test": True} if test else {})
    return [Event(name, at(began), id_, facts) for name, facts in [(H.CALL_RECEIVED, received), *happened]]


def ended(by: str, seconds: float, person: bool = False) -> tuple[Happened, dict[str, object]]:
    """The end of a call that was answered after a tenth of a second."""
    return H.CALL_ENDED, {
        "by": by, "seconds": seconds, "total_seconds": seconds + 0.1, "answered": True, "person": person,
    }  # fmt: skip


SLIP = {
    "key": "1",
    "title": "納付書の再発行",
    "category": "納税",
    "entries": ["e1"],
    "flow": "after_hours",
    "lang": "ja",
}
ENGLISH = {"title": "Lost slip", "flow": "after_hours_en", "node": "menu"}

CHATS = [
    talk("a", "2026-10-05T09:10", asked("2026-10-05T09:10:20", "納期はいつまで", "answer", 4),
         answered("2026-10-05T09:10:20", "e1"),
         ("2026-10-05T09:11", H.ANSWER_RATED, {"entry": "e1", "helpful": True, "text": ""})),
    talk("b", "2026-10-05T09:40", asked("2026-10-05T09:41", "車の紙", "fallback", 6, why="not_sure"),
         fell_back("2026-10-05T09:41", "not_sure"), asked("2026-10-05T09:42", "納付書の紙", "choices", 8),
         ("2026-10-05T09:42", H.CHOICES_OFFERED, {"entries": ["e1", "e2"]}),
         ("2026-10-05T09:43", H.CHOICE_MADE, {"kind": "entry", "id": "e2", "page": 1, "ms": 2}),
         answered("2026-10-05T09:43", "e2", asked=False),
         ("2026-10-05T09:44", H.ANSWER_RATED, {"entry": "e2", "helpful": False, "text": "ちがう"}), device="phone"),
    talk("c", "2026-10-05T13:00", asked("2026-10-05T13:01", "Deadline? Refund?", "answer", 12, lang="en"),
         answered("2026-10-05T13:01", "e1", "e2"),
         asked("2026-10-05T13:02", "I want a person", "fallback", 1, kind="smalltalk/human-please", lang="en"),
         lang="en", device="phone", page=""),
    talk("d", "2026-10-06T23:50", asked("2026-10-06T23:51", "もどるお金", "choices", 30),
         ("2026-10-06T23:51", H.CHOICES_OFFERED, {"entries": ["e2", "e3"]}),
         ("2026-10-07T00:05", H.CHOICE_MADE, {"kind": "none", "id": "", "page": 1, "ms": 5}),
         fell_back("2026-10-07T00:05", "none_of_these"), asked("2026-10-07T00:06", "還付の時期", "answer", 7),
         answered("2026-10-07T00:06", "e3"), device="tablet"),
    talk("e", "2026-10-07T10:00", door="rasa", device="", page=""),
    talk("f", "2026-10-07T11:00",
         asked("2026-10-07T11:01", "Où est la mairie", "fallback", 3, kind="unsupported_language", lang="fr",
               why="unsupported_language"),
         asked("2026-10-07T11:02", "軽自動車の税金", "fallback", 9, why="out_of_scope"),
         fell_back("2026-10-07T11:02", "out_of_scope"),
         asked("2026-10-07T11:03", "あれ", "fallback", 9, why="not_sure"),
         fell_back("2026-10-07T11:03", "not_sure"), asked("2026-10-07T11:04", "あれ?", "fallback", 9, why="not_sure"),
         fell_back("2026-10-07T11:04", "not_sure")),
]  # fmt: skip

PHONE = [
    call("heard", "2026-10-05T18:00", "after_hours", (H.CALL_ANSWERED, {}), (H.TOPIC_CHOSEN, SLIP),
         (H.TOPIC_HEARD, {**SLIP, "complete": True}), ended("service", 80)),
    call("left", "2026-10-05T18:10", "after_hours", (H.TOPIC_CHOSEN, SLIP),
         (H.TOPIC_HEARD, {**SLIP, "complete": False}), ended("caller", 30)),
    call("short", "2026-10-05T19:00", "after_hours", (H.WRONG_KEY_PRESSED, {"key": "9"}), ended("caller", 3)),
    call("silent", "2026-10-05T20:00", "exception", (H.NOTHING_PRESSED, {}), (H.NOTHING_PRESSED, {}),
         (H.WRONG_KEY_PRESSED, {}), ended("service", 50)),
    call("person", "2026-10-06T09:00", "open", (H.TRANSFERRED, {}), ended("caller", 200, person=True)),
    call("busy", "2026-10-06T09:01", "overflow", (H.QUEUE_JOINED, {}), (H.TRANSFER_FAILED, {"reason": "busy"}),
         (H.QUEUE_LEFT, {"waited": 40.0, "reason": "caller"}), ended("caller", 45)),
    call("waited", "2026-10-06T09:02", "overflow", (H.QUEUE_JOINED, {}),
         (H.QUEUE_LEFT, {"waited": 20.0, "reason": "answered"}), (H.TRANSFERRED, {}),
         ended("caller", 100, person=True)),
    call("trial", "2026-10-06T10:00", "after_hours", (H.TOPIC_CHOSEN, SLIP), ended("caller", 60), test=True),
    call("running", "2026-10-06T10:01", "after_hours", (H.TOPIC_CHOSEN, SLIP)),
    call("storm", "2026-10-07T10:00", "emergency", ended("caller", 20)),
    [Event(H.CALL_REFUSED, at("2026-10-07T10:01"), "", {"reason": "full"})],
    call("english", "2026-10-06T23:58", "after_hours", (H.QUESTION_SPOKEN, {"text": "", "kind": "not_heard"}),
         (H.TOPIC_CHOSEN, ENGLISH)),
    [Event(name, at("2026-10-07T00:02"), "english", facts)
     for name, facts in [(H.TOPIC_HEARD, {**ENGLISH, "complete": True}), ended("service", 240)]],
]  # fmt: skip

MONTH: list[Event] = sorted(itertools.chain(*CHATS, *PHONE), key=lambda event: event.at)

COUNTED_BY_HAND: dict[str, float | None] = {
    "conversations": 6,
    "conversations_used": 5,  # not e
    "questions": 10,
    "small_talk": 1,
    "choices_made": 2,
    "answers": 5,
    "answered": 3,
    "choices": 2,
    "fallback": 5,
    "answered_rate": 0.3,
    "choices_rate": 0.2,
    "fallback_rate": 0.5,
    "out_of_scope": 1,
    "out_of_scope_share": 0.1,
    "none_of_these": 1,
    "helpful": 1,
    "unhelpful": 1,
    "helpful_rate": 0.5,
    "rated_share": 0.4,
    "resolved": 2,  # a, d; not b (rated down), c (asked for a person), f (no answer)
    "unresolved": 3,
    "resolved_rate": 0.4,
    "handed_over": 2,  # c, f
    "handed_over_share": 0.4,
    "questions_foreign": 2,
    "foreign_share": 0.2,
    "unsupported_language": 1,
    "turn_ms_mean": 8.0769,  # 105 / 13
    "turn_ms_p95": 23.5,  # the 12.35th of 13 turns: the 12 below 20 ms, then 0.35 of the way from 20 to 30
    "calls_received": 9,
    "calls_cut_short": 1,
    "calls_counted": 8,
    "calls_office_hours": 3,
    "calls_after_hours": 5,
    "calls_emergency": 1,
    "calls_overflow": 2,
    "calls_refused": 1,
    "topics_chosen": 3,
    "topics_begun": 3,
    "topics_heard": 2,
    "heard_rate": 0.6667,
    "nothing_pressed": 2,
    "wrong_keys": 1,  # the one of the short call does not count
    "questions_spoken": 1,
    "hung_up_midway": 3,  # left, busy, storm
    "queued": 2,
    "queue_abandoned": 1,
    "abandoned_rate": 0.5,
    "queue_seconds_mean": 30.0,
    "queue_seconds_longest": 40.0,
    "transferred": 2,
    "transfer_failed": 1,
    "calls_person": 2,
    "calls_guided": 5,  # heard, left, silent, storm, english
    "answer_rate_saitama": 0.6667,  # 2 of 3 in office hours
    "answer_rate_chiba": 0.875,  # the guidance counts, the announcement of a full line does not
    "call_seconds_mean": 95.625,
    "calls_foreign": 1,
}
