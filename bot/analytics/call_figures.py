"""The figures of the telephone that the prefecture counts (domain.md 12-7), from events alone.

A call is received, answered, perhaps a topic is chosen, and ends. Calls that ended within five seconds do not count as
received (【県】[仕]別紙5); calls of the test telephone never count.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.dialogue.events import Event, Happened

COUNTED_SECONDS = 5.0
IN_OFFICE_HOURS = {"open", "overflow"}


@dataclass(frozen=True)
class CallFigures:
    """Counts of one period. Shares are None where there is nothing to divide by."""

    received: int = 0
    cut_within_five_seconds: int = 0
    counted: int = 0
    by_situation: Mapping[str, int] = field(default_factory=dict)
    in_office_hours: int = 0
    after_hours: int = 0
    refused: int = 0
    topic_chosen: Mapping[str, int] = field(default_factory=dict)
    topic_heard_to_end: Mapping[str, int] = field(default_factory=dict)
    heard_to_end_share: float | None = None
    nothing_pressed: int = 0
    wrong_keys: int = 0
    questions_spoken: int = 0
    hung_up_midway: int = 0
    queued: int = 0
    queue_abandoned: int = 0
    queue_seconds_mean: float | None = None
    queue_seconds_longest: float | None = None
    transferred: int = 0
    transfer_failed: int = 0
    seconds_mean: float | None = None
    answer_rate_saitama: float | None = None
    answer_rate_chiba: float | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain values, for `--json`."""
        return dataclasses.asdict(self)


@dataclass
class _Call:
    situation: str = ""
    ended_by: str = ""
    total_seconds: float = 0.0
    seconds: float = 0.0
    answered: bool = False
    person: bool = False
    finished: bool = False  # a topic heard to its end, or a person reached
    happened: list[Event] = field(default_factory=list)


def call_figures(events: Iterable[Event]) -> CallFigures:
    """Count the calls of these events, oldest first; events of conversations are passed over. A call that has not ended
    yet is counted once it has."""
    calls: dict[str, _Call] = {}
    refused = 0
    for event in events:
        if event.name is Happened.CALL_REFUSED:
            refused += 1
        elif event.name is Happened.CALL_RECEIVED and not event.facts.get("test"):
            calls[event.conversation] = _Call(situation=str(event.facts.get("situation", "")))
        elif call := calls.get(event.conversation):
            _take(call, event)
    ended = [call for call in calls.values() if call.ended_by]
    counted = [call for call in ended if call.total_seconds > COUNTED_SECONDS]
    return _figures(ended, counted, refused)


def _take(call: _Call, event: Event) -> None:
    call.happened.append(event)
    facts = event.facts
    if event.name is Happened.CALL_ENDED:
        call.ended_by = str(facts.get("by", "failure"))
        call.total_seconds = _number(facts.get("total_seconds"))
        call.seconds = _number(facts.get("seconds"))
        call.answered = bool(facts.get("answered"))
        call.person = call.person or bool(facts.get("person"))
    elif event.name is Happened.TRANSFERRED:
        call.person = call.finished = True
    elif event.name is Happened.TOPIC_HEARD and facts.get("complete"):
        call.finished = True


def _figures(ended: list[_Call], counted: list[_Call], refused: int) -> CallFigures:
    happened = [event for call in counted for event in call.happened]
    chosen = Counter(_title(e) for e in happened if e.name is Happened.TOPIC_CHOSEN)
    heard = Counter(_title(e) for e in happened if e.name is Happened.TOPIC_HEARD and e.facts.get("complete"))
    names = Counter(event.name for event in happened)
    situations = Counter(call.situation for call in counted)
    daytime = sum(situations[name] for name in IN_OFFICE_HOURS)
    people = sum(call.person for call in counted if call.situation in IN_OFFICE_HOURS)
    guided = sum(call.answered and call.situation != "overflow" and not call.person for call in counted)
    waits = [_number(e.facts.get("waited")) for e in happened if e.name is Happened.QUEUE_LEFT]
    left = [e for e in happened if e.name is Happened.QUEUE_LEFT and e.facts.get("reason") in {"caller", "failure"}]
    topics = sum(chosen.values())
    return CallFigures(
        received=len(ended),
        cut_within_five_seconds=len(ended) - len(counted),
        counted=len(counted),
        by_situation=dict(sorted(situations.items())),
        in_office_hours=daytime,
        after_hours=len(counted) - daytime,
        refused=refused,
        topic_chosen=dict(sorted(chosen.items())),
        topic_heard_to_end=dict(sorted(heard.items())),
        heard_to_end_share=_share(sum(heard.values()), topics),
        nothing_pressed=names[Happened.NOTHING_PRESSED],
        wrong_keys=names[Happened.WRONG_KEY_PRESSED],
        questions_spoken=names[Happened.QUESTION_SPOKEN],
        hung_up_midway=sum(call.ended_by == "caller" and not call.finished for call in counted),
        queued=names[Happened.QUEUE_JOINED],
        queue_abandoned=len(left),
        queue_seconds_mean=_share(sum(waits), len(waits)),
        queue_seconds_longest=max(waits, default=None),
        transferred=names[Happened.TRANSFERRED],
        transfer_failed=names[Happened.TRANSFER_FAILED],
        seconds_mean=_share(sum(call.seconds for call in counted), len(counted)),
        answer_rate_saitama=_share(people, daytime),
        answer_rate_chiba=_share(people + guided, len(counted)),
    )


def _title(event: Event) -> str:
    return str(event.facts.get("title", ""))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
