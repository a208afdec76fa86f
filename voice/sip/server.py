"""The SIP side of the telephone: takes calls, makes calls, ends them. One asyncio loop, shared with the media."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sipmessage import Request

from voice.media.media import Media, NoPortLeft
from voice.sip import outgoing, session_timer
from voice.sip.auth import Challenger
from voice.sip.call import Call, CallHandler, Refusal
from voice.sip.checks import Refused
from voice.sip.client_transactions import ClientTransactions
from voice.sip.config import SipConfig
from voice.sip.incoming import Incoming, describe
from voice.sip.limits import Gate
from voice.sip.offer_answer import Unacceptable
from voice.sip.pace import Pace
from voice.sip.reception import Reception, where
from voice.sip.transport import Address, Transport

__all__ = ["Call", "CallHandler", "Refusal", "SipConfig", "SipServer"]

log = logging.getLogger(__name__)
PARTING = 2.0  # seconds that the BYEs of `close` may take


class SipServer:
    """One port of SIP. `calls` are the legs that have not ended; `counts` what happened, for figures and alarms."""

    def __init__(self, config: SipConfig, media: Media, take: Callable[[Call], Refusal | None]) -> None:
        """`take` gets each new call that passed all checks: it sets `call.handler` and calls `call.answer()` now or
        later, or gives a Refusal. Raises ValueError for networks that are none."""
        self.config = config
        self.media = media
        self.pace = Pace(config.t1)
        self.counts: Counter[str] = Counter()
        self.gate = Gate(config.allowed, config.requests_per_second, config.burst, config.all_requests_per_second)
        self._take = take
        self._calls: dict[str, Call] = {}
        self._draining = False
        self._challenger: Challenger | None = None
        if config.credentials:
            self._challenger = Challenger(config.realm, config.credentials, algorithms=config.algorithms)
        self.reception = Reception(self, self._invited)
        self.transport = Transport(
            config.host, config.port, self.reception.receive, config.advertised, self.pace, config.tcp
        )
        self.clients = ClientTransactions(self.transport.send, self.transport.via, self.pace)
        self.trusted: set[str] = set()  # addresses of the trunk, when it is not in `config.allowed`
        self.on_lost: Callable[[Address], None] = lambda _: None
        """For the owner: a TCP connection closed, or could not be opened."""
        self.transport.on_unreachable = self.clients.lost
        self.transport.on_closed = self._lost

    @property
    def port(self) -> int:
        """The port in use, once started."""
        return self.transport.port

    @property
    def calls(self) -> Mapping[str, Call]:
        """The legs that have not ended, by id."""
        return MappingProxyType(self._calls)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken. `media` is started by its owner."""
        await self.transport.start()

    def refuse_new(self) -> None:
        """From now on new calls are refused with 503 and Retry-After, OPTIONS too; calls that are there go on."""
        self._draining = True

    async def close(self) -> None:
        """End all calls with BYE, wait shortly for the answers, close the port."""
        self.refuse_new()
        for call in list(self._calls.values()):
            call.hang_up("closing")
        end = self.pace.now() + PARTING
        while self.reception.dialogs and self.pace.now() < end:
            await asyncio.sleep(0.02)
        self.reception.transactions.close()
        self.clients.close()
        await self.transport.close()

    def dial(self, target: str, handler: CallHandler, ring_seconds: float, caller: str = "") -> Call:
        """Call the SIP URI `target`: `on_answered` or `on_ended` of `handler` follows, never before this returns.

        `caller` is the number shown to the person called, "" shows ours. Raises NoPortLeft.
        """
        call = outgoing.dial(self, target, handler, ring_seconds, caller)
        self._calls[call.id] = call
        return call

    # -- for legs ----------------------------------------------------------------------------------------------------
    def trusts(self, host: str) -> bool:
        """Exchange: whether the operator named this host: in the allow-list, or as a trunk."""
        return host in self.trusted or (self.gate.lists and self.gate.allows(host))

    def register(self, call: Call) -> None:
        """Exchange: the dialog of `call` exists."""
        if not call.ended:  # an answer may cross our CANCEL
            self._calls[call.id] = call
        if call.dialog is not None:
            self.reception.dialogs[call.dialog.id] = call

    def forget(self, call: Call) -> None:
        """Exchange: `call` is over for its owner."""
        self._calls.pop(call.id, None)

    def release(self, call: Call) -> None:
        """Exchange: nothing more is expected in the dialog of `call`."""
        if call.dialog is not None and self.reception.dialogs.get(call.dialog.id) is call:
            del self.reception.dialogs[call.dialog.id]

    # -- for the reception -------------------------------------------------------------------------------------------
    def draining(self) -> Refused | None:
        """503 while no new calls are wanted."""
        return self.reception.busy() if self._draining else None

    def _invited(self, request: Request, source: Address) -> Refused | None:
        """A new INVITE; gives the refusal, or None when there is a call (or it was answered otherwise)."""
        refused = self.draining() or self._crowded(source) or self._stranger(request)
        if refused is not None:
            return refused
        try:
            stream = self.media.open()
        except NoPortLeft:
            self.counts["no port left"] += 1
            return self.reception.busy()
        transaction = self.reception.transactions.open(request, source)
        if transaction is None:
            stream.close()
            return self.reception.busy()
        try:
            call = Incoming(self, stream, describe(request, source, self.trusts(source[0])), transaction)
        except (ValueError, Unacceptable, session_timer.TooShort) as error:
            stream.close()
            transaction.terminate()
            return _unfit(error)
        transaction.reply(100)
        self.counts["calls"] += 1
        self._offer(call)
        return None

    def _offer(self, call: Call) -> None:
        """Let the owner take the call; a failing owner costs this call only."""
        try:
            refusal = self._take(call)
        except Exception as error:  # an edge: the owner of one call
            log.error("a call could not be taken: %s", where(error))
            refusal = Refusal(500)
        if refusal is not None:
            call.reject(refusal.status, refusal.reason, refusal.retry_after)

    def _crowded(self, source: Address) -> Refused | None:
        sources = [call.source[0] for call in self._calls.values() if call.incoming]
        if len(sources) < self.config.max_calls and sources.count(source[0]) < self.config.calls_per_source:
            return None
        self.counts["calls refused"] += 1
        return self.reception.busy()

    def _lost(self, address: Address) -> None:
        self.on_lost(address)

    def _stranger(self, request: Request) -> Refused | None:
        if self._challenger is None or self._challenger.verify(request):
            return None
        return Refused(401, "Unauthorized", challenges=tuple(self._challenger.challenge(request)))


def _unfit(error: Exception) -> Refused:
    """Why an INVITE could not become a call."""
    if isinstance(error, session_timer.TooShort):
        return Refused(422, headers={"Min-SE": str(session_timer.LEAST)})
    if isinstance(error, Unacceptable):
        return Refused(488, headers={"Warning": error.warning})
    return Refused(400, "Bad Contact Or Route")
