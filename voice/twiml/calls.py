"""What the door remembers of running calls, for what no address can carry: how a call ended, and requests sent twice.

Nothing here is needed to go on with a call. After a restart the figures of the calls that were running lose who hung
up and whether the topic was heard to its end; nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass

from voice.flow.steps import Position, Situation
from voice.twiml.state import CallState

MOST = 1_000  # calls
KEPT = dt.timedelta(hours=4)  # the clouds' own limit for a call
LIVELY = dt.timedelta(minutes=15)
"""A call that was silent for longer no longer counts as running. Its end may never be told: the cloud's status callback
may be missing, and then a full house would refuse everybody."""


@dataclass
class Running:
    """A call. `state`: where the cloud is, None when we have told it to hang up. `request` and `answer`: the last
    ones, so that a request the cloud repeats (its connection broke) is answered alike and counted once."""

    began: dt.datetime
    seen: dt.datetime
    situation: Situation
    position: Position | None = None
    state: CallState | None = None
    person: bool = False
    over: bool = False
    request: str = ""
    answer: str = ""


class RunningCalls:
    """The calls of the last hours, at most 1,000: the oldest go first."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, Running] = OrderedDict()

    def add(self, call: str, running: Running) -> None:
        """A call began."""
        self._calls[call] = running
        while len(self._calls) > MOST or running.began - next(iter(self._calls.values())).began > KEPT:
            self._calls.popitem(last=False)

    def get(self, call: str) -> Running | None:
        """What is known of a call; None after a restart."""
        return self._calls.get(call)

    def count(self, now: dt.datetime) -> int:
        """Calls that are going on, as far as we know."""
        return sum(
            not running.over and running.state is not None and now - running.seen < LIVELY
            for running in self._calls.values()
        )
