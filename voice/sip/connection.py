"""One TCP connection of SIP: where a message ends (RFC 3261 18.3), keep-alives (RFC 5626 4.4.1), limits of patience."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from voice.sip.pace import Pace

LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
LENGTH_NAME = re.compile(rb"^(?:content-length|l)[ \t]*:", re.IGNORECASE | re.MULTILINE)
PAUSE = 0.1  # seconds
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """What the TCP side puts up with."""

    connections: int = 200
    connections_per_host: int = 50
    header_bytes: int = 8192
    body_bytes: int = 65535
    unsent_bytes: int = 262_144  # a peer that does not read is cut off
    idle_seconds: float = 600.0
    message_seconds: float = 10.0  # from a message's first byte to its last
    connect_seconds: float = 4.0
    opening: int = 50  # connections being opened at once
    queued: int = 20  # messages waiting for one of them


class FramingError(ValueError):
    """The stream cannot be cut into messages any more; the connection has to go."""


class Framer:
    """Cuts a byte stream into messages. `broken` is set when the last one had no length: nothing after it counts."""

    def __init__(self, limits: Limits) -> None:
        self.broken = False
        self._limits = limits
        self._buffer = bytearray()
        self._needed = 0  # bytes of the message being collected, 0 until its header is complete
        self._seen = 0  # bytes already searched for the end of the header
        self._blank = 0  # bytes of keep-alive since the last message

    @property
    def waiting(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> tuple[list[bytes], int]:
        """Add bytes; gives the complete messages and how many keep-alives asked for a pong. Raises FramingError."""
        self._buffer += data
        messages: list[bytes] = []
        pings = 0
        while not self.broken:
            pings += self._skip_keepalives()
            message = self._next()
            if message is None:
                break
            messages.append(message)
        return messages, pings

    def _skip_keepalives(self) -> int:
        """Leave out CRLFs between messages (RFC 3261 7.5); a double one is a ping (RFC 5626 4.4.1)."""
        if self._needed or self._seen:
            return 0
        size = len(self._buffer) - len(self._buffer.lstrip(b"\r\n\0"))
        del self._buffer[:size]
        pings, rest = divmod(self._blank + size, len(END))
        self._blank = 0 if self._buffer else rest  # a ping may come in two segments
        return pings

    def _next(self) -> bytes | None:
        if not self._needed:
            end = self._buffer.find(END, max(0, self._seen - 3))
            if end < 0:
                self._seen = len(self._buffer)
                if self._seen > self._limits.header_bytes:
                    raise FramingError("the header is too long")
                return None
            self._needed = self._size(end + 4)
        if len(self._buffer) < self._needed:
            return None
        message = bytes(self._buffer[: self._needed])
        del self._buffer[: self._needed]
        self._needed = self._seen = 0
        return message

    def _size(self, header: int) -> int:
        """Bytes of the whole message; without a readable Content-Length it ends here and so does the stream."""
        if header > self._limits.header_bytes:
            raise FramingError("the header is too long")
        head = bytes(self._buffer[:header])
        lengths = LENGTH.findall(head)
        if len(lengths) != 1 or len(LENGTH_NAME.findall(head)) != 1:
            self.broken = True
            return header
        if int(lengths[0]) > self._limits.body_bytes:
            self.broken = True
            return header
        return header + int(lengths[0])


class Connection(asyncio.Protocol):
    """One connection, opened by the peer or by us."""

    def __init__(
        self,
        admit: Callable[[Connection], bool],
        deliver: Callable[[Connection, bytes], bool],
        gone: Callable[[Connection], None],
        pace: Pace,
        limits: Limits,
    ) -> None:
        self.peer: tuple[str, int] = ("", 0)
        self._admit, self._deliver, self._gone = admit, deliver, gone
        self._pace, self._limits = pace, limits
        self._framer = Framer(limits)
        self._waiting: deque[bytes] = deque()  # messages that came too fast
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection is open."""
        self._transport = cast(asyncio.Transport, transport)
        name = self._transport.get_extra_info("peername")
        self.peer = (str(name[0]), int(name[1])) if name else ("", 0)
        if not name or not self._admit(self):
            self._transport.abort()
            return
        self._rest()

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        try:
            messages, pings = self._framer.feed(data)
        except FramingError:
            self.close()
            return
        for _ in range(min(pings, 4)):
            self.write(b"\r\n")
        self._waiting.extend(messages)
        self._hand_over()
        if self._framer.broken:
            self.close()
        elif self._transport is not None:
            self._rest(began=bool(messages))

    def _hand_over(self) -> None:
        """Deliver what came; when that is too fast, read no more until it is done: TCP passes the wait on."""
        while self._waiting and self._transport is not None:
            if not self._deliver(self, self._waiting[0]):
                self._transport.pause_reading()
                self._pace.later(PAUSE, self._hand_over)
                return
            self._waiting.popleft()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """asyncio: the connection is closed."""
        self._transport = None
        for timer in (self._idle, self._slow):
            if timer is not None:
                timer.cancel()
        self._gone(self)

    def write(self, data: bytes) -> None:
        """Queue bytes; a peer that leaves too much unread is cut off."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._limits.unsent_bytes:
            self._transport.abort()

    def close(self) -> None:
        """Send what is queued, then close."""
        if self._transport is not None:
            self._transport.close()

    def _rest(self, began: bool = False) -> None:
        """Count the idle time anew; a message that has begun must end in time, however slowly its bytes drip."""
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._pace.later(self._limits.idle_seconds, self.close)
        if self._slow is not None and (began or not self._framer.waiting):
            self._slow.cancel()
            self._slow = None
        if self._slow is None and self._framer.waiting:
            self._slow = self._pace.later(self._limits.message_seconds, self.close)
