"""Session timers (RFC 4028): who refreshes a call and when it counts as dead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sipmessage import Request, Response

from voice.sip import fields
from voice.sip.pace import Pace

LEAST = 90  # seconds: RFC 4028 4, no Min-SE may be shorter
MARGIN = 32.0  # seconds before its end at which a call that was not refreshed is given up (10)


class TooShort(ValueError):
    """The interval asked for is below ours: 422, with Min-SE."""


@dataclass(frozen=True)
class Agreement:
    """The outcome: seconds between refreshes, whether they are ours to send, whether the peer knows session timers."""

    seconds: int
    ours: bool
    known: bool = True

    def write(self, message: Request | Response, we_are_client: bool) -> None:
        """Put Session-Expires (and Require where RFC 4028 9 wants it) into a message of ours."""
        refresher = "uac" if self.ours == we_are_client else "uas"
        message.headers.set("Session-Expires", f"{self.seconds};refresher={refresher}")
        if isinstance(message, Response) and refresher == "uac":
            message.headers.set("Require", "timer")


def asked(request: Request, ours: int, least: int = LEAST) -> Agreement | None:
    """What to answer to the session timer of an INVITE or UPDATE (RFC 4028 9, table 2); None for none.

    `ours` is the interval we like. The peer refreshes when it can and leaves it open. Raises TooShort.
    """
    known = "timer" in fields.tokens(request, "Supported")
    value = request.headers.get("Session-Expires")
    if value is None:
        return Agreement(max(ours, _seconds(request.headers.get("Min-SE"))), ours=False) if known and ours else None
    seconds = _seconds(value)
    if seconds < least:
        if known:
            raise TooShort(str(least))
        seconds = least
    wanted = _refresher(value)
    floor = max(least, _seconds(request.headers.get("Min-SE")))
    agreed = max(floor, min(seconds, ours)) if ours else seconds
    return Agreement(min(agreed, seconds), ours=not known or wanted == "uas", known=known)


def answered(response: Response) -> Agreement | None:
    """What the 2xx to an INVITE or UPDATE of ours agreed (RFC 4028 7.2); None: no session timer."""
    value = response.headers.get("Session-Expires")
    if value is None:
        return None
    return Agreement(max(LEAST, _seconds(value)), ours=_refresher(value) != "uas")


def least_of(response: Response) -> int:
    """The Min-SE of a 422, in seconds; 0 when it has none."""
    return _seconds(response.headers.get("Min-SE"))


def _seconds(value: str | None) -> int:
    number = (value or "").partition(";")[0].strip()
    return int(number[:9]) if number.isascii() and number.isdigit() else 0


def _refresher(value: str) -> str:
    try:
        return fields.parameters(";" + value.partition(";")[2]).get("refresher", "").lower() if ";" in value else ""
    except ValueError:
        return ""


class SessionTimer:
    """Runs an agreement: `refresh` at half time when that is ours, `expired` when nobody refreshed in time."""

    def __init__(self, pace: Pace, refresh: Callable[[], None], expired: Callable[[], None]) -> None:
        self.agreement: Agreement | None = None
        self._pace = pace
        self._refresh = refresh
        self._expired = expired
        self._timers: list[asyncio.TimerHandle] = []

    def run(self, agreement: Agreement | None) -> None:
        """Begin anew, at every 2xx to INVITE and UPDATE; None stops it (7.2: the peer left it out)."""
        self.stop()
        self.agreement = agreement
        if agreement is None:
            return
        seconds = agreement.seconds
        self._timers.append(self._pace.later(seconds - min(MARGIN, seconds / 3), self._expired))
        if agreement.ours:
            self._timers.append(self._pace.later(seconds / 2, self._refresh))

    def stop(self) -> None:
        """No refresh and no end any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
