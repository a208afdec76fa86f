"""Time in the demo: when people come (hours of the day, days of the week, the peak of May), and a clock that stands
still until it is moved.

The peak (domain.md 1-2): notices arrive in early May, payment is due at its end; first people ask about notices, later
about paying.
"""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from bot.dialogue.office_hours import TOKYO, OfficeHours

Visit = Callable[[], Iterator[float]]
"""What somebody does: every act is done at once; what it yields is how many seconds pass before the next one."""

MAY = 5
LAST_HOUR = 22  # of the last day: whoever comes then has left before the month is over

# 0:00 … 23:00. The chat is used at lunch and in the evening; the telephone from morning on.
_CHAT = (5, 3, 2, 1, 1, 2, 6, 13, 24, 34, 36, 34, 45, 36, 31, 31, 30, 33, 36, 42, 52, 54, 36, 16)
_CHAT_AT_REST = (8, 5, 3, 2, 1, 2, 4, 9, 18, 28, 36, 38, 36, 34, 35, 34, 33, 32, 32, 36, 44, 46, 34, 18)
_CALLS = (0, 0, 0, 0, 0, 0, 1, 4, 30, 52, 46, 38, 30, 38, 36, 34, 34, 20, 11, 8, 4, 2, 1, 0)
_CALLS_AT_REST = (0, 0, 0, 0, 0, 0, 0, 1, 3, 7, 9, 8, 6, 6, 6, 5, 5, 4, 3, 2, 1, 1, 0, 0)
_WEEKDAYS = (1.18, 1.06, 1.0, 0.97, 0.95, 0.82, 0.86)
# May by day: still before the notices, the first wave as they arrive, the middle, the second wave before the due date.
_OF_MAY = (
    *(0.45, 0.4, 0.4, 0.45, 0.5, 0.6, 1.0, 1.5, 1.55, 1.5, 1.6, 1.5, 1.35, 1.2, 1.05, 0.95),
    *(0.9, 0.85, 0.8, 0.75, 0.75, 0.75, 0.8, 0.85, 1.0, 1.1, 1.25, 1.4, 1.6, 1.75, 1.9),
)


def phase(day: dt.date) -> str:
    """What people ask about: "arriving", "middle" and "closing" in May, "usual" otherwise."""
    if day.month != MAY:
        return "usual"
    return "arriving" if day.day <= 14 else "middle" if day.day <= 24 else "closing"


def chats(days: Sequence[dt.date], number: int, hours: OfficeHours, rng: random.Random) -> list[dt.datetime]:
    """When so many conversations begin."""
    return _moments(days, number, rng, lambda day: _CHAT if hours.on(day) else _CHAT_AT_REST)


def calls(days: Sequence[dt.date], number: int, hours: OfficeHours, rng: random.Random) -> list[dt.datetime]:
    """When so many calls come in; most of them when somebody answers."""
    return _moments(days, number, rng, lambda day: _CALLS if hours.on(day) else _CALLS_AT_REST)


def _moments(
    days: Sequence[dt.date], number: int, rng: random.Random, curve: Callable[[dt.date], Sequence[int]]
) -> list[dt.datetime]:
    hours = [(day, hour) for day in days for hour in range(24) if day != days[-1] or hour <= LAST_HOUR]
    weights = accumulate(curve(day)[hour] * _WEEKDAYS[day.weekday()] * _peak(day) for day, hour in hours)
    drawn = rng.choices(hours, cum_weights=list(weights), k=number)
    return sorted(dt.datetime.combine(day, dt.time(hour), TOKYO) + _within_the_hour(rng) for day, hour in drawn)


def _peak(day: dt.date) -> float:
    return _OF_MAY[day.day - 1] if day.month == MAY else 1.0


def _within_the_hour(rng: random.Random) -> dt.timedelta:
    return dt.timedelta(milliseconds=rng.randrange(3_600_000))


# -- the clock -----------------------------------------------------------------------------------------------------


class SimulatedClock:
    """Gives the instant it was moved to, as the clocks of the doors do."""

    def __init__(self, start: dt.datetime) -> None:
        self._now = start

    def __call__(self) -> dt.datetime:
        """Now."""
        return self._now

    def move_to(self, moment: dt.datetime) -> None:
        """Let time pass. Raises ValueError for a moment that is over."""
        if moment < self._now:
            raise ValueError(f"the clock is at {self._now}, not before {moment}")
        self._now = moment


def live(
    visits: Iterable[tuple[dt.datetime, Visit]], clock: SimulatedClock, until: dt.datetime, done: Callable[[], object]
) -> None:
    """Let all visits happen, side by side, each from its own moment on; what would be at `until` or later does not
    happen. `done` is called at the end of each."""
    waiting = [(moment, number, visit, None) for number, (moment, visit) in enumerate(visits)]
    queue: list[tuple[dt.datetime, int, Visit, Iterator[float] | None]] = list(waiting)
    heapq.heapify(queue)
    while queue:
        moment, number, visit, running = heapq.heappop(queue)
        if moment >= until:
            break
        clock.move_to(moment)
        running = visit() if running is None else running
        pause = next(running, None)
        if pause is None:
            done()
        else:
            heapq.heappush(queue, (moment + dt.timedelta(seconds=max(0.0, pause)), number, visit, running))
