"""Responses to requests: what is copied, what is added, and where they go (RFC 3261 8.2.6 and 18.2, RFC 3581)."""

from __future__ import annotations

from sipmessage import Request, Response

from voice.sip import fields
from voice.sip.transport import Address, is_ipv4

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "NOTIFY")
ALLOW = ", ".join(METHODS)
PHRASES = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    603: "Decline",
}


def answer(request: Request, status: int, phrase: str = "", tag: str = "") -> Response:
    """A response with what RFC 3261 8.2.6.2 copies; `tag` is added to To when it has none (never to a 100)."""
    response = Response(status, phrase or PHRASES.get(status, "Error"))
    headers, given = response.headers, request.headers
    headers.setlist("Via", list(given.getlist("Via")))
    headers.set("From", given.get("From") or "")
    to = given.get("To") or ""
    headers.set("To", tagged(to, tag) if tag and status > 100 else to)
    headers.set("Call-ID", given.get("Call-ID") or "")
    headers.set("CSeq", given.get("CSeq") or "")
    return response


def tagged(to: str, tag: str) -> str:
    """A To value with our tag, unless it has one."""
    try:
        address = fields.name_addr(to)
    except ValueError:
        return to
    if "tag" in address.parameters:
        return to
    return f"{to};tag={tag}"


def stamp(request: Request, source: Address) -> None:
    """Write into the top Via where the request really came from (RFC 3261 18.2.1, RFC 3581 4).

    `rport` is filled in when asked for; `received` whenever it differs or rport was asked for.
    """
    first, *others = fields.values(request, "Via")
    hop = fields.via(first)
    asked = "rport" in hop.parameters
    kept = [part for part in fields.split(first, ";") if not _is(part, "received") and not _is(part, "rport")]
    if asked:
        kept.append(f"rport={source[1]}")
    if asked or hop.host != source[0]:
        kept.append(f"received={source[0]}")
    request.headers.setlist("Via", [";".join(kept), *others])


def _is(part: str, name: str) -> bool:
    return part.partition("=")[0].strip().lower() == name


def way_back(request: Request, source: Address) -> tuple[Address, Address | None]:
    """Where the response goes, and where a new connection is opened if that one is gone (RFC 3261 18.2.2).

    Over UDP without rport: to the port of the Via (default 5060) at the address the request came from; `maddr` is
    not followed (a reflector for forged requests).
    """
    hop = fields.via(fields.values(request, "Via")[0])
    port = hop.port or 5060
    host = source[0]
    if source[2] == "tcp":
        return source, (host, port, "tcp")
    if "rport" in hop.parameters or not is_ipv4(host):
        return source, None
    return (host, port, "udp"), None
