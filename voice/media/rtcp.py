"""RTCP (RFC 3550 section 6): sender and receiver reports with CNAME, goodbye, and reading those of the other side."""

from __future__ import annotations

import random
import struct
import time
from typing import NamedTuple

from voice.media.rtp import Reception

SENDER, RECEIVER, DESCRIPTION, GOODBYE = 200, 201, 202, 203
INTERVAL = 5.0  # seconds, the least that RFC 3550 6.2 allows two parties; a report of 100 octets is far below 5 %
_NTP_EPOCH = 2208988800  # seconds from 1900 to 1970
_BLOCK = struct.Struct("!IIIIII")
_SENT = struct.Struct("!IIIII")


class Block(NamedTuple):
    """What the other side says of our packets. `fraction_lost` is in 256ths, `jitter` in samples, `last` the middle
    32 bits of the NTP time of our report it saw, `delay` 65536ths of a second since (RFC 3550 6.4.1)."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last: int
    delay: int


class Heard(NamedTuple):
    """One compound packet: who sent it, the middle of its NTP time (0 without a sender report), its blocks."""

    ssrc: int
    sent_at: int
    blocks: tuple[Block, ...]
    goodbye: bool


class Sent(NamedTuple):
    """What we have sent: counters of a sender report."""

    ssrc: int
    timestamp: int
    packets: int
    octets: int


def ntp(now: float) -> int:
    """Seconds since 1970 → 64-bit NTP time."""
    return int((now + _NTP_EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF


def middle(now: float) -> int:
    """The middle 32 bits of NTP time: 65536ths of a second."""
    return ntp(now) >> 16 & 0xFFFFFFFF


def pause(first: bool = False) -> float:
    """Seconds until the next report: random, so that many calls do not report together (RFC 3550 6.3.1)."""
    return (INTERVAL / 2 if first else INTERVAL) * random.uniform(0.5, 1.5) / 1.21828


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _description(ssrc: int, name: bytes) -> bytes:
    item = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    return _packet(DESCRIPTION, 1, item + b"\0" * (-len(item) % 4))


def block(ssrc: int, reception: Reception, last: int, delay: float) -> bytes:
    """Our report block on a sender; `last` and `delay` (seconds) of its last sender report, 0 without one."""
    lost = min(reception.lost, 0x7FFFFF) | reception.fraction_lost() << 24
    waited = min(int(delay * 65536), 0xFFFFFFFF)
    return _BLOCK.pack(ssrc, lost, reception.highest, reception.jitter, last, waited if last else 0)


def report(sent: Sent, blocks: bytes, name: bytes, sending: bool) -> bytes:
    """A compound packet: sender report (or receiver report, if nothing was sent since the last), then CNAME."""
    count = len(blocks) // _BLOCK.size
    if not sending:
        return _packet(RECEIVER, count, struct.pack("!I", sent.ssrc) + blocks) + _description(sent.ssrc, name)
    now = ntp(time.time())
    counters = _SENT.pack(
        now >> 32, now & 0xFFFFFFFF, sent.timestamp & 0xFFFFFFFF, sent.packets & 0xFFFFFFFF, sent.octets & 0xFFFFFFFF
    )
    return _packet(SENDER, count, struct.pack("!I", sent.ssrc) + counters + blocks) + _description(sent.ssrc, name)


def goodbye(ssrc: int) -> bytes:
    """What follows the last report when the call ends (RFC 3550 6.6)."""
    return _packet(GOODBYE, 1, struct.pack("!I", ssrc))


def parse(datagram: bytes) -> Heard | None:
    """Read a compound packet; None if it does not begin with a report or its lengths do not fit (A.2)."""
    if len(datagram) < 8 or len(datagram) % 4 or datagram[1] not in (SENDER, RECEIVER):
        return None
    ssrc, sent_at, blocks, left = int.from_bytes(datagram[4:8], "big"), 0, list[Block](), False
    at = 0
    while at < len(datagram):
        if datagram[at] >> 6 != 2:
            return None
        count, kind = datagram[at] & 0x1F, datagram[at + 1]
        end = at + 4 + 4 * int.from_bytes(datagram[at + 2 : at + 4], "big")
        if end > len(datagram):
            return None
        body = datagram[at + 4 : end]
        if kind == SENDER and len(body) >= 24:
            sent_at = int.from_bytes(body[6:10], "big")
            blocks += _blocks(body[24:], count)
        elif kind == RECEIVER and len(body) >= 4:
            blocks += _blocks(body[4:], count)
        elif kind == GOODBYE:
            left = True
        at = end
    return Heard(ssrc, sent_at, tuple(blocks), left)


def _blocks(body: bytes, count: int) -> list[Block]:
    found = []
    for start in range(0, min(count, len(body) // _BLOCK.size) * _BLOCK.size, _BLOCK.size):
        ssrc, lost, highest, jitter, last, delay = _BLOCK.unpack_from(body, start)
        total = (lost & 0xFFFFFF ^ 0x800000) - 0x800000  # signed: duplicates can make it negative
        found.append(Block(ssrc, lost >> 24, total, highest, jitter, last, delay))
    return found


def round_trip(heard: Block, now: float) -> float | None:
    """Seconds to the other side and back (RFC 3550 6.4.1), None before it has seen a report of ours. `now`: 1970."""
    if not heard.last:
        return None
    ticks = (middle(now) - heard.last - heard.delay) & 0xFFFFFFFF
    return ticks / 65536 if ticks < 60 * 65536 else None  # a clock that was set back, or a forged report
