"""Peers for tests of the calling side: they read and write bytes themselves and use nothing of voice/sip.

`Peer` is any SIP server over UDP or TCP whose answers a test decides.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

TAGS = itertools.count(1)


@dataclass
class Heard:
    """One message that arrived: start line, header values by lower-case name, body, sender."""

    start: str
    headers: dict[str, list[str]]
    body: bytes
    source: object

    @property
    def method(self) -> str:
        return self.start.split(" ")[0]

    @property
    def uri(self) -> str:
        return self.start.split(" ")[1]

    def __getitem__(self, name: str) -> str:
        return self.headers[name.lower()][0]

    def get(self, name: str) -> str:
        return self.headers.get(name.lower(), [""])[0]

    @property
    def branch(self) -> str:
        return self["Via"].split("branch=")[1].split(";")[0]

    @property
    def contact_uri(self) -> str:
        return self["Contact"].split("<")[1].split(">")[0]


def read(data: bytes, source: object = None) -> Heard:
    """Cut a message as our side writes it: CRLF, long names, one value a line."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.lower(), []).append(value.strip())
    return Heard(start, headers, body, source)


def answer(request: Heard, status: str, *lines: str, body: str = "", tag: str = "peer") -> bytes:
    """A response to `request`; `lines` are more header lines."""
    to = request["To"] if "tag=" in request["To"] or status.startswith("100") else f"{request['To']};tag={tag}"
    head = [f"SIP/2.0 {status}", *(f"Via: {via}" for via in request.headers["via"]), f"From: {request['From']}"]
    head += [f"To: {to}", f"Call-ID: {request['Call-ID']}", f"CSeq: {request['CSeq']}", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body.encode())}", "", body]).encode()


Act = Callable[["Peer", Heard], None]


@dataclass
class Peer(asyncio.DatagramProtocol):
    """A SIP peer. `act` is called with each message; `received` keeps all of them, `refused` all bytes not SIP."""

    act: Act
    received: list[Heard] = field(default_factory=list)
    port: int = 0
    _udp: asyncio.DatagramTransport | None = None
    _tcp: asyncio.Server | None = None
    _streams: list[asyncio.StreamWriter] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, port: int = 0) -> Peer:
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", port))
        self.port = self._udp.get_extra_info("sockname")[1]
        return self

    async def start_tcp(self) -> Peer:
        self._tcp = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = self._tcp.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
        for stream in self._streams:
            stream.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(read(data, addr))

    def send(self, data: bytes, to: object) -> None:
        if isinstance(to, asyncio.StreamWriter):
            to.write(data)
        elif self._udp is not None:
            self._udp.sendto(data, to)  # type: ignore[arg-type]

    def reply(self, request: Heard, status: str, *lines: str, body: str = "", tag: str = "peer") -> None:
        self.send(answer(request, status, *lines, body=body, tag=tag), request.source)

    def methods(self) -> list[str]:
        return [message.method for message in self.received]

    def all(self, method: str) -> list[Heard]:
        return [message for message in self.received if message.method == method]

    async def wait(self, method: str, count: int = 1, seconds: float = 10.0) -> Heard:
        """The `count`th message of a method (or status line beginning), once it is there."""
        async with asyncio.timeout(seconds):
            while len(self.all(method)) < count:
                self._news.clear()
                await self._news.wait()
        return self.all(method)[count - 1]

    def _take(self, message: Heard) -> None:
        self.received.append(message)
        self._news.set()
        self.act(self, message)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._streams.append(writer)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            message = read(head, writer)
            message.body = await reader.readexactly(int(message.get("Content-Length") or 0))
            self._take(message)


def silent(_peer: Peer, _message: Heard) -> None:
    """Says nothing."""
