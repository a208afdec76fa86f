"""What the body of a request is: a session description, pressed keys, a progress report, or nothing we can read."""

from __future__ import annotations

import re

from sipmessage import Request

from voice.sip import fields

SDP = "application/sdp"
DTMF = ("application/dtmf-relay", "application/dtmf")
PARTS = 16
KEY = re.compile(r"^\s*(?:Signal\s*=\s*)?([0-9A-Da-d*#]|1[0-5])\s*$", re.IGNORECASE | re.MULTILINE)
NUMBERED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}


class Unreadable(ValueError):
    """A body of a type we don't know: 415, with Accept."""


def content_type(request: Request) -> tuple[str, dict[str, str]]:
    """Media type in lower case and its parameters; ("", {}) when there is no body. Raises Unreadable."""
    value = request.headers.get("Content-Type")
    if not request.body:
        return "", {}
    name, semicolon, rest = (value or "").partition(";")
    try:
        return re.sub(r"\s", "", name).lower(), fields.parameters(semicolon + rest)
    except ValueError as error:
        raise Unreadable from error


def description(request: Request) -> bytes | None:
    """The session description in a request, also as one part of several (RFC 5621); None when it has no body.

    Raises Unreadable for a body of another type, or one that is packed.
    """
    kind, given = content_type(request)
    if not kind and not request.body:
        return None
    if fields.tokens(request, "Content-Encoding") - {"identity"}:
        raise Unreadable
    if kind == SDP:
        return request.body
    if kind.startswith("multipart/") and given.get("boundary"):
        return _part(request.body, given["boundary"].encode())
    if _optional(request):
        return None
    raise Unreadable


def _optional(request: Request) -> bool:
    """Whether the sender says that the body may be ignored (RFC 3261 20.11)."""
    return "handling=optional" in (request.headers.get("Content-Disposition") or "").replace(" ", "").lower()


def _part(body: bytes, boundary: bytes) -> bytes:
    for part in body.split(b"--" + boundary)[1 : PARTS + 1]:
        head, _, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
        if re.search(rb"^content-type\s*:\s*application/sdp", head, re.IGNORECASE | re.MULTILINE):
            return content.removesuffix(b"\r\n")
    raise Unreadable


def key(request: Request) -> str | None:
    """The key of an INFO: `Signal=5` of dtmf-relay or the bare digit of application/dtmf; "" for none, None for a
    body that is something else."""
    try:
        kind, _ = content_type(request)
    except Unreadable:
        return None
    if not kind:
        return ""
    if kind not in DTMF:
        return None
    match = KEY.search(request.body[:200].decode("ascii", "replace"))
    return NUMBERED.get(match[1], match[1].upper()) if match else ""
