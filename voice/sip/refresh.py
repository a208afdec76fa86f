"""Keeps a call's session timer: refreshes by UPDATE or re-INVITE, ends the call when the peer is gone (RFC 4028)."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from sipmessage import Response

from voice.sip import bodies
from voice.sip.login import Login
from voice.sip.offer_answer import Unacceptable
from voice.sip.session_timer import LEAST, Agreement, SessionTimer, answered, least_of
from voice.sip.transport import Address

if TYPE_CHECKING:
    from voice.sip.call import Call

AGAIN = 10.0  # seconds after a refusal that says nothing about the call


class Refresh:
    """The refreshes of one call. `pending`: an INVITE of ours is not answered yet, theirs gets 491."""

    def __init__(self, call: Call) -> None:
        self.pending = False
        self._call = call
        self._timer = SessionTimer(call.exchange.pace, self.send, self._expired)
        self._retry: asyncio.TimerHandle | None = None
        self._login: Login | None = None  # the request of ours that was sent last
        self._ack: tuple[int, bytes, Address] | None = None  # the last ACK: CSeq, bytes, where to

    def run(self, agreement: Agreement | None) -> None:
        """A 2xx to INVITE or UPDATE agreed on this."""
        self._forget_retry()
        self._timer.run(agreement)

    def stop(self) -> None:
        """The call is over."""
        self._forget_retry()
        self._timer.stop()

    def send(self) -> None:
        """Refresh now: UPDATE when the peer takes it, else a re-INVITE that changes nothing."""
        call, agreement = self._call, self._timer.agreement
        if call.ended or call.dialog is None or agreement is None or self.pending:
            return
        if call.acceptance is not None and call.acceptance.open:
            self._later(1.0)  # one INVITE at a time (RFC 3261 14.1)
            return
        if "update" in call.allow:
            request = call.dialog.request("UPDATE")
        else:
            request = call.dialog.request("INVITE", call.session.description, bodies.SDP)
            self.pending = True
        request.headers.set("Supported", "timer")
        agreement.write(request, we_are_client=True)
        if agreement.seconds > LEAST:
            request.headers.set("Min-SE", str(LEAST))
        self._login = call.send(request, self._answered, self._gone)

    def _answered(self, response: Response) -> None:
        call = self._call
        if response.code < 200:
            return
        if response.cseq.method == "INVITE":
            self.pending = False
            if response.code < 300 and not self._acknowledge(response):
                return
        if call.ended:
            return
        if response.code < 300:
            self._agreed(response)
        elif response.code == 422 and self._timer.agreement is not None:
            self._timer.run(Agreement(max(self._timer.agreement.seconds, least_of(response)), ours=True))
            self._later(0.0)
        elif response.code in {408, 481}:
            self._gone()
        elif response.code == 491:  # RFC 3261 14.1: whoever made the Call-ID waits longer
            self._later(random.uniform(0.0, 2.0) if call.incoming else random.uniform(2.1, 4.0))
        elif response.code in {405, 501} and "update" in call.allow:
            call.allow -= {"update"}
            self._later(0.0)
        else:
            self._later(AGAIN)

    def _acknowledge(self, response: Response) -> bool:
        """ACK a 2xx; False when it is one that came before: the same ACK again (RFC 3261 13.2.2.4)."""
        call, sequence = self._call, response.cseq.sequence
        if self._ack is not None and self._ack[0] == sequence:
            call.exchange.clients.transmit(self._ack[1], self._ack[2])
            return False
        if call.dialog is not None:
            ack, to = call.dialog.ack(sequence), call.hop()
            invite = self._login.request if self._login is not None else None
            for name in ("Authorization", "Proxy-Authorization"):  # 22.1: as in the INVITE
                if invite is not None and (value := invite.headers.get(name)):
                    ack.headers.set(name, value)
            self._ack = sequence, call.exchange.clients.send_ack(ack, to), to
        return True

    def _agreed(self, response: Response) -> None:
        call = self._call
        if call.dialog is not None:
            call.dialog.refresh_target(response)
        if response.body and response.cseq.method == "INVITE":
            try:
                call.session.accept(response.body)
            except Unacceptable:
                pass  # it agreed to this description before: the call goes on as it was
            else:
                call.connect()
        self.run(answered(response))

    def _gone(self) -> None:
        self.pending = False
        self._call.hang_up("no answer to a refresh", by="failure")

    def _expired(self) -> None:
        self._call.hang_up("session expired", by="failure")

    def _later(self, seconds: float) -> None:
        self._forget_retry()
        self._retry = self._call.exchange.pace.later(seconds, self.send)

    def _forget_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
