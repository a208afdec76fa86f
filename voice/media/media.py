"""All calls' audio: the ports and the clock."""

from __future__ import annotations

import asyncio
import logging
import random
import socket

from voice.media.clock import Clock
from voice.media.stream import Stream
from voice.media.tones import ToneBank

log = logging.getLogger(__name__)
_EXPEDITED = 0xB8  # DSCP EF (RFC 3246): routers that know put voice first
_TRIES = 64  # where the system chooses the ports


class NoPortLeft(Exception):
    """Every port of the range is taken by a call (or by another program)."""


class Media:
    """Opens the streams and drives them with one clock.

    `ports`: UDP ports to use, two a call (RTP on the even one, RTCP after it); an empty range lets the system choose.
    `advertised`: the address for SDP, if one is set; the streams do not use it. `silence_seconds`: how long nothing
    may come before `on_dead`. `symmetric`: answer the address that audio comes from and not the one in SDP, for
    callers behind address translation; off by default since the first to send to the port would be believed.
    """

    def __init__(
        self, host: str, ports: range, advertised: str | None = None, silence_seconds: float = 30.0,
        symmetric: bool = False,
    ) -> None:  # fmt: skip
        self.host, self.advertised = host, advertised
        self.silence_seconds, self.symmetric = silence_seconds, symmetric
        self.tones = ToneBank()
        self.clock = Clock(self._beat)
        self.loop: asyncio.AbstractEventLoop
        self._streams: dict[int, Stream] = {}
        self._ports = [port for port in ports if port % 2 == 0 and port + 1 in ports]
        self._next = random.randrange(len(self._ports)) if self._ports else 0

    async def start(self) -> None:
        """Start the clock in the running loop."""
        self.loop = asyncio.get_running_loop()
        self.clock.start()

    async def close(self) -> None:
        """Stop the clock and close every stream."""
        self.clock.stop()
        for stream in tuple(self._streams.values()):
            stream.close()

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._streams)

    def open(self) -> Stream:
        """A stream with ports of its own. Raises NoPortLeft."""
        stream = Stream(self, *self._sockets())
        self._streams[stream.port] = stream
        return stream

    def forget(self, stream: Stream) -> None:
        """A stream was closed."""
        self._streams.pop(stream.port, None)

    def _beat(self, number: int) -> None:
        for stream in tuple(self._streams.values()):
            try:
                stream.beat(number)
            except Exception:  # an edge: whoever listens to one call must not silence the others
                log.exception("the audio of a call failed")
        self.tones.listen()

    def _sockets(self) -> tuple[socket.socket, socket.socket]:
        for _ in range(len(self._ports) or _TRIES):
            port = 0
            if self._ports:  # in turn: late packets of the call before find nobody
                port, self._next = self._ports[self._next], (self._next + 1) % len(self._ports)
            if port in self._streams:
                continue
            pair = self._pair(port)
            if pair:
                return pair
        raise NoPortLeft

    def _pair(self, port: int) -> tuple[socket.socket, socket.socket] | None:
        """An even port and the next (RFC 3550 11), or None if one is taken. Port 0: whichever the system gives."""
        audio, control = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        try:
            audio.bind((self.host, port))
            given = audio.getsockname()[1]
            if given % 2 == 0:
                control.bind((self.host, given + 1))
                for each in (audio, control):
                    each.setblocking(False)
                    each.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _EXPEDITED)
                return audio, control
        except OSError:  # taken
            pass
        audio.close()
        control.close()
        return None
