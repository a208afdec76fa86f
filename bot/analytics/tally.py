"""Counts events into a Summary, one after the other; pure. This page says what each table holds.

Every fact belongs to the day and hour (Asia/Tokyo) of its own instant; how a conversation ended, to the day on which it
began; everything of a call, to the moment at which it was received. So summaries of days add up to that of the month.

`total`, of the chat, by the instant of the fact:
  conversations         begun
  questions             in free text, without small talk = answered + choices + fallback (what the reply was)
  small_talk            greetings and the like
  unsupported_language  questions in a language that is not served (they are among `fallback` too)
  out_of_scope, not_sure, none_of_these   times of "no answer" by their reason; the last one: all candidates refused
  answers               entries shown as an answer, whether asked for or chosen from a menu
  choices_made          buttons pressed, or their numbers typed
  helpful, unhelpful    ratings
  turn_ms_count, turn_ms_sum   turns whose time is known, and that time
`total`, of the chat, by the beginning of the conversation:
  conversations_used    with a question or a choice = resolved + unresolved
  handed_over           a person was asked for, or the third "no answer" in a row led to the telephone
  resolved              used; the last of answers, candidates and "no answer" was an answer, not rated as unhelpful, and
                        no person was asked for after it
`total`, of calls (see `call_tally.py`), by the moment of reception, once they have ended, without those of the test
telephone. All but the first two are of counted calls:
  calls_received        = calls_cut_short (not over 5 seconds) + calls_counted
  calls_counted         = calls_office_hours (open, overflow) + calls_after_hours (after hours, exceptions, emergency)
  calls_person          of office hours, in which a person answered
  calls_guided          the guidance began (the announcement of a full line is none), without those of calls_person
  topics_chosen, topics_begun, topics_heard   by key or by voice; begun to be said; heard to the end
  nothing_pressed, wrong_keys, questions_spoken, transferred, transfer_failed   times
  hung_up_midway        ended by the caller before a topic was heard to its end or a person reached
  queued, queue_left, queue_seconds, queue_abandoned   lines joined, left, time in them, left by the caller or a failure
  call_seconds          from the answer to the end
  calls_foreign         in which another language than Japanese was heard
  calls_refused         not taken at all (nothing published, all lines busy); by its own instant, not among received
`longest`: queue_seconds, the longest time in line of a call.

Hours are "00" to "23", weekdays "0" (Monday) to "6"; languages, devices, doors, situations as in `names.py`.
  conversations_by_hour, _weekday, _device, _page, _door     by what is known at the beginning
  conversations_by_language   the language last spoken in it
  questions_by_hour, _weekday, _language; answered_by_language, fallback_by_language
  answers_by_topic, _category, _entry; direct_by_entry (straight from a question), chosen_by_entry (by a button),
  offered_by_entry (among candidates), helpful_by_entry, unhelpful_by_entry
  turn_ms               times of turns (`summary.py`): upper bound in ms → turns above the bound before it
  calls_by_hour, _weekday, _situation, _language, _door; call_topics_chosen, _begun, _heard (by title),
  call_topics_by_category (chosen)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from bot.analytics.call_tally import CallTally
from bot.analytics.facts import number, text, texts
from bot.analytics.period import TOKYO, Period
from bot.analytics.summary import TOTAL, Summary, added_up, bucket
from bot.analytics.talk_tally import TalkTally
from bot.dialogue.events import Event, Happened

VERSION = 1
"""Of how figures are counted. Raised with every change of a count, so that stored summaries are made anew."""

MOST_KEYS = 2000
"""Different keys of one table and day; what comes after them is counted under `OTHERS`. Pages are told by browsers."""
OTHERS = "…"


class Tally:
    """Counts what it is given, in the order of days and, within a day, of ids.

    With a `period` only what belongs to its days is counted; later events are welcome because conversations and calls
    that began in it may end after it (for up to a day)."""

    def __init__(self, period: Period | None = None) -> None:
        self._period = period
        self._counted = Summary()
        self._talks, self._calls = TalkTally(), CallTally()
        self._keys: dict[tuple[str, dt.date], set[str]] = {}
        self._count: dict[Happened, Callable[[Event, dt.datetime], None]] = {
            Happened.CONVERSATION_STARTED: self._started,
            Happened.QUESTION_ASKED: self._asked,
            Happened.CHOICE_MADE: self._chose,
            Happened.ANSWER_GIVEN: self._answered,
            Happened.CHOICES_OFFERED: self._offered,
            Happened.FELL_BACK: self._fell_back,
            Happened.ANSWER_RATED: self._rated,
            Happened.CALL_REFUSED: lambda _, __: self._total("calls_refused"),
        }

    def add(self, event: Event) -> None:
        """Count an event."""
        at = event.at if event.at.tzinfo is TOKYO else event.at.astimezone(TOKYO)
        inside = self._period is None or self._period.first <= at.date() <= self._period.last
        count = self._count.get(event.name)
        if inside and count is not None:
            count(event, at)
        if not self._talks.take(event, at, inside):
            self._calls.take(event, at, inside)

    def summary(self) -> Summary:
        """Of all so far; of conversations that go on, as they stand."""
        return added_up([self._counted, self._talks.summary(), self._calls.summary()])

    # -- what happened -----------------------------------------------------------------------------------------

    def _started(self, event: Event, at: dt.datetime) -> None:
        self._total("conversations")
        self._by_time("conversations", at)
        for fact in ("device", "page", "door"):
            self._by(f"conversations_by_{fact}", text(event, fact), at)

    def _asked(self, event: Event, at: dt.datetime) -> None:
        self._time_of_turn(event)
        kind, lang = text(event, "kind"), text(event, "lang")
        if kind.startswith("smalltalk/"):
            self._total("small_talk")
            return
        self._total("questions")
        self._by_time("questions", at)
        self._by("questions_by_language", lang, at)
        reply = text(event, "reply") or kind
        self._total({"answer": "answered", "choices": "choices"}.get(reply, "fallback"))
        if reply == "answer":
            self._by("answered_by_language", lang, at)
        elif reply != "choices":
            self._by("fallback_by_language", lang, at)
        if kind == "unsupported_language":
            self._total(kind)

    def _chose(self, event: Event, at: dt.datetime) -> None:
        self._time_of_turn(event)
        self._total("choices_made")
        if text(event, "kind") == "entry" and (entry := text(event, "id")):
            self._by("chosen_by_entry", entry, at)

    def _answered(self, event: Event, at: dt.datetime) -> None:
        entries = texts(event, "entries")
        self._total("answers", len(entries))
        self._each("answers_by_entry", entries, at)
        self._each("answers_by_topic", texts(event, "topics"), at)
        self._each("answers_by_category", texts(event, "categories"), at)
        if event.facts.get("asked") is True:
            self._each("direct_by_entry", entries, at)

    def _offered(self, event: Event, at: dt.datetime) -> None:
        self._each("offered_by_entry", texts(event, "entries"), at)

    def _fell_back(self, event: Event, _: dt.datetime) -> None:
        why = text(event, "why")
        if why in {"out_of_scope", "not_sure", "none_of_these"}:
            self._total(why)

    def _rated(self, event: Event, at: dt.datetime) -> None:
        what = "helpful" if event.facts.get("helpful") is True else "unhelpful"
        self._total(what)
        self._by(f"{what}_by_entry", text(event, "entry"), at)

    # -- counting ----------------------------------------------------------------------------------------------

    def _total(self, key: str, times: int = 1) -> None:
        self._counted.add(TOTAL, key, times)

    def _by(self, table: str, key: str, at: dt.datetime) -> None:
        keys = self._keys.setdefault((table, at.date()), set())
        if key not in keys:
            if len(keys) >= MOST_KEYS:
                key = OTHERS
            keys.add(key)
        self._counted.add(table, key)

    def _each(self, table: str, keys: Sequence[str], at: dt.datetime) -> None:
        for key in keys:
            self._by(table, key, at)

    def _by_time(self, what: str, at: dt.datetime) -> None:
        self._counted.add(f"{what}_by_hour", f"{at.hour:02}")
        self._counted.add(f"{what}_by_weekday", str(at.weekday()))

    def _time_of_turn(self, event: Event) -> None:
        ms = number(event, "ms")
        if ms is None or ms < 0:
            return
        self._total("turn_ms_count")
        self._counted.add(TOTAL, "turn_ms_sum", round(float(ms), 3))
        self._counted.add("turn_ms", bucket(ms))


def summarise(events: Iterable[Event], period: Period | None = None) -> Summary:
    """The summary of all these events, in the order that `Tally` wants."""
    tally = Tally(period)
    for event in events:
        tally.add(event)
    return tally.summary()
