"""What guards the console, as small questions: networks, origins, addresses to go to next, headers, cookies."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.console.context import Network

HOME: Final = "/console/"
MAX_NEXT = 500

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Addresses hold what staff look for (a search is a GET, so that it can be paged, gone back to and kept as a link).
    # No other site gets them, and nothing logs them: there is no access log, `refusals` logs routes without queries.
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms (Fetch, "append a request Origin").
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}

SESSION, EARLY, FLASH = "madoguchi-console", "madoguchi-sign-in", "madoguchi-message"
"""Cookies: who is signed in; the token of the sign-in form, before there is a session; a message for the next page."""


def address(request: Request) -> str:
    """Where a request comes from; the server has looked at `X-Forwarded-For` if a trusted proxy is in front."""
    return request.client.host if request.client else ""


def in_clear(request: Request) -> bool:
    """Whether a password would go through a network unencrypted."""
    try:
        return request.url.scheme != "https" and not ipaddress.ip_address(address(request)).is_loopback
    except ValueError:
        return request.url.scheme != "https"


def may_come_in(where: str, allowed: Sequence[Network]) -> bool:
    """Whether an address is in one of the networks; always, if none are given."""
    if not allowed:
        return True
    try:
        ip = ipaddress.ip_address(where)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in allowed)


def from_own_pages(request: Request) -> bool:
    """Whether a request that changes something comes from our own pages, by what the browser says of itself. Without
    either header it is no browser of this decade; then the token of the form alone decides."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def own_page(asked: str) -> str:
    """Where to go next: `asked` if that is a page of the console, else its first page."""
    parts = urlsplit(asked) if asked.startswith(HOME) and len(asked) <= MAX_NEXT else None
    plain = asked.isprintable() and "\\" not in asked and ".." not in asked and "//" not in asked
    return asked if parts and plain and not parts.scheme and not parts.netloc else HOME


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(one.encode(), other.encode())


def signature(key: str, text: str) -> str:
    """What proves that `text` was written by who knows `key`."""
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def cookie_name(request: Request, name: str) -> str:
    """Over HTTPS with `__Host-`: no other host of the domain can put such a cookie there (RFC 6265bis, 4.1.3.2). That
    asks for `Path=/`, and /phone needs the session too."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def cookie(request: Request, name: str) -> str:
    """A cookie of ours; "" if there is none."""
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """For this host and its pages only, out of reach of scripts and of links from other sites. Until the browser
    closes, or for `seconds`."""
    response.set_cookie(
        cookie_name(request, name), value, max_age=seconds, path="/", secure=request.url.scheme == "https",
        httponly=True, samesite="strict",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie back."""
    set_cookie(request, response, name, "", 0)
