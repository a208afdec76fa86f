"""Time as RFC 3261 counts it: all timers are multiples of T1, so that tests can let a call's 32 seconds pass in one.

Nothing else of voice/sip starts a timer on the loop by itself (the audio clock of the media excepted).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

T1 = 0.5  # seconds: the round-trip time RFC 3261 table 4 assumes
T2 = 4.0  # seconds: the longest interval between retransmissions
T4 = 5.0  # seconds: how long a message may stay in the network
PATIENCE = 64 * T1  # seconds: timers B, F, H and J, and how long a 2xx waits for its ACK


class Pace:
    """Seconds as they are written in the RFCs, run at `t1`/0.5 of real time (0.5: as they are)."""

    def __init__(self, t1: float = T1) -> None:
        if t1 <= 0:
            raise ValueError("t1 must be more than 0 seconds")
        self.scale = t1 / T1

    def later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        """Call `act` once after so many seconds; needs a running loop. Cancel the handle to prevent it."""
        return asyncio.get_running_loop().call_later(seconds * self.scale, act)

    def now(self) -> float:
        """Seconds since some moment, monotonic, in the same measure as `later`."""
        return asyncio.get_running_loop().time() / self.scale
