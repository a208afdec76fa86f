"""The audio of a SIPp call: SIPp speaks SIP only well enough to be told that its audio lives at this port.

Records what arrives and says a sound, 20 ms a packet (RFC 3550); presses keys by RFC 4733 with any payload type.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass
from itertools import pairwise

from . import process
from .listening import Sound, silence

LIMIT_SECS = 150.0
KEYS = "0123456789*#"


@dataclass(frozen=True)
class Heard:
    """One RTP packet as it came."""

    at: float  # seconds, monotonic
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


class Ear:
    """Two UDP ports (RTP, RTCP) and a thread. Speaks to whoever speaks to it, or to `towards` if that is set."""

    def __init__(self, say: Sound | None = None) -> None:
        self.port = process.block()
        self.packets: list[Heard] = []
        self.reports: list[bytes] = []
        self.speaks = True
        self._say = (silence(0.0) if say is None else say).ulaw()
        self._towards: tuple[str, int] | None = None
        self._sequence, self._timestamp = 17, 4_000_000_000  # wraps during a call (RFC 3550 5.1)
        self._keys: list[tuple[str, int]] = []
        self._rtp, self._rtcp = self._socket(self.port), self._socket(self.port + 1)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def sdp(self) -> str:
        """The connection and media port for an offer."""
        return f"127.0.0.1:{self.port}"

    def press(self, key: str, payload_type: int = 101) -> None:
        """Press a key by RFC 4733: start, 100 ms, three end packets; beside the audio."""
        self._keys.append((key, payload_type))

    def heard(self) -> Sound:
        """The audio that arrived (PCMU), gaps and all: a lost packet is a hole of silence."""
        audio = {packet.timestamp: packet for packet in self.packets if packet.payload_type == 0}
        if not audio:
            return silence(0.0)
        first = self.packets[0].timestamp
        coded = bytearray(b"\xff" * (max((each - first) % 2**32 for each in audio) + 160))
        for stamp, packet in audio.items():
            at = (stamp - first) % 2**32
            coded[at : at + len(packet.payload)] = packet.payload
        return Sound.of_ulaw(bytes(coded))

    def joined(self) -> Sound:
        """The audio that arrived without its gaps: what a caller on hold would have missed is not in it."""
        return Sound.of_ulaw(b"".join(packet.payload for packet in self.packets if packet.payload_type == 0))

    def gaps(self) -> list[float]:
        """Seconds between packets."""
        return [later.at - sooner.at for sooner, later in pairwise(self.packets)]

    def close(self) -> None:
        """Stop listening and speaking."""
        self._ended.set()
        self._thread.join(5)
        self._rtp.close()
        self._rtcp.close()

    def _socket(self, port: int) -> socket.socket:
        made = socket.socket(type=socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", port))
        made.setblocking(False)
        return made

    def _run(self) -> None:
        began = time.monotonic()
        tick = 0
        while not self._ended.is_set() and time.monotonic() - began < LIMIT_SECS:
            self._receive()
            if self._towards is not None and self.speaks:
                self._speak()
            tick += 1
            self._ended.wait(max(0.0, began + tick * 0.02 - time.monotonic()))

    def _receive(self) -> None:
        for sock, keep in ((self._rtp, self._keep), (self._rtcp, self._keep_report)):
            while True:
                try:
                    keep(*sock.recvfrom(2048))
                except OSError:  # nothing there, or the other side's port is closed already (ICMP)
                    break

    def _keep(self, data: bytes, sender: tuple[str, int]) -> None:
        _, kind, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
        self.packets.append(Heard(time.monotonic(), kind & 127, sequence, timestamp, ssrc, data[12:]))
        self._towards = sender

    def _keep_report(self, data: bytes, _: tuple[str, int]) -> None:
        self.reports.append(data)

    def _speak(self) -> None:
        self._sequence += 1
        self._timestamp += 160
        said, self._say = self._say[:160].ljust(160, b"\xff"), self._say[160:]
        self._send(0, self._timestamp, said)
        if self._keys:
            key, payload_type = self._keys.pop(0)
            for number in range(1, 9):  # a key is a burst here: only its duration field counts (RFC 4733 2.5.1)
                end = 0x80 if number > 5 else 0
                self._sequence += 1
                event = struct.pack("!BBH", KEYS.index(key), end | 10, min(number, 5) * 160)
                self._send(payload_type, self._timestamp, event)

    def _send(self, payload_type: int, timestamp: int, payload: bytes) -> None:
        head = struct.pack("!BBHII", 0x80, payload_type, self._sequence % 2**16, timestamp % 2**32, 0x5EED)
        try:
            self._rtp.sendto(head + payload, self._towards or ("127.0.0.1", 9))
        except OSError:
            return  # the call is over and its port closed: nobody listens any more
