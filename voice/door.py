"""What a door over HTTP (TwiML, the browser telephone) needs from the house: a handful of callables, nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.events import Event
from voice.flow.model import Telephone
from voice.flow.steps import Heard, Situation
from voice.g711 import Clip


def _nowhere(_: str) -> str:
    return ""


@dataclass(frozen=True)
class DoorContext:
    """The parts of the house a door may touch.

    `telephone` gives what is published now (swapped as a whole), None before anything was. `clip` gives the sound of a
    text in a language and never fails: a safe sentence while the right one is missing. `situation` is the state of the
    calendar and of the switches at an instant. `clock` gives an instant with a zone. `caller_hash` turns a number into
    what events may hold of it. `number` gives where "operators" or "night_desk" is reached, a telephone number or a
    `sip:` URI, "" if that is not set. `understand` searches for a spoken question given as text and its language; a
    door without it offers keys only.
    """

    telephone: Callable[[], Telephone | None]
    clip: Callable[[str, str], Clip]
    situation: Callable[[dt.datetime], Situation]
    emit: Callable[[Sequence[Event]], None]
    clock: Callable[[], dt.datetime]
    caller_hash: Callable[[str], str]
    number: Callable[[str], str] = _nowhere
    understand: Callable[[str, str], Heard] | None = None


def marked(events: Iterable[Event], **facts: object) -> list[Event]:
    """The same events with more facts, e.g. `door="twiml"`; a fact that is there already stays."""
    more: Mapping[str, object] = facts
    return [replace(event, facts={**more, **event.facts}) for event in events]
