"""Time in the demo: it stands still until it is moved, and it is never moved back."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Iterator

Visit = Callable[[], Iterator[float]]
"""What somebody does: every act is done at once; what it yields is how many seconds pass before the next one."""


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
