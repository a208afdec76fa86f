"""A small registrar that checks digests by itself (RFC 3261 10.3, RFC 7616 computed here from hashlib)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from .peers import Heard, Peer

PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))')
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass
class Registrar:
    """Users and their passwords; what it grants; how it is troublesome. `bindings`: contact URI → seconds."""

    users: dict[str, str]
    algorithms: tuple[str, ...] = ("MD5",)
    granted: int = 60
    least: int = 0  # below it: 423
    silent: bool = False
    refuse: str = ""  # a status line to refuse everything with
    refuse_lines: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()  # other contacts of the account, as header values
    proxy: bool = False  # challenges with 407
    stale_once: bool = False
    bindings: dict[str, int] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)  # algorithms of right credentials
    nonces: int = 0
    stale: str = ""

    async def start(self, port: int = 0) -> Peer:
        return await Peer(self.act).start(port)

    def act(self, peer: Peer, request: Heard) -> None:
        if self.silent:
            return
        if self.refuse:
            peer.reply(request, self.refuse, *self.refuse_lines)
        elif request.method != "REGISTER":
            peer.reply(request, "501 Not Implemented")
        elif not self.proven(request):
            self.challenge(peer, request, self.stale)
        else:
            self.bind(peer, request)

    def challenge(self, peer: Peer, request: Heard, stale: str = "") -> None:
        self.nonces += 1
        status, name = ("407 Proxy", "Proxy-Authenticate") if self.proxy else ("401 Unauthorized", "WWW-Authenticate")
        lines = [
            f'{name}: Digest realm="trunk, test", nonce="n{self.nonces}", algorithm={algorithm}, '
            f'qop="auth,auth-int", opaque="o\\"p"{stale}'
            for algorithm in self.algorithms
        ]
        peer.reply(request, status, *lines)

    def proven(self, request: Heard) -> bool:
        given = request.get("Proxy-Authorization" if self.proxy else "Authorization")
        if not given:
            return False
        found = {name: quoted or plain for name, quoted, plain in PARAMETER.findall(given)}
        if found["nonce"] != f"n{self.nonces}" or found["opaque"] != 'o\\"p' or found["nc"] != "00000001":
            return False

        def hashed(text: str) -> str:
            return HASHES[found["algorithm"]](text.encode()).hexdigest()

        first = hashed(f"{found['username']}:trunk, test:{self.users.get(found['username'])}")
        second = hashed(f"{request.method}:{request.uri}")
        expected = hashed(f"{first}:{found['nonce']}:{found['nc']}:{found['cnonce']}:{found['qop']}:{second}")
        right = found["response"] == expected and found["uri"] == request.uri
        if right and self.stale_once:
            self.stale_once = False
            self.stale = ", stale=TRUE"
            return False
        self.stale = ""
        if right:
            self.used.append(found["algorithm"])
        return right

    def bind(self, peer: Peer, request: Heard) -> None:
        expires = int(request["Expires"])
        if 0 < expires < self.least:
            peer.reply(request, "423 Interval Too Brief", f"Min-Expires: {self.least}")
        elif expires == 0:
            self.bindings.pop(request.contact_uri, None)
            peer.reply(request, "200 OK")
        else:
            seconds = self.bindings[request.contact_uri] = min(self.granted, expires)
            contacts = [f"Contact: {one}" for one in self.strangers]
            peer.reply(request, "200 OK", *contacts, f"Contact: <{request.contact_uri}>;expires={seconds}")
