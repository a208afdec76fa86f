"""The arithmetic and the grammar of digest authentication (RFC 7616, RFC 8760; RFC 2617 for what still runs).

Header values are read here and not with sipmessage 0.7.1: that refuses a comma in quotes (RFC 3261's own example of a
challenge has one: `qop="auth,auth-int"`), and its pattern backtracks without end on a made-up header.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LONGEST = 4096  # characters of a header value worth reading

ALGORITHMS: Mapping[str, Callable[[bytes], hashlib._Hash]] = {
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),  # trunks know nothing else; allowed on FIPS machines
}
"""Names as they are written, strongest first."""

_ITEM = re.compile(r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))\s*(?:,|$)')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Secret:
    """Who we are to a trunk or exchange. The password never appears in a repr.

    `realm`: the only one whose challenges are answered, "" for any. Whoever may ask gets a digest to try guesses on.
    """

    user: str
    password: str
    realm: str = ""

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True)
class Proof:
    """Everything a digest is made of besides the secret. `qop` "" is the old way of RFC 2069, without nc and cnonce."""

    realm: str
    nonce: str
    method: str
    uri: str
    algorithm: str = "MD5"
    qop: str = "auth"
    nc: str = "00000001"
    cnonce: str = ""
    body: bytes = b""

    def response(self, secret: Secret) -> str:
        """The digest (RFC 7616 3.4.1) in lower-case hexadecimal. Raises ValueError for an algorithm we do not have."""
        base, session = split_algorithm(self.algorithm)
        digest = ALGORITHMS[base]

        def hashed(text: str) -> str:
            return digest(text.encode()).hexdigest()

        first = hashed(f"{secret.user}:{self.realm}:{secret.password}")
        if session:
            first = hashed(f"{first}:{self.nonce}:{self.cnonce}")
        what = f"{self.method}:{self.uri}"
        if self.qop == "auth-int":
            what += f":{digest(self.body).hexdigest()}"
        if not self.qop:
            return hashed(f"{first}:{self.nonce}:{hashed(what)}")
        return hashed(f"{first}:{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}:{hashed(what)}")


def split_algorithm(name: str) -> tuple[str, bool]:
    """An algorithm's name in our spelling, and whether it is the -sess form. Raises ValueError for unknown ones."""
    base = name.upper()
    session = base.endswith("-SESS")
    base = base.removesuffix("-SESS")
    if base not in ALGORITHMS or (base == "SHA-512-256" and "sha512_256" not in hashlib.algorithms_available):
        raise ValueError("digest algorithm is unknown")
    return base, session


def parse(value: str) -> dict[str, str] | None:
    """The parameters of a Digest challenge or of credentials, names in lower case; None when it is none or is broken.

    A parameter given twice makes it broken: two readers could choose differently.
    """
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest" or len(value) > LONGEST:
        return None
    found: dict[str, str] = {}
    at = 0
    while at < len(rest):
        item = _ITEM.match(rest, at)
        if not item or item[1].lower() in found:
            return None
        found[item[1].lower()] = _ESCAPED.sub(r"\1", item[2]) if item[2] is not None else item[3]
        at = item.end()
    return found or None


def quoted(text: str) -> str:
    """`text` as a quoted-string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
