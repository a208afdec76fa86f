"""Callers standing in line at the TwiML door, in the order in which they came.

The clouds' `Enqueue` needs an operators' side that asks for the next caller, and each cloud does that its own way. So
the line is ours: whoever is first dials the operators when a round of waiting begins; the others wait (0 or 1 call
rings an operator at a time). The time of joining travels in the signed state, so the order survives a restart.
"""

from __future__ import annotations

import datetime as dt

GONE_AFTER = dt.timedelta(seconds=150)
"""Longer than a round of waiting with its message; who is not heard of for so long has hung up."""


class Line:
    """Who waits for whom. Times are instants with a zone."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[str, dt.datetime, dt.datetime]] = {}

    def stand(self, call: str, to: str, since: dt.datetime, now: dt.datetime) -> None:
        """A call is in line for `to` since then; said again at every round."""
        self._waiting[call] = (to, since, now)

    def leave(self, call: str) -> None:
        """It no longer is; of no effect if it was not."""
        self._waiting.pop(call, None)

    def is_first(self, call: str, now: dt.datetime) -> bool:
        """Whether it is this call's turn."""
        for name in [name for name, (_, _, seen) in self._waiting.items() if now - seen > GONE_AFTER]:
            del self._waiting[name]
        if call not in self._waiting:
            return False
        to = self._waiting[call][0]
        return call == min((since, name) for name, (whom, since, _) in self._waiting.items() if whom == to)[1]
