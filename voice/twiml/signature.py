"""The signature of telephone clouds on their webhooks, X-Twilio-Signature: base64(HMAC-SHA1(token, URL + fields)).

Plain HMAC is all it takes; tests compare with both official libraries. SHA-1 is the cloud's choice; as the key of an
HMAC is secret, its collisions do not matter here (RFC 6194, 3.3).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

Fields = Mapping[str, Sequence[str]]
"""A form as it came: every name with all its values."""

_USUAL_PORT = {"https": 443, "http": 80}


def signature(token: str, url: str, fields: Fields) -> str:
    """What a cloud that knows the token sends along with these fields for this address (with its query)."""
    text = url + "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_signed(token: str, url: str, fields: Fields, given: str) -> bool:
    """Whether `given` is that signature. Some clouds sign with the port, some without (both official libraries accept
    either). An empty token never matches anything; the comparison takes the same time whatever is wrong."""
    right = [hmac.compare_digest(signature(token, each, fields).encode(), given.encode()) for each in _spellings(url)]
    return bool(token) and any(right)


def _spellings(url: str) -> set[str]:
    parts = urlsplit(url)
    host = parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc
    port = parts.port or _USUAL_PORT.get(parts.scheme, 443)
    return {url, urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))}
