"""The figures of the telephone that the prefecture counts (domain.md 12-7), for the moment at which each call came.

A call counts once it has ended. Calls of up to five seconds do not count as received (【県】[仕]別紙5), calls of the
test telephone never.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bot.analytics.facts import number, text
from bot.analytics.period import DAY
from bot.analytics.summary import TOTAL, Summary
from bot.dialogue.events import Event, Happened

COUNTED_SECONDS = 5.0
IN_OFFICE_HOURS = {"open", "overflow"}
ABANDONED = {"caller", "failure"}  # why a line was left

_TIMES = {
    Happened.NOTHING_PRESSED: "nothing_pressed",
    Happened.WRONG_KEY_PRESSED: "wrong_keys",
    Happened.QUESTION_SPOKEN: "questions_spoken",
    Happened.QUEUE_JOINED: "queued",
    Happened.TRANSFERRED: "transferred",
    Happened.TRANSFER_FAILED: "transfer_failed",
}


@dataclass(slots=True)
class Call:
    """A call as it stands. `own`: what happened in it, counted for the day if the call is."""

    began: dt.datetime
    situation: str = ""
    door: str = ""
    lang: str = "ja"
    ended_by: str = ""
    total_seconds: float = 0.0
    seconds: float = 0.0
    answered: bool = False
    person: bool = False
    finished: bool = False  # a topic heard to its end, or a person reached
    own: Summary = field(default_factory=Summary)

    @property
    def outcome(self) -> str:
        """going_on, short, person, heard or left (`names.OUTCOMES`)."""
        if not self.ended_by:
            return "going_on"
        if self.total_seconds <= COUNTED_SECONDS:
            return "short"
        if self.person:
            return "person"
        return "heard" if self.finished else "left"

    def take(self, event: Event) -> None:
        """Something happened in it."""
        if times := _TIMES.get(event.name):
            self.own.add(TOTAL, times)
        if (lang := _language(event)) != "ja":
            self.lang = lang
        match event.name:
            case Happened.TOPIC_CHOSEN:
                self._topic("topics_chosen", event)
                if category := text(event, "category"):
                    self.own.add("call_topics_by_category", category)
            case Happened.TOPIC_HEARD:
                self._topic("topics_begun", event)
                if event.facts.get("complete") is True:
                    self.finished = True
                    self._topic("topics_heard", event)
            case Happened.QUEUE_LEFT:
                self._left_line(event)
            case Happened.TRANSFERRED:
                self.person = self.finished = True
            case Happened.CALL_ENDED:
                self._ended(event)

    def _topic(self, what: str, event: Event) -> None:
        self.own.add(TOTAL, what)
        self.own.add(f"call_{what}", text(event, "title"))

    def _left_line(self, event: Event) -> None:
        waited = round(float(number(event, "waited") or 0.0), 3)
        self.own.add(TOTAL, "queue_left")
        self.own.add(TOTAL, "queue_seconds", waited)
        self.own.keep_longest("queue_seconds", waited)
        if text(event, "reason") in ABANDONED:
            self.own.add(TOTAL, "queue_abandoned")

    def _ended(self, event: Event) -> None:
        self.ended_by = text(event, "by") or "failure"
        self.seconds = round(float(number(event, "seconds") or 0.0), 3)
        total = number(event, "total_seconds")
        self.total_seconds = self.seconds if total is None else total
        self.answered = event.facts.get("answered") is True
        if event.facts.get("person") is True:
            self.person = self.finished = True


class CallTally:
    """All calls that were received on the days that are counted."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._over = Summary()

    def take(self, event: Event, at: dt.datetime, inside: bool) -> None:
        """An event; `inside`: it happened on a day that is counted. Events of no call known here are passed over."""
        if event.name is Happened.CALL_RECEIVED:
            self._end(event.conversation)
            if inside and event.facts.get("test") is not True:
                self._calls[event.conversation] = Call(at, text(event, "situation"), text(event, "door"))
        elif (call := self._calls.get(event.conversation)) and at - call.began <= DAY:
            call.take(event)
            if call.ended_by:
                self._end(event.conversation)

    def _end(self, id_: str) -> None:
        call = self._calls.pop(id_, None)
        if call is not None and call.ended_by:
            _count(call, self._over)

    def summary(self) -> Summary:
        """The calls that have ended."""
        return Summary(self._over.tables)


def _count(call: Call, summary: Summary) -> None:
    summary.add(TOTAL, "calls_received")
    if call.total_seconds <= COUNTED_SECONDS:
        summary.add(TOTAL, "calls_cut_short")
        return
    daytime = call.situation in IN_OFFICE_HOURS
    person = call.person and daytime
    for key, counts in {
        "calls_counted": True,
        "calls_office_hours": daytime,
        "calls_after_hours": not daytime,
        "calls_person": person,
        "calls_guided": call.answered and call.situation != "overflow" and not person,
        "hung_up_midway": call.ended_by == "caller" and not call.finished,
        "calls_foreign": call.lang != "ja",
    }.items():
        if counts:
            summary.add(TOTAL, key)
    summary.add(TOTAL, "call_seconds", call.seconds)
    summary.add("calls_by_hour", f"{call.began.hour:02}")
    summary.add("calls_by_weekday", str(call.began.weekday()))
    summary.add("calls_by_situation", call.situation)
    summary.add("calls_by_language", call.lang)
    summary.add("calls_by_door", call.door)
    summary.include(call.own)


def _language(event: Event) -> str:
    """The language that is heard: told, or the end of the flow's name (`after_hours_en`)."""
    told = text(event, "lang")
    suffix = text(event, "flow").rpartition("_")[2]
    return told or (suffix if suffix in {"en", "zh", "ko", "es", "vi", "pt"} else "ja")
