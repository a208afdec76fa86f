"""Requests of ours and the answers to them (RFC 3261 17.1, RFC 6026), repeated over UDP, sent once over TCP.

Knows no dialogs: who sends decides what an answer means. Answers are matched by the branch of their top Via and the
method of their CSeq (17.1.3).
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable

from sipmessage import Request, Response

from voice.sip import companions, wire
from voice.sip.pace import PATIENCE, T1, T2, T4, Pace
from voice.sip.transport import Address

LIMIT = 4000  # transactions at once: two for every leg of a service with 1,000 calls, with room to spare

OnResponse = Callable[[Response], None]
OnTimeout = Callable[[], None]


class TooManyRequests(RuntimeError):
    """More requests are waiting for answers than the table may hold."""


class Phase(enum.Enum):
    """States of figures 5 and 6 of RFC 3261 (Calling and Trying are one here), with Accepted of RFC 6026."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class ClientTransaction:
    """One request of ours. `on_response` gets provisional answers and the final one once – a 2xx to INVITE each time it
    comes; `on_timeout` is called instead when no final answer came (408 in the words of RFC 3261 8.1.3.1)."""

    def __init__(
        self, owner: ClientTransactions, request: Request, to: Address, on_response: OnResponse, on_timeout: OnTimeout
    ) -> None:
        """Made by `ClientTransactions.send`."""
        self.request = request
        self.to = to
        self.phase = Phase.TRYING
        self.key: companions.Key = (companions.branch(request), request.method)
        self._owner = owner
        self._on_response = on_response
        self._on_timeout = on_timeout
        self._reliable = to[2] == "tcp"
        self._interval = T1
        self._again: asyncio.TimerHandle | None = None  # timers A and E
        self._limit: asyncio.TimerHandle | None = None  # timers B, D, F, K and M
        self._ack: bytes | None = None
        self._cancel_wanted = False
        self._cancelled = False

    @property
    def invites(self) -> bool:
        """Whether this is an INVITE, which has rules of its own."""
        return self.request.method == "INVITE"

    def cancel(self) -> None:
        """Take an INVITE back (9.1): at once if a provisional answer came, else as soon as one comes. Its final answer,
        usually 487 but possibly a 2xx, still arrives at `on_response`. Nothing happens after a final answer."""
        if not self.invites or self.phase not in {Phase.TRYING, Phase.PROCEEDING}:
            return
        self._cancel_wanted = True
        if self.phase is Phase.PROCEEDING and not self._cancelled:
            self._cancelled = True
            self._owner.send_cancel(self)
            self._wait(PATIENCE)  # 9.1: without a final answer in 64*T1 the INVITE counts as cancelled

    def end(self) -> None:
        """Forget it: no callback comes any more, answers are ignored."""
        self.phase = Phase.TERMINATED
        for timer in (self._again, self._limit):
            if timer is not None:
                timer.cancel()
        self._again = self._limit = None
        self._owner.forget(self)

    def start(self) -> None:
        """Send the request and start its timers."""
        self._transmit()
        self._wait(PATIENCE)

    def receive(self, response: Response) -> None:
        """An answer that belongs to this request."""
        if response.code < 200:
            self._provisional(response)
        elif self.invites:
            self._final_to_invite(response)
        elif self.phase in {Phase.TRYING, Phase.PROCEEDING}:
            self._complete(T4)
            self._on_response(response)

    def time_out(self) -> None:
        """No final answer came, or the answer has been there long enough."""
        waiting = self.phase in {Phase.TRYING, Phase.PROCEEDING}
        self.end()
        if waiting:
            self._on_timeout()

    def _provisional(self, response: Response) -> None:
        if self.phase not in {Phase.TRYING, Phase.PROCEEDING}:
            return
        self.phase = Phase.PROCEEDING
        if self.invites:
            self._stop_repeating()
            if not self._cancelled and self._limit is not None:  # ringing has no limit of its own: the caller of send()
                self._limit.cancel()  # decides how long it may ring
                self._limit = None
            if self._cancel_wanted:
                self.cancel()
        self._on_response(response)

    def _final_to_invite(self, response: Response) -> None:
        if response.code < 300:
            if self.phase in {Phase.TRYING, Phase.PROCEEDING}:
                self._stop_repeating()
                self.phase = Phase.ACCEPTED
                self._wait(PATIENCE)  # timer M of RFC 6026
            if self.phase is Phase.ACCEPTED:  # a 2xx after a refusal would be a proxy's mistake
                self._on_response(response)
        elif self.phase in {Phase.TRYING, Phase.PROCEEDING}:
            self._ack = wire.encode(companions.ack(self.request, response))
            self._owner.transmit(self._ack, self.to)
            self._complete(PATIENCE)  # timer D: "at least 32 seconds"
            self._on_response(response)
        elif self.phase is Phase.COMPLETED and self._ack is not None:
            self._owner.transmit(self._ack, self.to)

    def _complete(self, linger: float) -> None:
        self._stop_repeating()
        self.phase = Phase.COMPLETED
        if self._reliable:  # timers D and K are zero: nothing comes twice
            self.end()
        else:
            self._wait(linger)

    def _transmit(self) -> None:
        self._owner.transmit(wire.encode(self.request), self.to)
        if not self._reliable:
            self._again = self._owner.pace.later(self._interval, self._repeat)

    def _repeat(self) -> None:
        self._interval *= 2  # timer A doubles without limit (17.1.1.2)
        if not self.invites:  # timer E does not (17.1.2.2)
            self._interval = T2 if self.phase is Phase.PROCEEDING else min(self._interval, T2)
        self._transmit()

    def _stop_repeating(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again = None

    def _wait(self, seconds: float) -> None:
        if self._limit is not None:
            self._limit.cancel()
        self._limit = self._owner.pace.later(seconds, self.time_out)


class ClientTransactions:
    """All requests of ours that wait for an answer."""

    def __init__(
        self,
        send: Callable[[bytes, Address], None],
        via: Callable[[Address], str],
        pace: Pace | None = None,
        limit: int = LIMIT,
    ) -> None:
        """`send` puts bytes on the wire and never raises; `via` makes a Via value with a fresh branch."""
        self.pace = pace or Pace()
        self._send = send
        self._via = via
        self._limit = limit
        self._waiting: dict[companions.Key, ClientTransaction] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def send(self, request: Request, to: Address, on_response: OnResponse, on_timeout: OnTimeout) -> ClientTransaction:
        """Send `request` (its Via is set here) and wait for answers. Not for the ACK of a 2xx: see `send_ack`.

        Raises TooManyRequests when the table is full.
        """
        if len(self._waiting) >= self._limit:
            raise TooManyRequests(f"{self._limit} requests are waiting for answers")
        request.headers.setlist("Via", [self._via(to)])
        return self._begin(ClientTransaction(self, request, to, on_response, on_timeout))

    def send_ack(self, ack: Request, to: Address) -> bytes:
        """Send the ACK of a 2xx: a request of its own branch without answers (13.2.2.4). Gives the bytes to repeat."""
        ack.headers.setlist("Via", [self._via(to)])
        data = wire.encode(ack)
        self.transmit(data, to)
        return data

    def receive(self, response: Response) -> bool:
        """Hand over an answer from the wire; False when nobody waits for it."""
        key = companions.key(response)
        transaction = self._waiting.get(key) if key else None
        if transaction is None:
            return False
        transaction.receive(response)
        return True

    def lost(self, to: Address) -> None:
        """The transport cannot reach `to`: what waits for a first answer from there fails now (17.1.4)."""
        for transaction in [one for one in self._waiting.values() if one.to == to]:
            transaction.time_out()

    def close(self) -> None:
        """Forget all requests without calling anybody."""
        for transaction in list(self._waiting.values()):
            transaction.end()

    def transmit(self, data: bytes, to: Address) -> None:
        """Put bytes of a transaction on the wire."""
        self._send(data, to)

    def send_cancel(self, invite: ClientTransaction) -> None:
        """Send the CANCEL of an INVITE: same Via, same branch, a transaction of its own (9.1)."""
        self._begin(ClientTransaction(self, companions.cancel(invite.request), invite.to, _ignore, _nothing))

    def forget(self, transaction: ClientTransaction) -> None:
        """A transaction is over."""
        if self._waiting.get(transaction.key) is transaction:
            del self._waiting[transaction.key]

    def _begin(self, transaction: ClientTransaction) -> ClientTransaction:
        self._waiting[transaction.key] = transaction
        transaction.start()
        return transaction


def _ignore(_response: Response) -> None:
    """What is answered to a CANCEL does not matter: the INVITE gets its own final answer."""


def _nothing() -> None:
    """A CANCEL without an answer: the INVITE has a limit of its own."""
