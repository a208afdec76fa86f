"""A telephone for tests of the server: bytes in, bytes out over real sockets of 127.0.0.1; knows nothing of voice/sip.

`service` runs the real server with real media beside it; `Owner` is what takes its calls.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from voice.media.media import Media
from voice.sip.call import Call
from voice.sip.config import SipConfig
from voice.sip.server import Refusal, SipServer

from .peers import Heard, answer, read

NUMBERS = itertools.count(1)
QUICK = 0.01  # seconds of T1: 64*T1 pass in 0.64 s
PATIENCE = 5.0  # seconds a test waits for anything
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP {types}\r\n"


def sdp(types: str = "0 101", *lines: str) -> str:
    """An offer of one audio stream; keys as type 101 when that is among `types`."""
    keys = "a=rtpmap:101 telephone-event/8000\r\n" if "101" in types else ""
    return SDP.format(types=types) + keys + "".join(f"{line}\r\n" for line in lines)


class Owner:
    """Takes calls: answers at once (unless told otherwise) and writes down what happens."""

    def __init__(self, act: Callable[[Call], Refusal | None] | None = None) -> None:
        self.calls: list[Call] = []
        self.events: list[str] = []
        self.act = act or (lambda call: call.answer())
        self._news = asyncio.Event()

    def take(self, call: Call) -> Refusal | None:
        self.calls.append(call)
        call.handler = self
        return self.act(call)

    def note(self, event: str) -> None:
        self.events.append(event)
        self._news.set()

    def on_answered(self) -> None:
        self.note("answered")

    def on_key(self, key: str) -> None:
        self.note(f"key {key}")

    def on_ended(self, by: str, reason: str) -> None:
        self.note(f"ended by {by}: {reason}")

    async def until(self, event: str) -> None:
        """Wait for an event that begins like this."""
        async with asyncio.timeout(PATIENCE):
            while not any(one.startswith(event) for one in self.events):
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def service(
    owner: Owner | None = None, t1: float = QUICK, ports: range = range(0), **settings: object
) -> AsyncIterator[SipServer]:
    """The server on a free port. All its calls must have ended cleanly when a test is over."""
    media = Media("127.0.0.1", ports)
    await media.start()
    config = SipConfig(port=0, t1=t1, **settings)  # type: ignore[arg-type]
    server = SipServer(config, media, (owner or Owner()).take)
    await server.start()
    try:
        yield server
    finally:
        await server.close()
        await media.close()
        assert not server.calls
        assert server.counts["failed"] == 0


class Wire(asyncio.DatagramProtocol, asyncio.Protocol):
    """A socket: what was heard waits in a queue."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Heard] = asyncio.Queue()
        self.raw = bytearray()
        self.closed = asyncio.Event()
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 - asyncio's
        self.heard.put_nowait(read(data))

    def data_received(self, data: bytes) -> None:
        self.raw += data
        while b"\r\n\r\n" in self.raw:
            head = bytes(self.raw[: self.raw.index(b"\r\n\r\n") + 4])
            length = next((int(v) for n, v in _fields(head) if n == b"content-length"), 0)
            if len(self.raw) < len(head) + length:
                return
            message = bytes(self.raw[: len(head) + length])
            del self.raw[: len(message)]
            if message.strip():
                self.heard.put_nowait(read(message))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.closed.set()


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return [(name.strip().lower(), value.strip()) for name, _, value in lines]


@dataclass
class Telephone:
    """One caller with one call. `send` writes a request of it, `hear` reads the next message that is no 100."""

    wire: Wire
    port: int  # ours
    server: int
    kind: str = "UDP"
    call_id: str = field(default_factory=lambda: f"call-{next(NUMBERS)}")
    tag: str = "caller"
    to_tag: str = ""
    cseq: int = 0
    branch: str = ""
    target: str = ""
    invite_cseq: int = 0
    contact_port: int = 0  # where its Contact says it listens; 0: the port of its socket

    def text(self, method: str, *lines: str, body: str = "", kind: str = "application/sdp", **over: str) -> bytes:
        """The bytes of a request; `over` replaces uri, cseq, to, sender, branch, via or call_id."""
        if method not in {"ACK", "CANCEL"}:
            self.cseq += 1
            self.branch = f"z9hG4bK{next(NUMBERS)}"
            if method == "INVITE":
                self.invite_cseq = self.cseq
        elif method == "ACK":
            self.branch = over.get("branch") or f"z9hG4bK{next(NUMBERS)}"
        number = self.invite_cseq if method in {"ACK", "CANCEL"} else self.cseq
        tag = f";tag={self.to_tag}" if self.to_tag else ""
        head = [
            f"{method} {over.get('uri') or self.target or f'sip:8100@127.0.0.1:{self.server}'} SIP/2.0",
            f"Via: {over.get('via') or self.via(over.get('branch') or self.branch)}",
            f"From: {over.get('sender') or '<sip:0487001234@127.0.0.1>'};tag={self.tag}",
            f"To: {over.get('to') or f'<sip:8100@127.0.0.1>{tag}'}",
            f"Call-ID: {over.get('call_id') or self.call_id}",
            f"CSeq: {over.get('cseq') or f'{number} {method}'}",
            "Max-Forwards: 70",
        ]
        if method in {"INVITE", "UPDATE"}:
            where = f"127.0.0.1:{self.contact_port or self.port}"
            head.append(f"Contact: <sip:me@{where}{';transport=tcp' if self.kind == 'TCP' else ''}>")
        if body:
            head.append(f"Content-Type: {kind}")
        head += [*lines, f"Content-Length: {len(body.encode())}", "", body]
        return "\r\n".join(head).encode()

    def via(self, branch: str) -> str:
        return f"SIP/2.0/{self.kind} 127.0.0.1:{self.port};branch={branch};rport"

    def send(self, method: str, *lines: str, body: str = "", kind: str = "application/sdp", **over: str) -> bytes:
        data = self.text(method, *lines, body=body, kind=kind, **over)
        self.put(data)
        return data

    def put(self, data: bytes) -> None:
        if self.kind == "UDP":
            cast(asyncio.DatagramTransport, self.wire.transport).sendto(data, ("127.0.0.1", self.server))
        else:
            cast(asyncio.WriteTransport, self.wire.transport).write(data)

    async def hear(self, start: str = "", provisional: bool = False) -> Heard:
        """The next message; a 100 is passed over. `start`: it must begin like this."""
        async with asyncio.timeout(PATIENCE):
            message = await self.wire.heard.get()
            while message.start.startswith("SIP/2.0 100") and not provisional:
                message = await self.wire.heard.get()
        assert message.start.startswith(start), message.start
        return message

    async def until(self, start: str) -> Heard:
        """The next message that begins like this; others are passed over."""
        async with asyncio.timeout(PATIENCE):
            while not (message := await self.wire.heard.get()).start.startswith(start):
                pass
        return message

    async def ask(self, method: str, *lines: str, body: str = "", kind: str = "application/sdp", **over: str) -> Heard:
        """Send a request, hear the answer to it."""
        self.send(method, *lines, body=body, kind=kind, **over)
        number = self.invite_cseq if method == "CANCEL" else self.cseq
        while (message := await self.hear()).get("CSeq") != (over.get("cseq") or f"{number} {method}"):
            pass
        return message

    def in_call(self, success: Heard) -> None:
        """Take the dialog of a 2xx or 180."""
        self.to_tag = success["To"].split("tag=")[1]
        self.target = success.contact_uri

    async def call(self, *lines: str, body: str | None = None) -> Heard:
        """INVITE, 200, ACK."""
        success = await self.ask("INVITE", *lines, body=sdp() if body is None else body)
        assert success.start == "SIP/2.0 200 OK", success.start
        self.in_call(success)
        self.send("ACK")
        return success

    def reply(self, request: Heard, status: str = "200 OK", *lines: str, body: str = "") -> None:
        self.put(answer(request, status, *lines, body=body))

    async def expect_bye(self) -> Heard:
        bye = await self.until("BYE")
        self.reply(bye)
        return bye


@asynccontextmanager
async def telephone(server: SipServer, kind: str = "UDP") -> AsyncIterator[Telephone]:
    """A telephone with a socket of its own."""
    loop = asyncio.get_running_loop()
    wire = Wire()
    if kind == "UDP":
        await loop.create_datagram_endpoint(lambda: wire, local_addr=("127.0.0.1", 0))
    else:
        await loop.create_connection(lambda: wire, "127.0.0.1", server.port)
    transport = wire.transport
    assert transport is not None
    try:
        yield Telephone(wire, transport.get_extra_info("sockname")[1], server.port, kind)
    finally:
        transport.close()
        await asyncio.sleep(0)
