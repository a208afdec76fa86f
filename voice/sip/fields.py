"""What stands in header fields, scanned in one pass (RFC 3261 25.1).

The library's patterns for lists and quoted strings backtrack and re-encode what they read, so values that are echoed
or compared stay the text they were, and only the parts that are needed are taken out of it here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sipmessage import URI, Request, Response

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
PARAMETER = re.compile(r"[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*(?:=[ \t]*(.*?))?[ \t]*", re.DOTALL)
LISTS = {"Via", "Record-Route", "Route", "Contact", "Allow", "Supported", "Require", "Accept"}


@dataclass(frozen=True)
class NameAddr:
    """A name-addr or addr-spec with its parameters; `uri` is the text as it came, names of parameters in lower case."""

    display: str
    uri: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hop:
    """A Via: transport in lower case, where the response is wanted, parameters (names in lower case)."""

    transport: str
    host: str
    port: int | None
    parameters: dict[str, str]


def split(value: str, mark: str = ",") -> list[str]:
    """Cut at `mark` where it stands outside "quotes" and <brackets>; parts are stripped. Raises ValueError when a
    quote or bracket stays open."""
    if '"' not in value and "<" not in value:
        return [part.strip() for part in value.split(mark)]
    parts: list[str] = []
    start = position = 0
    while position < len(value):
        sign = value[position]
        if sign == '"':
            position = _closing(value, position)
        elif sign == "<":
            position = value.find(">", position)
            if position < 0:
                raise ValueError("a bracket is not closed")
        elif sign == mark:
            parts.append(value[start:position].strip())
            start = position + 1
        position += 1
    parts.append(value[start:].strip())
    return parts


def _closing(value: str, opening: int) -> int:
    """Where the quoted string that begins at `opening` ends."""
    position = opening + 1
    while position < len(value):
        if value[position] == "\\":
            position += 1
        elif value[position] == '"':
            return position
        position += 1
    raise ValueError("a quote is not closed")


def unquote(value: str) -> str:
    """The words of a quoted string; anything else as it is."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def parameters(text: str) -> dict[str, str]:
    """`;a=b;c` as a mapping: names in lower case, "" for none. Raises ValueError; the first of a name counts."""
    found: dict[str, str] = {}
    if not text.strip():
        return found
    head, *rest = split(text, ";")
    if head:
        raise ValueError("parameters begin with a semicolon")
    for part in rest:
        match = PARAMETER.fullmatch(part)
        if match is None:
            raise ValueError("a parameter has no name")
        found.setdefault(match[1].lower(), unquote(match[2] or ""))
    return found


def name_addr(value: str) -> NameAddr:
    """Read a From, To, Contact, Route or identity. Raises ValueError.

    Display names with signs that should have been quoted are let pass (RFC 4475 3.1.2.15 allows that).
    """
    value = value.strip()
    start = _closing(value, 0) + 1 if value.startswith('"') else 0
    opening = value.find("<", start)
    if opening >= 0:
        closing = value.find(">", opening)
        display = unquote(value[:opening].strip())
        uri, rest = value[opening + 1 : closing], value[closing + 1 :]
        if closing < 0 or '"' in value[start:opening]:
            raise ValueError("an address is not closed")
    else:  # without brackets, what follows a semicolon belongs to the field (RFC 3261 20)
        uri, semicolon, rest = value.partition(";")
        uri, rest, display = uri.strip(), semicolon + rest, ""
        if "?" in uri or "," in uri:
            raise ValueError("an address with ? or , needs brackets")
    if SCHEME.match(uri) is None or any(sign in uri for sign in ' \t"<'):
        raise ValueError("not an address")
    return NameAddr(display, uri, parameters(rest))


def via(value: str) -> Hop:
    """Read one Via (RFC 3261 20.42; spaces may stand around its signs). Raises ValueError."""
    head, semicolon, rest = value.partition(";")
    protocol, _, sent_by = re.sub(r"\s*([/:])\s*", r"\1", head.strip()).partition(" ")
    name, version, *kind = protocol.split("/")
    if name.upper() != "SIP" or version != "2.0" or len(kind) != 1 or not TOKEN.fullmatch(kind[0]):
        raise ValueError("not a Via of SIP 2.0")
    host, _, port = sent_by.strip().partition(":") if not sent_by.strip().startswith("[") else (sent_by, "", "")
    if not host or any(sign in host for sign in " \t,") or (port and not (port.isascii() and port.isdigit())):
        raise ValueError("a Via without a host")
    return Hop(kind[0].lower(), host, int(port[:6]) if port else None, parameters(semicolon + rest))


def uri(text: str) -> URI:
    """A SIP, SIPS or tel URI without headers. Raises ValueError (other schemes too)."""
    scheme, colon, rest = text.partition(":")
    try:
        return URI.parse(scheme.lower() + colon + rest)
    except TypeError as error:  # the library trips over a parameter that is named `self`
        raise ValueError("not a URI") from error


def scheme(text: str) -> str:
    """The scheme of a URI in lower case, "" if it has none."""
    match = SCHEME.match(text)
    return match[0][:-1].lower() if match else ""


def values(message: Request | Response, name: str) -> list[str]:
    """All values of a list field, in order, across lines and commas. Raises ValueError on an open quote."""
    return [part for line in message.headers.getlist(name) for part in split(line) if part]


def tokens(message: Request | Response, name: str) -> frozenset[str]:
    """The values of a field like Supported, in lower case; what cannot be read counts as absent."""
    return frozenset(
        part.strip().lower() for line in message.headers.getlist(name) for part in line.split(",") if part.strip()
    )


def tag(message: Request | Response, name: str) -> str:
    """The tag of From or To, "" if there is none. Raises ValueError."""
    return name_addr(message.headers.get(name) or "").parameters.get("tag", "")
