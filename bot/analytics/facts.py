"""Reads the facts of an event as what they should be. Stored events may be old or odd: what is not there is empty."""

from __future__ import annotations

import math

from bot.dialogue.events import Event

LONGEST_KEY = 200  # letters of a text that figures are divided by


def text(event: Event, fact: str) -> str:
    """A short text; "" if there is none."""
    value = event.facts.get(fact)
    return value[:LONGEST_KEY] if isinstance(value, str) else ""


def texts(event: Event, fact: str) -> tuple[str, ...]:
    """A list of short texts; empty if there is none."""
    value = event.facts.get(fact)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(each[:LONGEST_KEY] for each in value if isinstance(each, str))


def number(event: Event, fact: str) -> float | None:
    """A finite number, None if there is none."""
    value = event.facts.get(fact)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def matches(event: Event) -> list[tuple[str, float]]:
    """The entries that a question was found to be near, with the confidence in each, best first."""
    value = event.facts.get("matches")
    found = []
    for pair in value if isinstance(value, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str):
            found.append((pair[0], float(pair[1]) if isinstance(pair[1], int | float) else 0.0))
    return found
