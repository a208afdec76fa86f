"""What arrives, put in order: reordering for whoever listens, and the small buffer between two bridged callers."""

from __future__ import annotations

from typing import NamedTuple

from voice.g711 import RATE, SILENCE, Law, transcode
from voice.media.rtp import FRAME, Packet, ahead

WINDOW = 4  # packets: 80 ms are waited for one that is missing
_RESTART = 100  # packets: a wider jump of the sequence number is a new start
_LONGEST_GAP = 5 * RATE  # samples: a longer silence of the sender is not filled in


class Piece(NamedTuple):
    """The next audio in order: octets of a law, or (no octets) so many samples that never came."""

    law: Law
    octets: bytes
    missing: int = 0


class Reorder:
    """Puts the packets of one sender in order, drops duplicates and late ones, and tells what is missing."""

    __slots__ = ("_held", "_next", "_position")

    def __init__(self) -> None:
        self._held: dict[int, tuple[Law | None, Packet]] = {}
        self._next = -1  # sequence number awaited, -1 before the first packet
        self._position = 0  # timestamp awaited

    def reset(self) -> None:
        """Begin afresh with the next packet: another sender, or nobody listened for a while."""
        self._held.clear()
        self._next = -1

    def put(self, packet: Packet, law: Law | None) -> list[Piece]:
        """Take a packet, give what is now in order. `law` None: a key, which has a sequence number but no audio."""
        distance = ahead(packet.sequence, self._next) if self._next >= 0 else 0
        if self._next < 0 or abs(distance) > _RESTART:
            self._held.clear()
            self._next, self._position, distance = packet.sequence, packet.timestamp, 0
        if distance < 0:
            return []
        if distance == 0 and not self._held:  # nearly always
            self._next = (packet.sequence + 1) & 0xFFFF
            return self._pieces(packet, law)
        self._held[packet.sequence] = (law, packet)
        return self._release(len(self._held) >= WINDOW)

    def flush(self) -> list[Piece]:
        """All that is held: nothing more has come for a while, so what is missing never will."""
        pieces: list[Piece] = []
        while self._held:
            pieces += self._release(True)
        return pieces

    def silence(self) -> Piece:
        """20 ms of nothing, for a sender that says nothing at all; what it says later does not come on top."""
        self._position = (self._position + FRAME) & 0xFFFFFFFF
        return Piece("PCMU", b"", FRAME)

    def _release(self, at_any_price: bool) -> list[Piece]:
        pieces: list[Piece] = []
        while self._held:
            if self._next not in self._held:
                if not at_any_price:
                    break
                awaited = self._next
                self._next = min(self._held, key=lambda sequence: ahead(sequence, awaited))
            law, packet = self._held.pop(self._next)
            self._next = (self._next + 1) & 0xFFFF
            pieces += self._pieces(packet, law)
            at_any_price = at_any_price and len(self._held) >= WINDOW
        return pieces

    def _pieces(self, packet: Packet, law: Law | None) -> list[Piece]:
        """The audio of a packet, after what its timestamp says is missing before it."""
        if law is None:
            return []
        gap = ahead(packet.timestamp, self._position, 32)
        octets = packet.payload
        self._position = (packet.timestamp + len(octets)) & 0xFFFFFFFF
        if 0 < gap <= _LONGEST_GAP:
            return [Piece(law, b"", gap), Piece(law, octets)]
        return [Piece(law, octets)]


class Relay:
    """Audio on its way from one caller to another: taken as it comes, given 20 ms at a time by the clock."""

    __slots__ = ("_octets", "_waiting", "law")

    FILL = 3 * FRAME  # collected before it begins, and after it ran dry: 60 ms of unsteady arrival do not break it
    MOST = 10 * FRAME  # 200 ms: beyond, the oldest goes, or the two would drift ever further apart

    def __init__(self, law: Law) -> None:
        self._octets = bytearray()
        self.use(law)

    def use(self, law: Law) -> None:
        """The law of the receiver from now on; what waits is in the former one and goes."""
        self.law, self._waiting = law, True
        self._octets.clear()

    def put(self, piece: Piece) -> None:
        """Take audio; what is missing becomes silence, no longer than the buffer."""
        if piece.octets:
            self._octets += transcode(piece.octets, piece.law, self.law)
        else:
            self._octets += SILENCE[self.law] * min(piece.missing, self.MOST)
        if len(self._octets) > self.MOST:
            del self._octets[: -self.FILL]

    def frame(self) -> bytes | None:
        """The next 20 ms, None while there is nothing to say."""
        held = len(self._octets)
        if held < (self.FILL if self._waiting else FRAME):
            self._waiting = True
            return None
        self._waiting = False
        octets = bytes(self._octets[:FRAME])
        del self._octets[:FRAME]
        return octets
