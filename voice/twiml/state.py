"""Where a call is, carried by the cloud: a compact text in the address it asks next, signed and bound to its call.

So the door needs no memory to go on with a call; a restart, or another worker, is not noticed.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from voice.flow.steps import Position, Spoken
from voice.sound import name_of

MAX_BYTES = 16 * 1024  # unpacked; a state has some hundred
_SIGNATURE_BYTES = 16  # of SHA-256: 128 bits (NIST SP 800-107, 5.1)
_FORMAT = 1

Find: TypeAlias = Callable[[str], Spoken | None]
"""Speech by its name; None if it has been withdrawn meanwhile."""

Next: TypeAlias = Literal["prompt", "time", "person", "line"]
"""What the cloud waits for: the end of the prompts, or a key after them, a person to answer, a round in line."""


class Forged(ValueError):
    """The text is not one that we gave to this call."""


@dataclass(frozen=True)
class CallState:
    """A call between two requests.

    `lengths`: seconds of each prompt it was given, one after the other. `next`: what follows them, and `seconds` how
    long that lasts. `sent` and `joined` are seconds since 1970 (0: not in line); `to` is whom it waits for.
    """

    position: Position
    sent: float = 0.0
    next: Next = "prompt"
    lengths: tuple[float, ...] = ()
    seconds: float = 0.0
    joined: float = 0.0
    to: str = ""


def seal(state: CallState, call: str, token: str) -> str:
    """The text for an address: URL-safe, some 200 characters. Speech is named, not carried; so is no caller."""
    kept = dataclasses.asdict(state)
    kept["position"] |= {"playing": [name_of(spoken) for spoken in state.position.playing], "trail": ()}
    usual = dataclasses.asdict(CallState(Position("", "")))
    position = {name: value for name, value in kept["position"].items() if value != usual["position"][name]}
    changed = {name: value for name, value in kept.items() if name != "position" and value != usual[name]}
    packed = zlib.compress(json.dumps([_FORMAT, position, changed], separators=(",", ":")).encode(), 9)
    return _text(_sign(packed, call, token) + packed)


def unseal(text: str, call: str, token: str, find: Find) -> CallState:
    """The state in a text of ours for this call. Raises Forged for any other text."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise Forged("no text of ours") from error
    given, packed = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(given, _sign(packed, call, token)):
        raise Forged("signed by somebody else, or for another call")
    try:
        version, position, rest = json.loads(_unpacked(packed))
        if version != _FORMAT:
            raise Forged("of another version of this program")
        return CallState(_position(position, find), **{**rest, "lengths": tuple(rest.get("lengths", ()))})
    except (ValueError, TypeError, zlib.error) as error:  # ours, but of a version that had other fields
        raise Forged("of another version of this program") from error


def _unpacked(packed: bytes) -> bytes:
    opener = zlib.decompressobj()
    data = opener.decompress(packed, MAX_BYTES)
    if opener.unconsumed_tail:
        raise Forged("too much")
    return data


def _position(kept: dict[str, Any], find: Find) -> Position:
    lists = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
    playing = tuple(spoken for name in kept.get("playing", ()) if (spoken := find(name)) is not None)
    return Position(**{"flow": "", "node": "", **kept, **lists, "playing": playing, "trail": ()})


def _sign(packed: bytes, call: str, token: str) -> bytes:
    """A key of its own: what is signed here can't be taken for a webhook's signature, nor the other way round."""
    key = hmac.digest(token.encode(), b"madoguchi: state of a call", hashlib.sha256)
    return hmac.digest(key, call.encode() + b"\0" + packed, hashlib.sha256)[:_SIGNATURE_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
