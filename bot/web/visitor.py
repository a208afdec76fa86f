"""What a request tells of where a visitor is: the kind of device, the page that the widget is on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.dialogue.desk import Visit

LONGEST_PAGE = 200

_TABLET = re.compile(r"iPad|Tablet|Silk/|PlayBook|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobi|iPhone|iPod|Android|Opera Mini|DoCoMo|KDDI|SoftBank")
_COMPUTER = re.compile(r"Windows NT|Macintosh|X11|CrOS|Linux")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def device(headers: Mapping[str, str]) -> str:
    """phone | tablet | computer, or "" where the browser doesn't say. An iPad says that it is a Macintosh, unless the
    resident asked for pages for phones."""
    agent = headers.get("user-agent", "")[:500]
    if _TABLET.search(agent):
        return "tablet"
    if headers.get("sec-ch-ua-mobile") == "?1" or _PHONE.search(agent):
        return "phone"
    return "computer" if _COMPUTER.search(agent) else ""


def path_of(address: str) -> str:
    """The path of an address, without what may be personal in it: query, fragment, server. Never fails."""
    plain = _CONTROL.sub("", address).split("#")[0].split("?")[0].strip()
    if "://" in plain:
        try:
            plain = urlsplit(plain).path or "/"
        except ValueError:
            return ""
    return plain[:LONGEST_PAGE] if plain.startswith("/") and not plain.startswith("//") else ""


Page = Annotated[
    str, Field(max_length=2_000, description="チャットを置いたページのパス（?や#より前）"), AfterValidator(path_of)
]


def visit(door: str, headers: Mapping[str, str], page: str) -> Visit:
    """What a conversation that begins with this request is told of it."""
    return Visit(door, device(headers), page)
