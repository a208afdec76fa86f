"""Requests of the peer and our answers to them (RFC 3261 17.2, INVITE as corrected by RFC 6026).

A 2xx to an INVITE is repeated by the call until its ACK comes (13.3.1.4), every other final answer here.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from typing import TypeAlias

from sipmessage import Request, Response

from voice.sip import fields
from voice.sip.answers import answer, way_back
from voice.sip.checks import Refused
from voice.sip.pace import PATIENCE, T1, T2, T4, Pace
from voice.sip.transport import Address
from voice.sip.wire import encode

LIMIT = 8192  # transactions at once; a finished one stays 32 s, so this is 250 requests a second for good
COOKIE = "z9hG4bK"
Key: TypeAlias = tuple[str, ...]
Send: TypeAlias = Callable[[bytes, Address, Address | None], None]


class Phase(enum.Enum):
    """States of figures 7 and 8; TRYING and PROCEEDING are one here."""

    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class ServerTransaction:
    """One request and its answers."""

    def __init__(self, owner: ServerTransactions, key: Key, request: Request, source: Address) -> None:
        """Made by `ServerTransactions.open`."""
        self.key = key
        self.request = request
        self.source = source
        self.phase = Phase.PROCEEDING
        self._owner = owner
        self._to, self._fallback = way_back(request, source)
        self._last: bytes | None = None
        self._again: asyncio.TimerHandle | None = None  # timer G
        self._limit: asyncio.TimerHandle | None = None  # timers H, I, J and L
        self._interval = T1

    @property
    def invites(self) -> bool:
        """Whether the request is an INVITE, which has rules of its own."""
        return self.request.method == "INVITE"

    @property
    def open(self) -> bool:
        """Whether a final answer is still to come."""
        return self.phase is Phase.PROCEEDING

    def respond(self, response: Response) -> None:
        """Send a response; a final one ends the matter, and whatever comes after it is not sent."""
        if not self.open:
            return
        self._last = encode(response)
        self._transmit()
        if response.code < 200:
            return
        if not self.invites:
            self.phase = Phase.COMPLETED
            self._end_in(0.0 if self._reliable else PATIENCE)  # timer J
        elif response.code < 300:
            self.phase = Phase.ACCEPTED
            self._end_in(PATIENCE)  # timer L
        else:
            self.phase = Phase.COMPLETED
            self._end_in(PATIENCE)  # timer H
            if not self._reliable:
                self._again = self._owner.pace.later(self._interval, self._repeat)

    def reply(self, status: int, phrase: str = "", **headers: str) -> None:
        """Answer without a body; names of `headers` are written with _ for -."""
        response = answer(self.request, status, phrase, self.tag)
        for name, value in headers.items():
            response.headers.set(name.replace("_", "-"), value)
        self.respond(response)

    def refuse(self, refused: Refused) -> None:
        """Answer with what a check said."""
        self.reply(refused.status, refused.phrase, **refused.headers)

    @property
    def tag(self) -> str:
        """The To tag of our answers."""
        return self._owner.tag(self.request)

    def repeated(self) -> None:
        """The request came again: so did our last answer get lost (a 2xx to INVITE is the call's affair)."""
        if self.phase in {Phase.PROCEEDING, Phase.COMPLETED}:
            self._transmit()

    def again(self) -> None:
        """Say the 2xx to an INVITE once more: its owner waits for the ACK."""
        self._transmit()

    def acknowledged(self) -> None:
        """The ACK to our final non-2xx came."""
        if self.phase is Phase.COMPLETED and self.invites:
            self.phase = Phase.CONFIRMED
            self._stop()
            self._end_in(0.0 if self._reliable else T4)  # timer I

    def terminate(self) -> None:
        """Forget it."""
        self.phase = Phase.TERMINATED
        self._stop()
        self._owner.forget(self)

    @property
    def _reliable(self) -> bool:
        return self.source[2] == "tcp"

    def _transmit(self) -> None:
        if self._last is not None:
            self._owner.send(self._last, self._to, self._fallback)

    def _repeat(self) -> None:
        self._transmit()
        self._interval = min(2 * self._interval, T2)
        self._again = self._owner.pace.later(self._interval, self._repeat)

    def _end_in(self, seconds: float) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self._owner.pace.later(seconds, self.terminate)

    def _stop(self) -> None:
        for timer in (self._again, self._limit):
            if timer is not None:
                timer.cancel()
        self._again = self._limit = None


class ServerTransactions:
    """The table of them, with a limit."""

    def __init__(self, send: Send, pace: Pace, tag: Callable[[Request], str], limit: int = LIMIT) -> None:
        """`send(data, to, fallback)`; `tag(request)` gives the To tag of answers outside a call."""
        self.send = send
        self.pace = pace
        self.tag = tag
        self._limit = limit
        self._open: dict[Key, ServerTransaction] = {}
        self._origins: dict[Key, Key] = {}  # Call-ID, From tag, CSeq → transaction, for requests that were forked

    def __len__(self) -> int:
        return len(self._open)

    def find(self, request: Request, method: str = "") -> ServerTransaction | None:
        """The transaction that a request belongs to (17.2.3); `method`: look for another one (INVITE of a CANCEL)."""
        return self._open.get(_key(request, method or request.method))

    def merged(self, request: Request) -> bool:
        """Whether the same request came before on another way (8.2.2.2): it was forked upstream."""
        return _origin(request) in self._origins

    def open(self, request: Request, source: Address) -> ServerTransaction | None:
        """Begin a transaction, None when the table is full. `request` has been stamped, nothing was found for it."""
        if len(self._open) >= self._limit:
            return None
        key = _key(request, request.method)
        transaction = ServerTransaction(self, key, request, source)
        self._open[key] = transaction
        self._origins.setdefault(_origin(request), key)
        return transaction

    def forget(self, transaction: ServerTransaction) -> None:
        """Take a finished one out."""
        self._open.pop(transaction.key, None)
        origin = _origin(transaction.request)
        if self._origins.get(origin) == transaction.key:
            del self._origins[origin]

    def close(self) -> None:
        """End all timers."""
        for transaction in list(self._open.values()):
            transaction.terminate()


def _key(request: Request, method: str) -> Key:
    """By branch, sent-by and method; without the magic cookie by what RFC 2543 had (17.2.3)."""
    method = "INVITE" if method == "ACK" else method
    top = fields.values(request, "Via")[0]
    hop = fields.via(top)
    branch = hop.parameters.get("branch", "")
    if branch.startswith(COOKIE) and len(branch) > len(COOKIE):
        return branch, hop.host.lower(), str(hop.port or 5060), method
    number = str(request.cseq.sequence)
    return request.call_id, fields.tag(request, "From"), number, str(request.uri), top, method


def _origin(request: Request) -> Key:
    return request.call_id, fields.tag(request, "From"), str(request.cseq)
