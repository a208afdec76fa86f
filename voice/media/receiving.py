"""The audio that comes from a caller: counted always, put in order only for those who listen."""

from __future__ import annotations

from collections.abc import Callable

from voice.g711 import Law, decode
from voice.media.jitter import Piece, Relay, Reorder
from voice.media.rtp import FRAME, STATIC, Packet, Reception
from voice.media.tones import ToneBank, Watch

_QUIET = 5  # beats without a packet, after which the caller counts as silent
_PCM_FRAME = 2 * FRAME  # octets of 20 ms of 16-bit samples


class Listening:
    """Listeners: `on_audio`, the other side of a bridge, the watch for tones. Without any of them no packet is kept."""

    def __init__(self, bank: ToneBank, on_tone: Callable[[str], None]) -> None:
        self.on_audio: Callable[[bytes], None] | None = None
        self.relay: Relay | None = None  # of the one who hears this caller
        self.laws: dict[int, Law] = {}  # payload types that are audio
        self.reception = Reception()
        self.ssrc: int | None = None
        self._candidate: int | None = None
        self._bank, self._on_tone = bank, on_tone
        self._watch: Watch | None = None
        self._order = Reorder()
        self._ordering = False
        self._quiet = 0
        self._pcm = bytearray()

    def expect(self, law: Law, payload_type: int, tones: bool) -> None:
        """What will come: the agreed law (under 0 and 8 either, as RFC 3551 has them), and whether keys are tones."""
        self.laws = STATIC | {payload_type: law}
        if tones and not self._watch:
            self._watch = self._bank.watch(self._on_tone)
        elif not tones:
            self.deaf_to_tones()

    def deaf_to_tones(self) -> None:
        """Keys come as events: their tones, if any, are not to count twice."""
        if self._watch:
            self._bank.forget(self._watch)
            self._watch = None

    def take(self, packet: Packet, law: Law | None, now: float) -> None:
        """A packet came at `now`; `law` None: a key, which only takes its place in the order."""
        if packet.ssrc != self.ssrc and not self._changed(packet, law):
            return
        self._quiet, self._candidate = 0, None
        self.reception.arrived(packet.sequence, packet.timestamp if law else None, now)
        if self.on_audio or self.relay or self._watch:
            self._ordering = True
            for piece in self._order.put(packet, law):
                self._deliver(piece)
        elif self._ordering:
            self._rest()

    def beat(self) -> None:
        """20 ms passed. A caller whose telephone sends nothing while nobody speaks is heard as silence."""
        if not self._ordering:
            return
        self._quiet += 1
        if self._quiet > _QUIET:
            for piece in self._order.flush():
                self._deliver(piece)
            self._deliver(self._order.silence())

    def _changed(self, packet: Packet, law: Law | None) -> bool:
        """Whether another sender took over: at its second packet of audio (RFC 3550 A.1), since keys may come from a
        sender of their own (SIPp's do)."""
        if law is None:
            return False
        if self.ssrc is not None and packet.ssrc != self._candidate:
            self._candidate = packet.ssrc
            return False
        self.ssrc = packet.ssrc
        self.reception.restart()
        self._rest()
        return True

    def _rest(self) -> None:
        self._order.reset()
        self._pcm.clear()
        self._ordering = False

    def _deliver(self, piece: Piece) -> None:
        if self.relay:
            self.relay.put(piece)
        if not (self.on_audio or self._watch):
            return
        pcm = decode(piece.octets, piece.law).tobytes() if piece.octets else bytes(2 * piece.missing)
        if self._watch:
            if piece.octets or self._quiet:
                self._watch.feed(pcm)
            else:  # a lost packet in the middle of a tone must not make two keys of it
                self._watch.lost()
        if self.on_audio:
            self._tell(self.on_audio, pcm)

    def _tell(self, listener: Callable[[bytes], None], pcm: bytes) -> None:
        self._pcm += pcm
        while len(self._pcm) >= _PCM_FRAME and self.on_audio is listener:  # it may have heard enough
            frame = bytes(self._pcm[:_PCM_FRAME])
            del self._pcm[:_PCM_FRAME]
            listener(frame)
