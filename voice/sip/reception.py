"""What becomes of each message that comes in: to whom it belongs, or why it is refused (RFC 3261 8.2, 9.2, 12.2.2).

Refusals outside a call are stateless (8.2.7): a flood of them leaves nothing behind, and a peer that missed one asks
again.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sipmessage import Request

from voice.sip import bodies, checks, fields, wire
from voice.sip.answers import ALLOW, answer, stamp, way_back
from voice.sip.call import Call
from voice.sip.server_transactions import ServerTransactions
from voice.sip.transport import Address

if TYPE_CHECKING:
    from voice.sip.server import SipServer

log = logging.getLogger(__name__)


class Reception:
    """Reads messages for a server. `calls` are dialogs: Call-ID, our tag, the peer's tag → leg."""

    def __init__(self, server: SipServer, invited: Callable[[Request, Address], checks.Refused | None]) -> None:
        """`invited` deals with a new INVITE that passed the general checks."""
        self.dialogs: dict[tuple[str, str, str], Call] = {}
        self.transactions = ServerTransactions(self._send, server.pace, self.tag)
        self._server = server
        self._invited = invited
        self._secret = secrets.token_bytes(16)

    def receive(self, data: bytes, source: Address) -> bool:
        """One message from the network. False: not now, offer it again later (only a connection can). Never raises."""
        server = self._server
        counts = server.counts
        if not wire.is_message(data):
            counts["noise"] += 1
            return True
        if not server.gate.allows(source[0]):
            counts["not allowed"] += 1
            return True
        if not server.gate.admits(source[0], server.pace.now()):
            counts["too fast"] += 1
            return source[2] != "tcp"
        counts["messages"] += 1
        try:
            self._read(data, source)
        except Exception as error:  # an edge: whatever one message does, the calls go on
            counts["failed"] += 1
            log.error("a message could not be processed: %s", where(error))
        return True

    def tag(self, request: Request) -> str:
        """The To tag of our answers: the same for the same request, so that nothing need be remembered (8.2.7)."""
        first = request.headers.get("Via") or ""
        text = "\0".join((request.headers.get(name) or "") for name in ("Call-ID", "From", "CSeq")) + "\0" + first
        return hmac.new(self._secret, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:20]

    def _read(self, data: bytes, source: Address) -> None:
        try:
            message = wire.read(data, stream=source[2] == "tcp")
        except wire.Malformed as flaw:
            self._server.counts["malformed"] += 1
            if flaw.request is not None and flaw.request.method != "ACK":
                self._flawed(flaw.request, source, checks.Refused(flaw.status, flaw.phrase))
            return
        if isinstance(message, Request):
            stamp(message, source)
            self._request(message, source)
        elif len(fields.values(message, "Via")) == 1:  # RFC 3261 18.1.2: with more it is not for us
            self._server.clients.receive(message)

    def _flawed(self, request: Request, source: Address, refused: checks.Refused) -> None:
        """Answer what could not be understood, when there is what an answer needs; otherwise silence."""
        if not all(request.headers.get(name) for name in ("Via", "From", "To", "Call-ID", "CSeq")):
            return
        try:
            stamp(request, source)
            way = way_back(request, source)
        except ValueError:  # not even the Via (RFC 4475 3.1.2.1): straight back, as with rport
            way = source, None
        self._send(wire.encode(answer(request, refused.status, refused.phrase, self.tag(request))), *way)

    def _request(self, request: Request, source: Address) -> None:
        known = self.transactions.find(request)
        if request.method == "ACK":
            call = self._call(request)
            if known is not None:
                known.acknowledged()
            if call is not None:
                call.acknowledged(request)
        elif known is not None:
            known.repeated()
        elif request.method == "CANCEL":
            self._cancel(request, source)
        elif fields.tag(request, "To"):
            self._inside(request, source)
        elif request.method == "OPTIONS":
            self._options(request, source)
        else:
            self._outside(request, source)

    def _cancel(self, request: Request, source: Address) -> None:
        """9.2: it is answered itself, and the INVITE it names with 487, if that is still open."""
        invite = self.transactions.find(request, "INVITE")
        if invite is None:
            self.refuse(request, source, checks.Refused(481))
            return
        self.refuse(request, source, checks.Refused(200), tag=invite.tag)
        call = self.dialogs.get(
            (invite.request.call_id, fields.tag(invite.request, "To") or invite.tag, fields.tag(request, "From"))
        )
        if call is not None and invite.open:
            call.cancelled()

    def _inside(self, request: Request, source: Address) -> None:
        """Within a dialog, or within one that we do not know (12.2.2: 481)."""
        call = self._call(request)
        transaction = self.transactions.open(request, source) if call is not None else None
        if call is None:
            self.refuse(request, source, checks.method(request) or checks.Refused(481))
        elif transaction is None:
            self.refuse(request, source, self.busy())
        else:
            call.handle(request, transaction)

    def _options(self, request: Request, source: Address) -> None:
        """11.2: what we can do, statelessly; the way others see whether we are alive."""
        refused = checks.first_of(request)
        if refused is None:
            headers = {"Allow": ALLOW, "Accept": bodies.SDP, "Supported": "timer"}
            refused = self._server.draining() or checks.Refused(200, headers=headers)
        self.refuse(request, source, refused)

    def _outside(self, request: Request, source: Address) -> None:
        refused = checks.first_of(request)
        if refused is None and request.method != "INVITE":
            refused = checks.Refused(481)  # BYE, INFO, UPDATE, NOTIFY need a dialog
        elif refused is None and self.transactions.merged(request):
            refused = checks.Refused(482)
        if refused is None:
            refused = self._invited(request, source)
        if refused is not None:
            self.refuse(request, source, refused)

    def busy(self) -> checks.Refused:
        """503: no room for it now."""
        return checks.Refused(503, headers={"Retry-After": str(self._server.config.retry_after_seconds)})

    def refuse(self, request: Request, source: Address, refused: checks.Refused, tag: str = "") -> None:
        """Answer without remembering anything."""
        response = answer(request, refused.status, refused.phrase, tag or self.tag(request))
        for name, value in refused.headers.items():
            response.headers.set(name.replace("_", "-"), value)
        for value in refused.challenges:
            response.headers.add("WWW-Authenticate", value)
        to, fallback = way_back(request, source)
        self._send(wire.encode(response), to, fallback)

    def _call(self, request: Request) -> Call | None:
        return self.dialogs.get((request.call_id, fields.tag(request, "To"), fields.tag(request, "From")))

    def _send(self, data: bytes, to: Address, fallback: Address | None) -> None:
        self._server.transport.send(data, to, fallback)


def where(error: BaseException) -> str:
    """The kind of an error and the line it came from: never its words, which may be a caller's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(error).__name__} in {place}"
