"""Where SIP URIs point, and URIs that are printed as they were read.

A Route entry or remote target must come back exactly as the peer wrote it (RFC 3261 12.2.1.1); sipmessage would print
`gr=urn:uuid:1` as `gr=urn%3Auuid%3A1`.
"""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass

from sipmessage import URI

from voice.sip import fields
from voice.sip.transport import Address, is_ipv4

DEFAULT_PORT = 5060  # RFC 3261 18.1.1, for UDP and TCP

_UNPRINTABLE = re.compile(r"[\s<>\"\x00-\x1f\x7f]")
_WHERE = re.compile(r"(?:[^@]*@)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?((?:;[^?]*)?)(?:\?.*)?")


@dataclass(frozen=True)
class ExactURI(URI):
    """A Request-URI that is printed as it was read. Of the fields of `URI` only the scheme is filled."""

    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Place:
    """Where a SIP URI points: host (a name or a numeric address), port 1 to 65535, transport "udp" or "tcp"."""

    host: str
    port: int
    transport: str


def exact(text: str) -> ExactURI:
    """`text` as a Request-URI. Raises ValueError when a request line could not hold it, or it has no scheme.

    Host names with an underscore, which sipmessage refuses, stay usable: exchanges in containers have them.
    """
    scheme = fields.scheme(text)
    if not scheme or len(text) == len(scheme) + 1 or _UNPRINTABLE.search(text):
        raise ValueError("URI is not valid")
    return ExactURI(scheme, "", text=text)


def user(uri: str) -> str:
    """The user part of a URI as it is written, "" when it has none; of a tel URI the number."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        return rest.partition(";")[0]
    before, at, _ = rest.partition("@")
    return re.split("[;:]", before)[0] if at else ""


def parameters(uri: str) -> dict[str, str]:
    """The parameters of a SIP URI, names in lower case, "" for none. Raises ValueError."""
    after = uri.partition("@")[2] or uri
    _, semicolon, rest = after.partition("?")[0].partition(";")
    return fields.parameters(semicolon + rest)


def place(uri: str) -> Place:
    """Where a request for `uri` goes, without asking DNS for anything but an address (RFC 3263 4.2; no NAPTR, no SRV).

    Raises ValueError for tel:, sips: (no TLS here), IPv6 and anything unreadable.
    """
    scheme, _, rest = uri.partition(":")
    found = _WHERE.fullmatch(rest)
    if scheme.lower() != "sip" or not found or found[1].startswith("["):
        raise ValueError("URI is no place to send to")
    given = fields.parameters(found[3])
    transport = (given.get("transport") or "udp").lower()
    port = int(found[2] or DEFAULT_PORT)
    if transport not in {"udp", "tcp"} or not 0 < port < 65536:
        raise ValueError("URI asks for a transport or port that is not there")
    return Place(given.get("maddr") or found[1], port, transport)


def literal(uri: str) -> Address | None:
    """Where `uri` points when it holds an IPv4 address; None when DNS would be needed or it is no place at all."""
    try:
        found = place(uri)
    except ValueError:
        return None
    return (found.host, found.port, found.transport) if is_ipv4(found.host) else None


async def resolve(uri: str) -> Address:
    """Where `uri` points; a name is looked up, its first IPv4 address counts. Raises ValueError or OSError."""
    found = place(uri)
    if is_ipv4(found.host):
        return found.host, found.port, found.transport
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(found.host, found.port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    return str(answers[0][4][0]), found.port, found.transport
