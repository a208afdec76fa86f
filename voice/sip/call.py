"""A call's leg, incoming or outgoing: what its owner may do with it, and how it ends (exactly once)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sipmessage import Request, Response

from voice.media.media import Media
from voice.media.stream import Stream
from voice.sip import in_dialog
from voice.sip.acceptance import Acceptance
from voice.sip.client_transactions import ClientTransactions, TooManyRequests
from voice.sip.config import SipConfig
from voice.sip.dialog import Dialog
from voice.sip.hops import next_stop
from voice.sip.login import Login
from voice.sip.offer_answer import MediaSession
from voice.sip.pace import Pace
from voice.sip.refer import Referral
from voice.sip.refresh import Refresh
from voice.sip.server_transactions import ServerTransaction
from voice.sip.transport import Address, Transport
from voice.sip.uris import literal


class CallHandler(Protocol):
    """Whoever owns a leg. Nothing is called from inside a call of ours, always a moment later."""

    def on_answered(self) -> None:
        """The leg can talk: the ACK came, or the 2xx to our INVITE."""

    def on_key(self, key: str) -> None:
        """One of 0-9 * # A-D: an RTP event, a tone, or SIP INFO."""

    def on_ended(self, by: str, reason: str) -> None:
        """It is over, exactly once: by "caller" (the other side), "service" (us) or "failure"."""


class Nobody:
    """The handler of a leg that nobody has taken yet."""

    def on_answered(self) -> None:
        """Nobody cares."""

    def on_key(self, key: str) -> None:
        """Nobody cares."""

    def on_ended(self, by: str, reason: str) -> None:
        """Nobody cares."""


@dataclass(frozen=True)
class Refusal:
    """What a new call is refused with: a SIP status from 300 to 699; `retry_after` in seconds."""

    status: int
    reason: str = ""
    retry_after: int | None = None


@dataclass(frozen=True)
class Description:
    """What is known of a call from its INVITE. `caller`, `dialled` and `diverted` are user parts ("0487001234", "")."""

    source: Address
    caller: str = ""
    dialled: str = ""
    diverted: str = ""
    incoming: bool = True
    id: str = field(default_factory=lambda: secrets.token_hex(8))


class Exchange(Protocol):
    """What a leg needs of the server."""

    config: SipConfig
    pace: Pace
    transport: Transport
    clients: ClientTransactions
    media: Media

    def trusts(self, host: str) -> bool:
        """Whether a host is one the operator named, the trunk for instance."""

    def register(self, call: Call) -> None:
        """Its dialog exists: requests within it go to `call.handle`."""

    def forget(self, call: Call) -> None:
        """The call is over; its dialog stays known until `release`."""

    def release(self, call: Call) -> None:
        """Nothing more is expected within its dialog."""


class Call:
    """One leg. `answered`: it can talk; `dialog` is None before."""

    def __init__(self, exchange: Exchange, stream: Stream, description: Description) -> None:
        """`stream` is closed when the call ends."""
        self.id = description.id
        self.source = description.source
        self.caller = description.caller
        self.dialled = description.dialled
        self.diverted = description.diverted
        self.incoming = description.incoming
        self.exchange = exchange
        self.stream = stream
        self.handler: CallHandler = Nobody()
        self.answered = False
        self.ended = False
        self.dialog: Dialog | None = None
        self.peer: Address = description.source
        self.allow: frozenset[str] = frozenset()
        host = exchange.media.advertised or exchange.transport.local_host(description.source)
        self.session = MediaSession(host, stream.port)
        self.refresh = Refresh(self)
        self.referral: Referral | None = None
        self.referred = False
        self.acceptance: Acceptance | None = None
        self._limit: asyncio.TimerHandle | None = None
        stream.on_key = self.key
        stream.on_dead = lambda: self.hang_up("no audio", by="failure")

    # -- for the owner -----------------------------------------------------------------------------------------------
    def ring(self) -> None:
        """Say 180; of an incoming leg that is not answered. Otherwise nothing."""

    def answer(self) -> None:
        """Take an incoming call; `on_answered` follows. Otherwise nothing."""

    def reject(self, status: int, reason: str = "", retry_after: int | None = None) -> None:  # noqa: ARG002 - Incoming
        """Refuse an incoming call that is not answered; an answered one is hung up."""
        self.hang_up(reason or str(status))

    def hang_up(self, reason: str = "", by: str = "service") -> None:
        """End the call; `on_ended(by, reason)` follows. On an ended one nothing happens."""
        if self.ended:
            return
        self.end(by, reason, release=False)
        if self.acceptance is not None and self.acceptance.open:  # no BYE before the ACK (RFC 3261 15)
            self.acceptance.acked = lambda _: self.say_bye()
            self.acceptance.lost = self.say_bye
        else:
            self.say_bye()

    def refer(self, target: str, done: Callable[[bool, str], None], seconds: float = 60.0) -> None:
        """Ask the peer to call `target` (a SIP URI) instead of us (RFC 3515).

        `done(True, "")` when the target answered; `done(False, reason)` when the peer does not take it, the target
        does not answer, or nothing is heard for `seconds`. The call goes on either way: hang up when it is done.
        """
        if self.ended or self.dialog is None or self.referral is not None:
            asyncio.get_running_loop().call_soon(done, False, "not possible")
            return
        self.referred = True
        self.referral = Referral(self, target, done, seconds)

    # -- for incoming.py, outgoing.py and in_dialog.py -----------------------------------------------------------------
    def establish(self, dialog: Dialog, peer: Address, allow: frozenset[str]) -> None:
        """The dialog exists: `peer` is where its requests come from, `allow` the methods it takes (lower case)."""
        self.dialog = dialog
        self.peer = peer
        self.allow = allow
        self.exchange.register(self)

    def talk(self) -> None:
        """The call can talk now: tell the handler, start the clock of the longest call."""
        if self.answered or self.ended:
            return
        self.answered = True
        seconds = self.exchange.config.max_call_seconds
        self._limit = self.exchange.pace.later(seconds, lambda: self.hang_up("too long"))
        asyncio.get_running_loop().call_soon(self.handler.on_answered)

    def connect(self) -> None:
        """Let the audio follow what the last descriptions said."""
        if self.session.remote is not None and not self.ended:
            self.stream.connect(self.session.remote)

    def handle(self, request: Request, transaction: ServerTransaction) -> None:
        """Answer a request of the peer within the dialog."""
        in_dialog.handle(self, request, transaction)

    def acknowledged(self, ack: Request) -> None:
        """The ACK for a 2xx of ours."""
        if self.acceptance is not None:
            self.acceptance.acknowledged(ack)

    def cancelled(self) -> None:
        """The peer's CANCEL of its INVITE; too late for most."""

    def left(self, reason: str = "") -> None:
        """The peer is gone: its BYE came and is answered."""
        if self.ended:
            if self.acceptance is not None and self.acceptance.open:  # our BYE waited for an ACK: no need now
                self.acceptance.stop()
                self.exchange.release(self)
            return
        self.end("caller", reason)

    def key(self, key: str) -> None:
        """A key of the peer, however it came."""
        if not self.ended:
            asyncio.get_running_loop().call_soon(self._tell_key, key)

    def send(
        self, request: Request, on_response: Callable[[Response], None], on_timeout: Callable[[], None]
    ) -> Login | None:
        """Send a request within the dialog, made by `dialog.request`. Who asks for our password gets it only when we
        called it, or when it is the trunk. None when it could not be sent; `on_timeout` follows then."""
        known = not self.incoming or self.exchange.trusts(self.peer[0])
        login = Login(self.exchange.clients, self.exchange.config.trunk if known else None, self._next_number)
        try:
            login.send(request, self.hop(), on_response, on_timeout)
        except TooManyRequests:
            asyncio.get_running_loop().call_soon(on_timeout)
            return None
        return login

    def hop(self) -> Address:
        """Where our requests within the dialog go."""
        transport = self.exchange.transport
        target = literal(self.dialog.next_hop()) if self.dialog is not None else None
        ours = transport.local_host(self.peer), transport.port
        trusted = not self.incoming or (target is not None and self.exchange.trusts(target[0]))
        return next_stop(target, self.peer, ours, transport.connected(self.peer), trusted)

    def say_bye(self) -> None:
        """Send BYE (once the call has ended for its owner); the dialog is forgotten when it is answered."""
        if self.dialog is None:
            self.exchange.release(self)
            return
        self.send(self.dialog.request("BYE"), self._bye_answered, lambda: self.exchange.release(self))

    def end(self, by: str, reason: str, release: bool = True) -> None:
        """It is over: everything of it stops now, the handler is told a moment later. Only the first time counts."""
        if self.ended:
            return
        self.ended = True
        self.refresh.stop()
        if self._limit is not None:
            self._limit.cancel()
        if self.referral is not None:
            self.referral.cancel("ended")
        if self.acceptance is not None and release:
            self.acceptance.stop()
        self.stream.close()
        self.exchange.forget(self)
        if release:
            self.exchange.release(self)
        asyncio.get_running_loop().call_soon(self.handler.on_ended, by, reason)

    def _next_number(self) -> int:
        assert self.dialog is not None  # only requests of a dialog are sent
        self.dialog.local_cseq += 1
        return self.dialog.local_cseq

    def _tell_key(self, key: str) -> None:
        if not self.ended:
            self.handler.on_key(key)

    def _bye_answered(self, response: Response) -> None:
        if response.code >= 200:
            self.exchange.release(self)
