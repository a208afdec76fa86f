"""RTP packets (RFC 3550, audio profile RFC 3551): reading, writing and counting them. No sockets, no clock."""

from __future__ import annotations

import struct
from typing import NamedTuple

from voice.g711 import RATE, Law

HEADER = struct.Struct("!BBHII")
VERSION = 0x80
MARKER = 0x80
FRAME = 160  # octets of G.711 in 20 ms, and the step of the timestamp
STATIC: dict[int, Law] = {0: "PCMU", 8: "PCMA"}  # RFC 3551, table 4
FIRST_DYNAMIC = 96

_DROPOUT = 3000  # RFC 3550 A.1: a jump wider than this is a new start, not a loss
_MISORDER = 100


class Packet(NamedTuple):
    """One RTP packet. `timestamp` counts samples at 8 kHz; `payload` has neither padding nor extension any more."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(datagram: bytes) -> Packet | None:
    """Read a datagram; None if it is not RTP version 2 or its lengths do not fit (RFC 3550 5.1, 5.3.1, A.1)."""
    if len(datagram) < HEADER.size or datagram[0] & 0xC0 != VERSION:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
    start, end = HEADER.size, len(datagram)
    if first != VERSION:  # contributing sources, an extension or padding: rare, so the usual packet is not delayed
        start += 4 * (first & 0x0F)
        if first & 0x10:
            if end < start + 4:
                return None
            start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
        if first & 0x20:
            end -= datagram[-1] or len(datagram)
        if start > end:
            return None
    return Packet(second & 0x7F, second >= MARKER, sequence, timestamp, ssrc, datagram[start:end])


def write(packet: Packet) -> bytes:
    """The octets of a packet without extensions."""
    second = packet.payload_type | (MARKER if packet.marker else 0)
    head = HEADER.pack(VERSION, second, packet.sequence & 0xFFFF, packet.timestamp & 0xFFFFFFFF, packet.ssrc)
    return head + packet.payload


def ahead(later: int, earlier: int, bits: int = 16) -> int:
    """How far one counter is ahead of another that wraps; negative if behind. Half the range is still ahead."""
    return ((later - earlier + (1 << bits - 1)) & ((1 << bits) - 1)) - (1 << bits - 1)


class Reception:
    """What came from one sender: loss and jitter as RFC 3550 A.1, A.3 and A.8 define them."""

    __slots__ = ("_first", "_highest", "_jitter", "_reported", "_restart", "_transit", "earlier", "packets")

    def __init__(self) -> None:
        self.packets = 0  # of this sender since it (re)started, duplicates too
        self.earlier = (0, 0)  # expected, received before a restart
        self._first = self._highest = 0  # extended sequence numbers
        self._restart = -1
        self._transit: float | None = None
        self._jitter = 0.0  # in samples
        self._reported = (0, 0)

    def arrived(self, sequence: int, timestamp: int | None, now: float) -> None:
        """Count a packet that came at `now` (seconds); `timestamp` None leaves it out of the jitter, as a key's is
        the time at which the key went down."""
        if not self.packets:
            self._first = self._highest = sequence
        else:
            step = ahead(sequence, self._highest & 0xFFFF)
            if 0 < step < _DROPOUT:
                self._highest += step
            elif step >= _DROPOUT or step < -_MISORDER:
                if sequence != self._restart:  # alone it may be a stray; the next one in order is a restart
                    self._restart = (sequence + 1) & 0xFFFF
                    return
                self.restart()
                self._first = self._highest = sequence
        self.packets += 1
        if timestamp is not None:
            self._vary(now * RATE - timestamp)

    def restart(self) -> None:
        """Another sender, or the same afresh: what was counted stays counted."""
        self.earlier = (self.expected, self.received)
        self.packets, self._transit, self._restart = 0, None, -1

    def _vary(self, transit: float) -> None:
        if self._transit is not None:
            # modulo the 32 bits of the timestamp, which wraps within any call that is long enough
            change = abs((transit - self._transit + (1 << 31)) % (1 << 32) - (1 << 31))
            if change < RATE:  # a second: a pause of the sender, not the network
                self._jitter += (change - self._jitter) / 16
        self._transit = transit

    @property
    def highest(self) -> int:
        """Extended highest sequence number, as a report block carries it."""
        return self._highest & 0xFFFFFFFF

    @property
    def expected(self) -> int:
        """Packets that the sequence numbers say were sent."""
        return self.earlier[0] + (self._highest - self._first + 1 if self.packets else 0)

    @property
    def received(self) -> int:
        """Packets that came."""
        return self.earlier[1] + self.packets

    @property
    def lost(self) -> int:
        """Packets that did not come; duplicates do not make it negative."""
        return max(0, self.expected - self.received)

    @property
    def jitter(self) -> int:
        """Interarrival jitter in samples."""
        return int(self._jitter)

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter in milliseconds."""
        return self._jitter / RATE * 1000

    def fraction_lost(self) -> int:
        """256ths of what was sent since this was last asked (RFC 3550 A.3)."""
        expected, received = self.expected, self.received
        due, came = expected - self._reported[0], received - self._reported[1]
        self._reported = (expected, received)
        return min(255, max(0, (due - came) * 256 // due)) if due > 0 else 0
