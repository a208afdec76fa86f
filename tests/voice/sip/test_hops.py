"""Where requests within a call go, whatever a Contact says."""

from __future__ import annotations

import pytest

from voice.sip.hops import next_stop
from voice.sip.transport import Address

US = ("192.168.1.2", 5060)
LAN: Address = ("192.168.1.9", 5060, "udp")
STREAM: Address = ("192.168.1.9", 41000, "tcp")
WAN: Address = ("8.8.8.8", 5060, "udp")


@pytest.mark.parametrize(
    ("target", "peer", "connected", "trusted", "stop"),
    [
        (None, LAN, False, False, LAN),
        (("192.168.1.10", 5080, "udp"), LAN, False, False, ("192.168.1.10", 5080, "udp")),
        (("192.168.1.10", 5080, "tcp"), LAN, False, False, LAN),  # a stranger's wish to be connected
        (("192.168.1.10", 5080, "tcp"), LAN, False, True, ("192.168.1.10", 5080, "tcp")),
        (("192.168.1.9", 5080, "tcp"), LAN, False, False, ("192.168.1.9", 5080, "tcp")),
        (("192.168.1.9", 5060, "udp"), STREAM, True, False, STREAM),
        (("192.168.1.9", 5060, "tcp"), STREAM, False, False, ("192.168.1.9", 5060, "tcp")),
        (("192.168.1.2", 5060, "udp"), LAN, False, True, LAN),  # ourselves
        (("224.0.0.1", 5060, "udp"), LAN, False, True, LAN),
        (("255.255.255.255", 5060, "udp"), LAN, False, True, LAN),
        (("0.0.0.0", 5060, "udp"), LAN, False, True, LAN),
        (("127.0.0.1", 5060, "udp"), LAN, False, True, LAN),
        (("10.0.0.5", 5060, "udp"), WAN, False, False, WAN),
        (("100.64.0.5", 5060, "udp"), WAN, False, False, WAN),
        (("1.1.1.1", 5060, "udp"), WAN, False, False, ("1.1.1.1", 5060, "udp")),
    ],
)
def test_request_goes_where_it_may(
    target: Address | None, peer: Address, connected: bool, trusted: bool, stop: Address
) -> None:
    assert next_stop(target, peer, US, connected, trusted) == stop
