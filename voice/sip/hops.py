"""Where a request within a call may really go: a Contact is written by the peer, and peers err or worse."""

from __future__ import annotations

from ipaddress import IPv4Address

from voice.sip.transport import Address


def next_stop(target: Address | None, peer: Address, ours: tuple[str, int], connected: bool, trusted: bool) -> Address:
    """The address for our next request: `target` (of Route or Contact) unless only `peer`, where the peer's requests
    come from, can be right.

    `target` None: a name, which is never looked up during a call. `ours`: our own host and port. `connected`: the
    connection the peer opened is still there. `trusted`: the target may have a TCP connection opened to it even when
    it is another host; strangers don't choose to whom we connect.
    """
    if target is None:
        return peer
    if peer[2] == "tcp" and target[0] == peer[0]:  # many Contacts over TCP lack transport=tcp, or can't be reached
        return peer if connected else target
    if target[2] == "tcp" and target[0] != peer[0] and not trusted:
        return peer
    there, here = IPv4Address(target[0]), IPv4Address(peer[0])
    if there.is_multicast or there.is_unspecified or there.is_reserved or target[:2] == ours:
        return peer
    if (not there.is_global and here.is_global) or (there.is_loopback and not here.is_loopback):
        return peer  # behind NAT, and it does not know
    return target
