"""RTCP of one leg: reports every five seconds or so, what the other side says of us, and goodbye."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import time
from typing import TYPE_CHECKING

from voice.media import rtcp

if TYPE_CHECKING:
    from voice.media.stream import Stream

_LARGEST = 2048
_MOST_REPORTS = 20  # a second; a flood of more waits in the kernel


class Control:
    """Its life sign counts like audio: a telephone that is silent on purpose still reports."""

    def __init__(self, stream: Stream, control: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self.lost_there = 0  # packets of ours that the other side missed
        self.round_trip: float | None = None  # seconds
        self._stream, self._socket, self._loop = stream, control, loop
        self._name = base64.b64encode(os.urandom(12))  # RFC 7022: a name for this call only, telling nothing
        self._due = 0.0
        self._reported = -1  # packets sent at the last report
        self._heard = (0, 0.0)  # middle of the NTP time of its last sender report, and when that came
        self._taken = 0  # datagrams since the last beat
        loop.add_reader(control, self._receive)

    def beat(self, now: float) -> None:
        """Called about once a second; sends a report when one is due. `now`: the loop's time."""
        if self._taken > _MOST_REPORTS:
            self._loop.add_reader(self._socket, self._receive)
        self._taken = 0
        if not self._due:
            self._due = now + rtcp.pause(first=True)
        elif now >= self._due:
            self._due = now + rtcp.pause()
            self._send(self._report(now))

    def close(self) -> None:
        """Say goodbye, if ever anything was said, and give the port back."""
        self._loop.remove_reader(self._socket)
        if self._stream.sent:
            self._send(self._report(self._loop.time()) + rtcp.goodbye(self._stream.ssrc))
        self._socket.close()

    def _receive(self) -> None:
        self._taken += 1
        if self._taken > _MOST_REPORTS:
            self._loop.remove_reader(self._socket)
            return
        try:
            datagram, source = self._socket.recvfrom(_LARGEST)
        except OSError:  # taken back by the kernel (a false checksum), or closed
            return
        heard = rtcp.parse(datagram)
        if heard is None or not self._stream.hears(source[0]):
            self._stream.ignored += 1
            return
        now = self._stream.alive()
        if heard.sent_at:
            self._heard = (heard.sent_at, now)
        for block in heard.blocks:
            if block.ssrc == self._stream.ssrc:
                self.lost_there = max(0, block.lost)
                self.round_trip = rtcp.round_trip(block, time.time()) or self.round_trip

    def _report(self, now: float) -> bytes:
        stream = self._stream
        blocks = b""
        if stream.listening.ssrc is not None:
            sent_at, came = self._heard
            blocks = rtcp.block(stream.listening.ssrc, stream.listening.reception, sent_at, now - came)
        sent = rtcp.Sent(stream.ssrc, stream.timestamp, stream.sent, stream.octets)
        sending = stream.sent != self._reported and stream.sent > 0
        self._reported = stream.sent
        return rtcp.report(sent, blocks, self._name, sending)

    def _send(self, datagram: bytes) -> None:
        remote = self._stream.remote
        if remote is None or remote.host == "0.0.0.0":
            return
        try:
            self._socket.sendto(datagram, (remote.host, remote.rtcp_port or remote.port + 1))
        except OSError:  # no route, or no room: the next report says the same
            return
