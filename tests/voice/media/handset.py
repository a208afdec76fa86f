"""A telephone's audio for the tests: a real socket, packets by hand, nothing clever."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from voice.g711 import Clip, Law
from voice.media import dtmf, rtcp
from voice.media.media import Media
from voice.media.rtp import FRAME, Packet, parse, write
from voice.media.stream import RemoteMedia, Stream

LIMIT = 15.0  # seconds that anything may take on a busy machine


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


class Handset:
    """Sends and keeps packets. `host` may be any of 127.0.0.0/8: other addresses are other hosts."""

    def __init__(self, stream: Stream, law: Law = "PCMU", host: str = "127.0.0.1", key_type: int | None = 101) -> None:
        self.law, self.key_type, self.stream = law, key_type, stream
        self.audio, self.control = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for each in (self.audio, self.control):
            each.bind((host, 0))
            each.setblocking(False)
        self.host, self.port = self.audio.getsockname()
        self.ssrc, self.sequence, self.timestamp = 0x1000 + self.port, 65530, 0xFFFFFF00  # both wrap soon
        self.packets: list[Packet] = []
        self.reports: list[bytes] = []
        loop = asyncio.get_running_loop()
        loop.add_reader(self.audio, self._take)
        loop.add_reader(self.control, lambda: self.reports.append(self.control.recv(2000)))

    def _take(self) -> None:
        packet = parse(self.audio.recv(2000))
        assert packet
        self.packets.append(packet)

    def remote(self, sends: bool = True, receives: bool = True) -> RemoteMedia:
        """What its SDP would say."""
        return RemoteMedia(
            self.host, self.port, self.law, 0 if self.law == "PCMU" else 8, self.key_type, sends, receives,
            self.control.getsockname()[1],
        )  # fmt: skip

    def packet(self, payload: bytes, kind: int | None = None) -> Packet:
        """The next packet of audio; not sent."""
        kind = (0 if self.law == "PCMU" else 8) if kind is None else kind
        packet = Packet(kind, False, self.sequence, self.timestamp, self.ssrc, payload)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + len(payload)) & 0xFFFFFFFF
        return packet

    def send(self, *packets: Packet) -> None:
        """Send packets as they are."""
        for packet in packets:
            self.audio.sendto(write(packet), ("127.0.0.1", self.stream.port))

    def speak(self, clip: Clip) -> list[Packet]:
        """The packets of a clip; not sent."""
        octets = clip.coded(self.law)
        return [self.packet(octets[at : at + FRAME]) for at in range(0, len(octets), FRAME)]

    def press(self, keys: str, kind: int | None = None) -> None:
        """Press keys, all at once."""
        for key in keys:
            for i, payload in enumerate(dtmf.press(key)):
                packet = Packet(kind or self.key_type or 101, i == 0, self.sequence, self.timestamp, self.ssrc, payload)
                self.sequence = (self.sequence + 1) & 0xFFFF
                self.send(packet)
            self.timestamp = (self.timestamp + 1600) & 0xFFFFFFFF

    def report(self, datagram: bytes) -> None:
        """Send RTCP."""
        self.control.sendto(datagram, ("127.0.0.1", self.stream.port + 1))

    @property
    def sound(self) -> list[Packet]:
        """The packets of audio that came."""
        return [packet for packet in self.packets if packet.payload_type in (0, 8)]

    @property
    def heard(self) -> bytes:
        """All audio that came, in octets of its law."""
        return b"".join(packet.payload for packet in self.sound)

    @property
    def keys(self) -> str:
        """The keys that were pressed for it."""
        events = dtmf.KeyEvents()
        return "".join(key for p in self.packets if p.payload_type == self.key_type and (key := events.take(p)))

    @property
    def told(self) -> list[rtcp.Heard]:
        """The reports that came."""
        return [heard for report in self.reports if (heard := rtcp.parse(report))]

    def close(self) -> None:
        """Hang up."""
        loop = asyncio.get_running_loop()
        for each in (self.audio, self.control):
            loop.remove_reader(each)
            each.close()


class Line:
    """A `Media`, and handsets connected to streams of it."""

    def __init__(self, media: Media) -> None:
        self.media = media
        self.handsets: list[Handset] = []

    def call(self, law: Law = "PCMU", host: str = "127.0.0.1", key_type: int | None = 101) -> tuple[Stream, Handset]:
        """A stream connected to a handset."""
        stream, handset = self.call_of(self.media.open(), law, host, key_type)
        stream.connect(handset.remote())
        return stream, handset

    def call_of(
        self, stream: Stream, law: Law = "PCMU", host: str = "127.0.0.1", key_type: int | None = 101
    ) -> tuple[Stream, Handset]:
        """A handset for a stream, which does not know it yet."""
        self.handsets.append(Handset(stream, law, host, key_type))
        return stream, self.handsets[-1]


@asynccontextmanager
async def line(ports: range = range(0), silence_seconds: float = 30.0, symmetric: bool = False) -> AsyncIterator[Line]:
    """A line that is closed at the end of a test."""
    media = Media("127.0.0.1", ports, silence_seconds=silence_seconds, symmetric=symmetric)
    await media.start()
    opened = Line(media)
    try:
        yield opened
    finally:
        await media.close()
        for handset in opened.handsets:
            handset.close()
