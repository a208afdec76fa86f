"""What a request must be before anybody looks at its meaning, in the order of RFC 3261 8.2."""

from __future__ import annotations

from dataclasses import dataclass, field

from sipmessage import Request

from voice.sip import bodies, fields
from voice.sip.answers import ALLOW, METHODS

SCHEMES = {"sip", "tel"}  # no TLS here, so no sips
SUPPORTED = {"timer"}
KNOWN = {"REGISTER", "SUBSCRIBE", "MESSAGE", "PUBLISH", "REFER", "PRACK"}  # methods we understand and don't offer


@dataclass(frozen=True)
class Refused:
    """A final answer: status, phrase ("": the usual one), fields it needs, WWW-Authenticate values."""

    status: int
    phrase: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    challenges: tuple[str, ...] = ()


def method(request: Request) -> Refused | None:
    """8.2.1: within a dialog every other method is 405, outside those we have never heard of are 501."""
    if request.method in METHODS:
        return None
    if request.method == "REFER":
        return Refused(603, headers={"Allow": ALLOW})
    inside = bool(fields.tag(request, "To"))
    return Refused(405 if inside or request.method in KNOWN else 501, headers={"Allow": ALLOW})


def target(request: Request) -> Refused | None:
    """8.2.2.1: what scheme the Request-URI has. Any user of ours is us: the operator's menu answers all numbers."""
    return None if request.uri.scheme in SCHEMES else Refused(416)


def extensions(request: Request) -> Refused | None:
    """8.2.2.3: everything required must be known (100rel is not). Proxy-Require is no business of an endpoint."""
    unknown = [name for name in sorted(fields.tokens(request, "Require")) if name not in SUPPORTED]
    return Refused(420, headers={"Unsupported": ", ".join(unknown)}) if unknown else None


def content(request: Request) -> Refused | None:
    """8.2.3, and whether the answer may be a session description (406)."""
    if request.method not in {"INVITE", "UPDATE"}:
        return None
    try:
        bodies.description(request)
    except bodies.Unreadable:
        return Refused(415, headers={"Accept": bodies.SDP, "Accept-Encoding": "identity"})
    wanted = {name.partition(";")[0].strip() for name in fields.tokens(request, "Accept")}
    if wanted and not wanted & {bodies.SDP, "application/*", "*/*"}:
        return Refused(406, headers={"Accept": bodies.SDP})
    return None


def first_of(request: Request) -> Refused | None:
    """The first thing wrong with a request, None if nothing is."""
    return method(request) or target(request) or extensions(request) or content(request)
