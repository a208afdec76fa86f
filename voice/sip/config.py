"""What an operator may set about signalling, and the limits that keep floods away from the audio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voice.sip.connection import Limits
from voice.sip.digest import Secret
from voice.sip.pace import T1


@dataclass(frozen=True)
class SipConfig:
    """Times are seconds as the RFCs mean them; `t1` other than 0.5 makes all of them shorter or longer (tests)."""

    host: str = "127.0.0.1"
    port: int = 5060
    advertised: str | None = None  # behind NAT: the address that peers are told
    allowed: tuple[str, ...] = ()  # networks like "10.1.0.0/16"; empty: everybody. Others get no answer at all
    credentials: Mapping[str, str] | None = None  # user → password, asked of every new INVITE
    realm: str = "madoguchi"
    algorithms: tuple[str, ...] = ("SHA-256", "MD5")  # offered in this order; some old exchanges want MD5 alone
    trunk: Secret | None = None  # what we say when a trunk asks us
    identity: str = ""  # From of calls we make, like "sip:0487001234@trunk.example"
    server_name: str = "madoguchi"
    max_calls: int = 100  # incoming; what they are handed on to doesn't count
    calls_per_source: int = 100  # a trunk is one source: this is its share, not a caller's
    requests_per_second: float = 200.0  # messages of one source in the long run; a call has about five
    burst: int = 400  # of one source at once
    all_requests_per_second: float = 1000.0  # of all sources together, so that forged ones don't add up
    max_call_seconds: float = 1800.0
    session_seconds: int = 1800  # RFC 4028; 0: none of our own accord
    retry_after_seconds: int = 30  # said with a 503
    t1: float = T1
    tcp: Limits = field(default_factory=Limits)
