"""A dialog's state (RFC 3261 12), for calls that came in and calls we made. Pure: sends nothing, knows no clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sipmessage import CSeq, Request, Response

from voice.sip import fields
from voice.sip.uris import exact, parameters

MAX_FORWARDS = "70"
MAX_ROUTES = 16  # longer Record-Route lists are a loop or an attack

# Methods whose request or 2xx may move the remote target (RFC 3261 12.2, RFC 3311 5.1).
REFRESHING = frozenset({"INVITE", "UPDATE"})


def new_tag() -> str:
    """A From or To tag; 80 random bits (RFC 3261 19.3 wants 32)."""
    return secrets.token_hex(10)


def new_call_id() -> str:
    """A Call-ID that names no machine (RFC 3261 8.1.1.4)."""
    return secrets.token_hex(16)


@dataclass
class Dialog:
    """One dialog. `local` and `remote` are From/To values with their tags; `target`, `routes` and `contact` are text.

    `target` is the peer's Contact URI, `routes` the route set in sending order, `contact` our own Contact value.
    `local_cseq` is the last number we used, `remote_cseq` the last we saw (None before the first).
    """

    call_id: str
    local: str
    remote: str
    target: str
    contact: str
    routes: tuple[str, ...] = ()
    local_cseq: int = 0
    remote_cseq: int | None = None
    _invite_cseq: int = field(default=0, repr=False)

    @classmethod
    def as_server(cls, request: Request, tag: str, contact: str) -> Dialog:
        """The dialog our 2xx (or 18x) to `request` makes, with `tag` as our To tag (RFC 3261 12.1.1).

        Raises ValueError when the request has no usable Contact, From, Call-ID or CSeq.
        """
        local = _needed(request, "To")
        if not fields.tag(request, "To"):
            local = f"{local};tag={tag}"
        return cls(
            call_id=_needed(request, "Call-ID"),
            local=local,
            remote=_needed(request, "From"),
            target=_contact(request),
            contact=contact,
            routes=tuple(_routes(request)),
            remote_cseq=request.cseq.sequence,
        )

    @classmethod
    def as_client(cls, request: Request, response: Response) -> Dialog:
        """The dialog a 2xx (or 18x) to our INVITE makes (RFC 3261 12.1.2). Raises ValueError for an unusable one.

        An answer without a Contact breaks the rules, but must still be acknowledged: the Request-URI stands in.
        """
        sequence = request.cseq.sequence
        return cls(
            call_id=_needed(request, "Call-ID"),
            local=_needed(request, "From"),
            remote=_needed(response, "To"),
            target=_contact(response) if response.headers.getlist("Contact") else str(request.uri),
            contact=_needed(request, "Contact"),
            routes=tuple(reversed(_routes(response))),
            local_cseq=sequence,
            _invite_cseq=sequence,
        )

    @property
    def local_tag(self) -> str:
        """Our tag."""
        return fields.name_addr(self.local).parameters.get("tag", "")

    @property
    def remote_tag(self) -> str:
        """The peer's tag; "" for a peer of RFC 2543 that sent none (12.1.1)."""
        return fields.name_addr(self.remote).parameters.get("tag", "")

    @property
    def id(self) -> tuple[str, str, str]:
        """Call-ID, our tag, the peer's tag."""
        return self.call_id, self.local_tag, self.remote_tag

    def request(self, method: str, body: bytes = b"", content_type: str = "") -> Request:
        """The next request of ours within the dialog (12.2.1.1), without Via. Never for ACK and CANCEL."""
        self.local_cseq += 1
        if method == "INVITE":
            self._invite_cseq = self.local_cseq
        request = self._request(method, self.local_cseq, body, content_type)
        if method in REFRESHING or method in {"REFER", "SUBSCRIBE"}:
            request.headers.set("Contact", self.contact)
        return request

    def ack(self, sequence: int | None = None, body: bytes = b"", content_type: str = "") -> Request:
        """The ACK for a 2xx to our INVITE number `sequence` (default: our last INVITE), RFC 3261 13.2.2.4. No Via."""
        return self._request("ACK", sequence or self._invite_cseq, body, content_type)

    def next_hop(self) -> str:
        """The URI the next request is sent to: the first route, or the remote target (8.1.2)."""
        return fields.name_addr(self.routes[0]).uri if self.routes else self.target

    def accepts(self, request: Request) -> bool:
        """True, and remembered, when the request is newer than all before; False means 500 (12.2.2)."""
        sequence = request.cseq.sequence
        if self.remote_cseq is not None and sequence <= self.remote_cseq:
            return False
        self.remote_cseq = sequence
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """Take the Contact of a re-INVITE, an UPDATE, or a 2xx to one of ours (12.2.1.2); without one it stays."""
        try:
            self.target = _contact(message)
        except ValueError:
            return  # the old target still works; a broken Contact must not cut a call off

    def _request(self, method: str, sequence: int, body: bytes, content_type: str) -> Request:
        target, routes = self.target, list(self.routes)
        if routes and "lr" not in parameters(self.next_hop()):  # a strict router: it wants to be the target
            routes.append(f"<{target}>")
            target = _without_forbidden(fields.name_addr(routes.pop(0)).uri)
        request = Request(method, exact(target), body)
        request.headers.set("Max-Forwards", MAX_FORWARDS)
        if routes:
            request.headers.setlist("Route", routes)
        request.headers.set("From", self.local)
        request.headers.set("To", self.remote)
        request.headers.set("Call-ID", self.call_id)
        request.headers.set("CSeq", str(CSeq(sequence, method)))
        if content_type:
            request.headers.set("Content-Type", content_type)
        request.headers.set("Content-Length", str(len(body)))
        return request


def _needed(message: Request | Response, name: str) -> str:
    if not (value := message.headers.get(name)):
        raise ValueError(f"{name} is missing")
    return value


def _contact(message: Request | Response) -> str:
    contacts = fields.values(message, "Contact")
    if len(contacts) != 1:  # exactly one in requests and responses that make dialogs (12.1.1, 12.1.2)
        raise ValueError("exactly one Contact is needed")
    return str(exact(fields.name_addr(contacts[0]).uri))


def _routes(message: Request | Response) -> list[str]:
    routes = fields.values(message, "Record-Route")
    if len(routes) > MAX_ROUTES:
        raise ValueError("too many Record-Route entries")
    for route in routes:
        parameters(str(exact(fields.name_addr(route).uri)))
    return routes


def _without_forbidden(uri: str) -> str:
    """A route made Request-URI: `method` parameter and headers may not stay (RFC 3261 19.1.1, table 1)."""
    first, *parameters = uri.split("?", 1)[0].split(";")
    return ";".join([first, *(part for part in parameters if not part.lower().startswith("method="))])
