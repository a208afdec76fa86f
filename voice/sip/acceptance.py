"""A 2xx to an INVITE, said again and again until its ACK comes (RFC 3261 13.3.1.4); over TCP too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sipmessage import Request

from voice.sip.pace import PATIENCE, T1, T2, Pace


class Acceptance:
    """Waits for the ACK of one INVITE; then exactly one of `acked` and `lost` is called, neither after `stop`."""

    def __init__(
        self,
        pace: Pace,
        sequence: int,
        again: Callable[[], None],
        acked: Callable[[Request], None],
        lost: Callable[[], None],
    ) -> None:
        """`sequence` is the CSeq of the INVITE; `again` says the 2xx once more (it has been said a first time)."""
        self.open = True
        self.sequence = sequence
        self.acked = acked
        self.lost = lost
        self._pace = pace
        self._say_again = again
        self._interval = T1
        self._again: asyncio.TimerHandle = pace.later(T1, self._repeat)
        self._limit: asyncio.TimerHandle = pace.later(PATIENCE, self._give_up)

    def acknowledged(self, ack: Request) -> None:
        """The ACK came; the same again is nothing new."""
        if self.open and ack.cseq.sequence == self.sequence:
            self.stop()
            self.acked(ack)

    def stop(self) -> None:
        """Don't wait any more."""
        self.open = False
        self._again.cancel()
        self._limit.cancel()

    def _repeat(self) -> None:
        self._say_again()
        self._interval = min(2 * self._interval, T2)
        self._again = self._pace.later(self._interval, self._repeat)

    def _give_up(self) -> None:
        self.stop()
        self.lost()
