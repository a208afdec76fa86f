"""A call that came in, from its INVITE to its ACK (RFC 3261 13.3): ring, answer, refuse, be cancelled."""

from __future__ import annotations

from sipmessage import Request

from voice.media.stream import Stream
from voice.sip import bodies, fields, in_dialog, session_timer
from voice.sip.answers import ALLOW, answer
from voice.sip.call import Call, Description, Exchange
from voice.sip.dialog import Dialog
from voice.sip.server_transactions import COOKIE, ServerTransaction
from voice.sip.transport import Address
from voice.sip.uris import user

UNANSWERED = 180.0  # seconds: about when proxies give up by themselves (timer C, 16.6)
IDENTITIES = ("P-Asserted-Identity", "From")
DIVERSIONS = ("History-Info", "Diversion")


class Incoming(Call):
    """An incoming leg. Its dialog exists from the start, its audio since the offer was understood."""

    def __init__(
        self, exchange: Exchange, stream: Stream, description: Description, transaction: ServerTransaction
    ) -> None:
        """Raises ValueError for a request that can make no dialog, Unacceptable for an offer without common ground,
        TooShort for a session timer below the least; the stream is the caller's to close then."""
        super().__init__(exchange, stream, description)
        request = transaction.request
        self._transaction = transaction
        self._offered = bodies.description(request)
        self._agreement = session_timer.asked(request, exchange.config.session_seconds)
        _complete(request)
        contact = exchange.transport.contact(description.source)
        dialog = Dialog.as_server(request, transaction.tag, contact)
        if self._offered is not None:
            self._body = self.session.answer(self._offered)
        else:
            self._body = self.session.offer()
        self.establish(dialog, description.source, fields.tokens(request, "Allow"))
        self._patience = exchange.pace.later(UNANSWERED, lambda: self.reject(480))

    def ring(self) -> None:
        """Say 180."""
        if self.ended or not self._transaction.open or self.dialog is None:
            return
        response = answer(self._transaction.request, 180, tag=self.dialog.local_tag)
        if routes := self._transaction.request.headers.getlist("Record-Route"):
            response.headers.setlist("Record-Route", list(routes))
        response.headers.set("Contact", self.dialog.contact)
        response.headers.set("Allow", ALLOW)
        self._transaction.respond(response)

    def answer(self) -> None:
        """Say 200; audio begins, and `on_answered` comes, with the ACK."""
        if self.ended or not self._transaction.open:
            return
        self._patience.cancel()
        request = self._transaction.request
        self._transaction.respond(in_dialog.success(self, request, self._body, self._agreement))
        self.refresh.run(self._agreement)
        in_dialog.await_ack(self, self._transaction, offered=self._offered is None)

    def reject(self, status: int, reason: str = "", retry_after: int | None = None) -> None:
        """Refuse with a final answer from 300 to 699."""
        if not self._transaction.open:
            self.hang_up(reason or str(status))
            return
        headers = {"Retry_After": str(retry_after)} if retry_after is not None else {}
        self._transaction.reply(status, reason, **headers)
        self.end("service", reason or str(status))

    def hang_up(self, reason: str = "", by: str = "service") -> None:
        """End it; before the answer with 480."""
        if self._transaction.open and not self.ended:
            self._transaction.reply(480)
            self.end(by, reason)
        else:
            super().hang_up(reason, by)

    def cancelled(self) -> None:
        """CANCEL came (9.2): without effect once a final answer is out."""
        self.left("cancelled")

    def left(self, reason: str = "") -> None:
        """The caller is gone, by BYE or CANCEL."""
        if self._transaction.open:
            self._transaction.reply(487)
            self.end("caller", reason)
        elif reason != "cancelled":
            super().left(reason)

    def end(self, by: str, reason: str, release: bool = True) -> None:
        """As of every leg."""
        self._patience.cancel()
        super().end(by, reason, release)


def _complete(request: Request) -> None:
    """A caller of RFC 2543 need give no Contact: then requests for it go to its From (RFC 4475 3.4.1)."""
    old = not fields.via(fields.values(request, "Via")[0]).parameters.get("branch", "").startswith(COOKIE)
    if old and not request.headers.getlist("Contact"):
        request.headers.set("Contact", f"<{fields.name_addr(request.headers['From']).uri}>")


def describe(request: Request, source: Address, trusted: bool) -> Description:
    """Who calls whom. An asserted identity counts only from a `trusted` network (RFC 3325 5)."""
    names = IDENTITIES if trusted else IDENTITIES[1:]
    caller = next((number for name in names if (number := _number(request, name))), "")
    diverted = next((number for name in DIVERSIONS if (number := _number(request, name))), "")
    return Description(source, caller, user(str(request.uri)), diverted)


def _number(request: Request, name: str) -> str:
    """The user part of the first address in a field that has one; "" for none and for "anonymous"."""
    try:
        for value in fields.values(request, name):
            found = user(fields.name_addr(value).uri)
            if found and found.lower() not in {"anonymous", "unavailable", "restricted"}:
                return found
    except ValueError:
        pass
    return ""
