"""Digest authentication at both ends: asking callers who they are, telling a trunk who we are (RFC 3261 22, RFC 8760).

ACK and CANCEL can not be challenged (22.1); who asks takes care of that. Nothing here is logged.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import secrets
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from sipmessage import Request, Response

from voice.sip.digest import ALGORITHMS, Proof, Secret, parse, quoted, split_algorithm

NONCE_SECONDS = 300.0  # how long a nonce may be used
NONCES = 10_000  # nonces whose count is remembered

CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
"""Status → where the challenge stands, where the answer goes."""

_STAMP = struct.Struct(">d6s")  # when it was made, and 48 random bits that keep two of one moment apart


class Verdict(enum.Enum):
    """What credentials are worth."""

    RIGHT = "right"
    STALE = "stale"  # the secret is right, the nonce too old: the client may try again by itself
    WRONG = "wrong"


class Challenger:
    """Asks for credentials and checks them. A nonce carries its own time and signature, so a flood of requests without
    credentials leaves nothing behind; only nonces used with the right password are remembered, against replays."""

    def __init__(
        self,
        realm: str,
        passwords: Mapping[str, str],
        key: bytes | None = None,
        algorithms: Sequence[str] = ("SHA-256", "MD5"),
        now: Callable[[], float] = time.time,
    ) -> None:
        """`passwords`: user → password. `key` signs nonces; None makes one for this process. `algorithms`: offered in
        this order, the preferred first (RFC 8760 2.4). Measured: SIPp 3.6 fails when SHA-256 comes first, baresip 1.0
        when it is offered at all; for such peers give ("MD5",)."""
        for algorithm in algorithms:
            split_algorithm(algorithm)
        self._realm = realm
        self._passwords = dict(passwords)
        self._key = key or secrets.token_bytes(32)
        self._algorithms = tuple(algorithms)
        self._now = now
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._forgotten_until = 0.0  # nonces made before this may have been forgotten: they are stale

    def challenge(self, request: Request) -> list[str]:
        """WWW-Authenticate values for a 401 to `request`, the preferred first, each for a header field of its own."""
        stale = ", stale=true" if self._judge(request)[0] is Verdict.STALE else ""
        return [
            f"Digest realm={quoted(self._realm)}, nonce={quoted(self._nonce(algorithm))}, "
            f'algorithm={algorithm}, qop="auth"{stale}'
            for algorithm in self._algorithms
        ]

    def verify(self, request: Request) -> bool:
        """Whether `request` carries right and fresh credentials. Using them up is part of it: ask once a request."""
        verdict, nonce, count = self._judge(request)
        if verdict is not Verdict.RIGHT:
            return False
        self._counts[nonce] = count
        self._counts.move_to_end(nonce)
        while len(self._counts) > NONCES:
            oldest, _ = self._counts.popitem(last=False)
            self._forgotten_until = max(self._forgotten_until, self._made_at(oldest) or 0.0)
        return True

    def _judge(self, request: Request) -> tuple[Verdict, str, int]:
        for value in request.headers.getlist("Authorization"):
            given = parse(value)
            if given and given.get("realm") == self._realm:  # others are for servers behind us (22.3)
                return self._weigh(request, given)
        return Verdict.WRONG, "", 0

    def _weigh(self, request: Request, given: Mapping[str, str]) -> tuple[Verdict, str, int]:
        nonce, nc, name = given.get("nonce", ""), given.get("nc", ""), given.get("username", "")
        algorithm = given.get("algorithm", "MD5")
        made_at = self._made_at(nonce, algorithm)
        wrong = Verdict.WRONG, nonce, 0
        if made_at is None or given.get("qop") != "auth" or not given.get("cnonce"):
            return wrong  # we always offer qop, and then it must be used (RFC 7616 3.4)
        if len(nc) != 8 or not all(sign in "0123456789abcdefABCDEF" for sign in nc):
            return wrong
        proof = Proof(
            realm=self._realm,
            nonce=nonce,
            method=request.method,
            uri=given.get("uri", ""),  # not compared: proxies rewrite the Request-URI (22.4), SIPp signs another one
            algorithm=algorithm,
            nc=nc,
            cnonce=given["cnonce"],
        )
        password = self._passwords.get(name)  # the digest is computed for strangers too: the time tells nothing
        expected = proof.response(Secret(name, password if password is not None else secrets.token_hex(8)))
        given_response = given.get("response", "").lower().encode()
        if not hmac.compare_digest(expected.encode(), given_response) or password is None:
            return wrong
        age = self._now() - made_at
        if (
            not -1 <= age <= NONCE_SECONDS
            or made_at <= self._forgotten_until
            or int(nc, 16) <= self._counts.get(nonce, 0)
        ):
            return Verdict.STALE, nonce, 0
        return Verdict.RIGHT, nonce, int(nc, 16)

    def _nonce(self, algorithm: str) -> str:
        stamp = _STAMP.pack(self._now(), secrets.token_bytes(6))
        return base64.urlsafe_b64encode(stamp + self._signature(stamp, algorithm)).decode()

    def _made_at(self, nonce: str, algorithm: str | None = None) -> float | None:
        """When we made a nonce (for `algorithm`), None if we did not."""
        try:
            raw = base64.b64decode(nonce.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:  # no base64, or not even ASCII
            return None
        stamp, signature = raw[: _STAMP.size], raw[_STAMP.size :]
        names = self._algorithms if algorithm is None else (algorithm,)
        if len(stamp) < _STAMP.size or not any(
            hmac.compare_digest(signature, self._signature(stamp, name)) for name in names
        ):
            return None
        made_at: float = _STAMP.unpack(stamp)[0]
        return made_at

    def _signature(self, stamp: bytes, algorithm: str) -> bytes:
        return hmac.digest(self._key, stamp + algorithm.upper().encode(), hashlib.sha256)[:16]


def authorise(request: Request, response: Response, secret: Secret) -> bool:
    """Answer the challenge of a 401 or 407 in `request`, which is to be sent again with a new CSeq and branch.

    Of several challenges the strongest algorithm is answered (RFC 8760 2.4 lets the server order them, but an attacker
    could put MD5 first). False when there is none we can answer.
    """
    if response.code not in CHALLENGES:
        return False
    asked_in, answered_in = CHALLENGES[response.code]
    found = [challenge for value in response.headers.getlist(asked_in) if (challenge := _answerable(value))]
    found = [challenge for challenge in found if secret.realm in {"", challenge["realm"]}]
    if not found:
        return False
    strength = list(ALGORITHMS)
    challenge = min(found, key=lambda one: strength.index(split_algorithm(one.get("algorithm", "MD5"))[0]))
    request.headers.set(answered_in, _answer(request, challenge, secret))
    return True


def is_stale(response: Response) -> bool:
    """Whether a challenge says that only the nonce was too old: the secret is right, one more try is due."""
    asked_in = CHALLENGES.get(response.code, ("", ""))[0]
    found = (parse(value) or {} for value in response.headers.getlist(asked_in))
    return any(challenge.get("stale", "").lower() == "true" for challenge in found)


def _answerable(value: str) -> dict[str, str] | None:
    challenge = parse(value)
    if challenge is None or "realm" not in challenge or "nonce" not in challenge:
        return None
    try:
        split_algorithm(challenge.get("algorithm", "MD5"))
    except ValueError:
        return None
    return challenge if _qop(challenge) is not None else None


def _qop(challenge: Mapping[str, str]) -> str | None:
    """The quality of protection to use: "auth" before "auth-int"; "" when none is offered; None when we have none of
    those offered."""
    if "qop" not in challenge:
        return ""
    offered = {name.strip().lower() for name in challenge["qop"].split(",")}
    return next((name for name in ("auth", "auth-int") if name in offered), None)


def _answer(request: Request, challenge: Mapping[str, str], secret: Secret) -> str:
    proof = Proof(
        realm=challenge["realm"],
        nonce=challenge["nonce"],
        method=request.method,
        uri=str(request.uri),
        algorithm=challenge.get("algorithm", "MD5"),
        qop=_qop(challenge) or "",
        cnonce=secrets.token_hex(8),
        body=request.body,
    )
    parts = [f"{name}={quoted(value)}" for name, value in _said(proof, secret)]
    if "algorithm" in challenge:
        parts.append(f"algorithm={proof.algorithm}")
    if "opaque" in challenge:
        parts.append(f"opaque={quoted(challenge['opaque'])}")
    if proof.qop:
        parts += [f"qop={proof.qop}", f"nc={proof.nc}"]  # unquoted, unlike in a challenge (RFC 7616 3.4)
    if proof.qop or split_algorithm(proof.algorithm)[1]:
        parts.append(f"cnonce={quoted(proof.cnonce)}")
    return "Digest " + ", ".join(parts)


def _said(proof: Proof, secret: Secret) -> list[tuple[str, str]]:
    return [
        ("username", secret.user),
        ("realm", proof.realm),
        ("nonce", proof.nonce),
        ("uri", proof.uri),
        ("response", proof.response(secret)),
    ]
