"""Keys as RTP events (RFC 4733): each press is taken once, however often its packets are repeated."""

from __future__ import annotations

from voice.g711 import RATE
from voice.media.rtp import FRAME, Packet, ahead

KEYS = "0123456789*#"  # the event codes 0-11; A-D (12-15) are on no telephone that calls us
_NEARBY = RATE // 10  # an event that starts so soon after one that never ended is the same press


class KeyEvents:
    """Follows the events of one stream."""

    __slots__ = ("_duration", "_ended", "_event", "_ssrc", "_timestamp")

    def __init__(self) -> None:
        self._ssrc = self._event = self._timestamp = -1
        self._duration = 0
        self._ended = True

    def take(self, packet: Packet) -> str | None:
        """The key, at the first packet of a press that comes through (its start may be lost); otherwise None.

        Repeats, the three end packets and late packets of an earlier press have a timestamp already seen. A press
        longer than 8 s goes on under a new timestamp (RFC 4733 2.5.1.3), as do all packets of some gateways.
        """
        if len(packet.payload) < 4:
            return None
        event, flags = packet.payload[0], packet.payload[1]
        duration = int.from_bytes(packet.payload[2:4], "big")
        same_sender = packet.ssrc == self._ssrc
        later = ahead(packet.timestamp, self._timestamp, 32)
        if same_sender and later <= 0:
            if not later:
                self._ended, self._duration = self._ended or bool(flags & 0x80), duration
            return None
        goes_on = (
            same_sender
            and event == self._event
            and not self._ended
            and not packet.marker
            and later <= self._duration + _NEARBY
        )
        self._ssrc, self._event, self._timestamp = packet.ssrc, event, packet.timestamp
        self._duration, self._ended = duration, bool(flags & 0x80)
        return KEYS[event] if event < len(KEYS) and not goes_on else None


def press(key: str, seconds: float = 0.1) -> list[bytes]:
    """The payloads that press a key, one every 20 ms; the last three end it (RFC 4733 2.5.1.4). Volume -10 dBm0."""
    event, frames = KEYS.index(key), max(1, round(seconds * RATE / FRAME))
    holding = [_payload(event, 10, frame * FRAME) for frame in range(1, frames + 1)]
    return holding + [_payload(event, 0x80 | 10, frames * FRAME)] * 3


def _payload(event: int, flags: int, duration: int) -> bytes:
    return bytes((event, flags)) + duration.to_bytes(2, "big")
