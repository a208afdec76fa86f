"""A call that we make, to a person a caller is handed on to (RFC 3261 13.2). Once answered it is a `Call` like others.

Early media is not listened to: until the person answers, the caller hears our own prompts.
"""

from __future__ import annotations

import asyncio
import re
from typing import Protocol, runtime_checkable

from sipmessage import URI, CSeq, Request, Response

from voice.media.stream import Stream
from voice.sip import bodies, fields
from voice.sip.answers import ALLOW
from voice.sip.call import Call, CallHandler, Description, Exchange
from voice.sip.client_transactions import TooManyRequests
from voice.sip.dialog import MAX_FORWARDS, Dialog, new_call_id, new_tag
from voice.sip.login import Login
from voice.sip.offer_answer import MediaSession, Unacceptable
from voice.sip.refer import reason_of
from voice.sip.session_timer import LEAST, answered
from voice.sip.transport import Address
from voice.sip.uris import exact, literal, resolve

FORKS = 8  # answers of different people to one INVITE that are acknowledged and hung up; more is nonsense
NOWHERE: Address = ("0.0.0.0", 0, "udp")
_UNSAFE = re.compile(r"[^0-9A-Za-z+*._-]")  # a caller's "number" is whatever the caller wrote
TROUBLE = frozenset({"unreachable"})  # reasons that are nobody's decision


@runtime_checkable
class HearsRinging(Protocol):
    """A handler that also wants to know when it rings at the other end; may be told more than once."""

    def on_ringing(self) -> None:
        """A 180 to 183 came."""


def dial(exchange: Exchange, target: str, handler: CallHandler, ring_seconds: float, caller: str = "") -> Outgoing:
    """Call the SIP URI `target`. `handler.on_answered` or `on_ended` follows, never before this returns.

    `ring_seconds` count from now. `caller` is the number shown to the person called; "" shows ours. `on_ended` tells
    reason "busy", "no answer", "refused" or "unreachable" of a call that nobody took. Raises NoPortLeft.
    """
    call = Outgoing(exchange, exchange.media.open(), target, caller)
    call.handler = handler
    call.start(ring_seconds)
    return call


class Outgoing(Call):
    """An outgoing leg. Before it is answered, `hang_up` takes the INVITE back."""

    def __init__(self, exchange: Exchange, stream: Stream, target: str, caller: str = "") -> None:
        """`target`: a SIP URI; one that cannot be called ends the leg as "unreachable" once it is started."""
        there = literal(target) or NOWHERE
        super().__init__(exchange, stream, Description(there, caller=caller, dialled=target, incoming=False))
        self._target = self._current = target
        self._caller = caller
        self._call_id = new_call_id()
        self._tag = new_tag()
        self._cseq = 0
        self._redirected = False
        self._interval = max(exchange.config.session_seconds, LEAST) if exchange.config.session_seconds else 0
        self._least = LEAST
        self._login: Login | None = None
        self._search: asyncio.Task[None] | None = None
        self._ringing: asyncio.TimerHandle | None = None
        self._acks: dict[str, tuple[bytes, Address]] = {}

    def start(self, ring_seconds: float) -> None:
        """Send the INVITE; once."""
        self._ringing = self.exchange.pace.later(ring_seconds, lambda: self.hang_up("no answer"))
        self._seek()

    def hang_up(self, reason: str = "", by: str = "service") -> None:
        """End the call: BYE once it is answered, CANCEL before (and BYE if the answer crosses it on its way)."""
        if self.dialog is not None or self.ended:
            super().hang_up(reason, by)
            return
        self.end(by, reason, release=False)
        if self._login is not None:
            self._login.cancel()  # the rest comes to `_heard` or `_silence`
        else:
            self.exchange.release(self)

    def end(self, by: str, reason: str, release: bool = True) -> None:
        """As for every call; and nobody is rung or looked for any more."""
        self._stop_ringing()
        if self._search is not None:
            self._search.cancel()
            self._search = None
        super().end(by, reason, release)

    # -- the INVITE ----------------------------------------------------------------------------------------------------
    def _seek(self) -> None:
        """Find out where the target is and call; names in the background, DNS may take seconds."""
        self._login = None
        self._search = asyncio.get_running_loop().create_task(self._find())

    async def _find(self) -> None:
        try:
            there = literal(self._current) or await resolve(self._current)
            request_uri = exact(self._current)
        except (ValueError, OSError):
            self._search = None
            self.end("failure", "unreachable")
            return
        self._search = None
        self.source = self.peer = there
        host = self.exchange.media.advertised or self.exchange.transport.local_host(there)
        self.session = MediaSession(host, self.stream.port)
        self._invite(self._request(request_uri, there))

    def _invite(self, request: Request) -> None:
        self._login = Login(self.exchange.clients, self.exchange.config.trunk, self._next)
        try:
            self._login.send(request, self.peer, self._heard, self._silence)
        except TooManyRequests:
            self._login = None
            self.end("failure", "unreachable")

    def _request(self, uri: URI, there: Address) -> Request:
        trunk = self.exchange.config.trunk
        contact = self.exchange.transport.contact(there, trunk.user if trunk else "")
        request = Request("INVITE", uri, self.session.offer())
        headers = {
            "Max-Forwards": MAX_FORWARDS,
            "From": f"{self._from(there)};tag={self._tag}",
            "To": f"<{self._target}>",  # the first target, also after a redirection (8.1.3.4)
            "Call-ID": self._call_id,
            "CSeq": str(CSeq(self._next(), "INVITE")),
            "Contact": contact,
            "Allow": ALLOW,
            "Supported": "timer",
            "User-Agent": self.exchange.config.server_name,
            "Content-Type": bodies.SDP,
        }
        for name, value in headers.items():
            request.headers.set(name, value)
        if self._interval:
            request.headers.set("Session-Expires", str(self._interval))
            request.headers.set("Min-SE", str(self._least))
        return request

    def _from(self, there: Address) -> str:
        """Who calls. A trunk's identity stays what it is (others would be refused), the caller's number is its name
        then; without one the number is the address."""
        config = self.exchange.config
        caller = _UNSAFE.sub("", self._caller)
        if config.identity:
            return f'"{caller}" <{config.identity}>' if caller else f"<{config.identity}>"
        own = config.trunk.user if config.trunk else config.server_name
        return f"<sip:{caller or own}@{self.exchange.transport.local_host(there)}>"

    def _next(self) -> int:
        self._cseq += 1
        return self._cseq

    # -- answers ----------------------------------------------------------------------------------------------------
    def _heard(self, response: Response) -> None:
        if response.code < 200:
            if response.code in range(180, 184) and not self.ended and isinstance(self.handler, HearsRinging):
                asyncio.get_running_loop().call_soon(self.handler.on_ringing)
        elif response.code < 300:
            self._accepted(response)
        elif self.ended:
            self.exchange.release(self)
        elif response.code < 400:
            self._redirect(response)
        elif response.code == 422 and self._least == LEAST < (least := _number(response.headers.get("Min-SE"))):
            self._interval, self._least = max(self._interval, least), least  # RFC 4028 7.4; once, or it had no end
            self._seek()
        else:
            self._refused(reason_of(response.code))

    def _silence(self) -> None:
        """Nobody answered in 64*T1, or nobody confirmed our CANCEL."""
        if self.ended:
            self.exchange.release(self)
        else:
            self.end("failure", "unreachable")

    def _refused(self, reason: str) -> None:
        self.end("failure" if reason in TROUBLE else "caller", reason)

    def _redirect(self, response: Response) -> None:
        """Follow a 3xx to its best contact, once (8.1.3.4)."""
        try:
            contacts = [fields.name_addr(value) for value in fields.values(response, "Contact")]
            best = max(contacts, key=lambda contact: _weight(contact.parameters.get("q", "1")))
        except ValueError:  # unreadable, or there is none
            self._refused("unreachable")
            return
        if self._redirected:
            self._refused("unreachable")
            return
        self._redirected = True
        self._current = best.uri
        self._seek()

    def _accepted(self, response: Response) -> None:
        tag = fields.tag(response, "To")
        if tag in self._acks:  # the 2xx again: our ACK was lost (13.2.2.4)
            self.exchange.clients.transmit(*self._acks[tag])
        elif len(self._acks) < FORKS:
            self._acknowledge(response, tag)

    def _acknowledge(self, response: Response, tag: str) -> None:
        assert self._login is not None
        assert self._login.request is not None
        try:
            dialog = Dialog.as_client(self._login.request, response)
        except ValueError:  # unusable routes: no ACK finds its way, the peer will give up by itself
            if not self._acks:
                self.end("failure", "unreachable")
            return
        to = self._way(dialog)
        ack = dialog.ack()
        for name in ("Authorization", "Proxy-Authorization"):  # 22.1: the same as in the INVITE
            if value := self._login.request.headers.get(name):
                ack.headers.set(name, value)
        first = not self._acks
        self._acks[tag] = self.exchange.clients.send_ack(ack, to), to
        if first:
            self._begin(dialog, response)
        else:  # somebody else answered too: one person is enough (13.2.2.4)
            self.exchange.clients.send(dialog.request("BYE"), to, lambda _: None, lambda: None)

    def _begin(self, dialog: Dialog, response: Response) -> None:
        self._stop_ringing()
        self.establish(dialog, self.peer, fields.tokens(response, "Allow"))
        if self.ended:  # the answer crossed our CANCEL
            self.say_bye()
            return
        try:
            self.session.accept(response.body)
            self.connect()
        except (Unacceptable, ValueError):  # no audio in common, or none at all in the answer
            self.hang_up("unreachable", by="failure")
            return
        self.refresh.run(answered(response))
        self.talk()

    def _way(self, dialog: Dialog) -> Address:
        """Where the ACK goes: as `hop` has it, for a dialog that is not ours yet."""
        before, self.dialog = self.dialog, dialog
        try:
            return self.hop()
        finally:
            self.dialog = before

    def _stop_ringing(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
            self._ringing = None


def _number(value: str | None) -> int:
    digits = (value or "").partition(";")[0].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0


def _weight(q: str) -> float:
    try:
        return float(q)
    except ValueError:
        return 0.0
