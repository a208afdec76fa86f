"""Bytes of the network to messages, and back. What cannot be understood becomes `Malformed`, never another exception.

In front of the library's model stand strict limits and a normaliser of its own: folded lines, compact names, spaces
before colons (RFC 3261 7.3.1) are put straight, values are kept as they came so that they can be echoed exactly.
"""

from __future__ import annotations

import re

from sipmessage import Request, Response
from sipmessage.message import COMPACT_FORMS

from voice.sip import fields
from voice.sip.uris import exact

HEADER_BYTES = 8192
FIELDS = 100  # header lines
LARGEST_SEQUENCE = 2**31  # RFC 3261 8.1.1.5
START = re.compile(rb"[A-Za-z0-9\-.!%*_+`'~]+(?: |/)")  # what a message begins with; STUN and zeros do not
NAME = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
METHOD = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.IGNORECASE | re.DOTALL)
VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)
SIP_URI = re.compile(
    r"sips?:(?:[^@\s<>]+@)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:;[^?@\s]*)?", re.IGNORECASE
)
ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type")
PLACEHOLDER = exact("sip:unreadable.invalid")


class Malformed(ValueError):
    """A message that may not be processed. `request` is there when enough was understood to answer `status`."""

    def __init__(self, status: int, phrase: str, request: Request | None = None) -> None:
        super().__init__(phrase)
        self.status = status
        self.phrase = phrase
        self.request = request


def is_message(data: bytes) -> bool:
    """Whether a datagram could be SIP at all: cheap, before anything is parsed (keep-alives, STUN, noise)."""
    return START.match(data) is not None


def read(data: bytes, stream: bool = False) -> Request | Response:
    """Parse one message; `stream`: it came over TCP. Raises Malformed, nothing else.

    The URI of a request of a scheme we don't know is kept as text (the server answers 416).
    """
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        raise Malformed(400, "Header Has No End")
    start, lines = _lines(head)
    if match := STATUS.fullmatch(start):
        message: Request | Response = Response(int(match[1]), match[2] or "")
        flaw = _fill(message, lines)
        if flaw is not None:
            raise flaw
    elif VERSION.match(start):
        raise Malformed(400, "Bad Status Line")  # a response, however broken, is never answered
    else:
        message = _request(start, lines)
    try:
        _check(message)
        message.body = _body(message, body, stream)
    except Malformed as flaw:
        flaw.request = message if isinstance(message, Request) else None
        raise
    return message


def encode(message: Request | Response) -> bytes:
    """The bytes of a message, its Content-Length set to what the body has."""
    message.headers.set("Content-Length", str(len(message.body)))
    return bytes(message)


def _lines(head: bytes) -> tuple[str, list[str]]:
    """The start line and the header lines, unfolded. Bare CR and LF would let a value forge lines of our answers."""
    if len(head) > HEADER_BYTES:
        raise Malformed(513, "Message Too Large")
    text = head.decode("utf-8", "replace")
    lines = text.split("\r\n")
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and unfolded:
            unfolded[-1] += " " + line.strip(" \t")
        else:
            unfolded.append(line)
    if any("\r" in line or "\n" in line for line in unfolded):
        raise Malformed(400, "Bare Line Ends")
    return unfolded[0], unfolded[1:]


def _request(start: str, lines: list[str]) -> Request:
    """A request, or Malformed with as much of one as an answer needs."""
    method, _, rest = start.partition(" ")
    target, _, version = rest.rpartition(" ")
    request = Request(method, PLACEHOLDER)
    flaw = _fill(request, lines)
    if not METHOD.fullmatch(method) or not VERSION.fullmatch(version) or " " in target or "\t" in target:
        raise Malformed(400, "Bad Request Line", request)
    if version.upper() != "SIP/2.0":
        raise Malformed(505, "Version Not Supported", request)
    if flaw is not None:
        flaw.request = request
        raise flaw
    try:
        request.uri = exact(target)
    except (ValueError, TypeError) as error:
        raise Malformed(400, "Bad Request-URI", request) from error
    if request.uri.scheme in {"sip", "sips"} and not SIP_URI.fullmatch(target):
        raise Malformed(400, "Bad Request-URI", request)  # headers have no place there: RFC 3261 19.1.1, table 1
    return request


def _fill(message: Request | Response, lines: list[str]) -> Malformed | None:
    """Add the header fields; gives the first flaw and reads on, so that an answer can still be addressed."""
    flaw = Malformed(400, "Too Many Header Fields") if len(lines) > FIELDS else None
    for line in lines[:FIELDS]:
        if match := NAME.fullmatch(line):
            name = COMPACT_FORMS.get(match[1].lower(), match[1])
            message.headers.add(name, match[2].strip())
        else:
            flaw = flaw or Malformed(400, "Bad Header Field")
    return flaw


def _check(message: Request | Response) -> None:
    """What every message must have (RFC 3261 8.1.1 and 16.3) and may have only once (7.3.1)."""
    headers = message.headers
    for name in ONCE:
        if len(headers.getlist(name)) > 1:
            raise Malformed(400, f"Several {name}")
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not headers.get(name):
            raise Malformed(400, f"Missing {name}")
    try:
        sequence = message.cseq
    except ValueError as error:
        raise Malformed(400, "Bad CSeq") from error
    if sequence.sequence >= LARGEST_SEQUENCE:
        raise Malformed(400, "Bad CSeq")
    if isinstance(message, Request) and sequence.method != message.method:
        raise Malformed(400, "CSeq Does Not Match")
    for name, scan in (("From", _address), ("To", _address), ("Via", _via), ("Max-Forwards", _hops)):
        try:
            scan(message, name)
        except ValueError as error:
            raise Malformed(400, f"Bad {name}") from error


def _address(message: Request | Response, name: str) -> None:
    address = fields.name_addr(message.headers[name])
    if fields.scheme(address.uri) in {"sip", "sips"}:
        exact(address.uri)


def _via(message: Request | Response, name: str) -> None:
    for value in fields.values(message, name):
        fields.via(value)


def _hops(message: Request | Response, name: str) -> None:
    value = message.headers.get(name)
    if value is not None and not (value.isascii() and value.isdigit() and int(value[:4]) <= 255):
        raise ValueError("not a number of hops")  # RFC 3261 20.22: 0 to 255


def _body(message: Request | Response, rest: bytes, stream: bool) -> bytes:
    """As many bytes as Content-Length says; in a datagram it may be absent, and what follows is no part (18.3)."""
    value = message.headers.get("Content-Length")
    if value is None:
        if stream:
            raise Malformed(400, "Missing Content-Length")
        return rest
    if not (value.isascii() and value.isdigit() and len(value) < 10) or int(value) > len(rest):
        raise Malformed(400, "Bad Content-Length")
    return rest[: int(value)]
