"""Reads the facts of an event as what they should be. Stored events may be old or odd: what is not there is empty."""

from __future__ import annotations

from bot.dialogue.events import Event

LONGEST_KEY = 200  # letters of a text that figures are divided by
LARGEST = 1e12  # beyond any number of milliseconds that is one; sums of such stay finite


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
    """A number between -`LARGEST` and `LARGEST`, None if there is none."""
    return _number(event.facts.get(fact))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -LARGEST <= value <= LARGEST else None  # not so for NaN


def matches(event: Event) -> list[tuple[str, float]]:
    """The entries that a question was found to be near, with the confidence in each, best first."""
    value = event.facts.get("matches")
    found = []
    for pair in value if isinstance(value, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str):
            found.append((pair[0], _number(pair[1]) or 0.0))
    return found
