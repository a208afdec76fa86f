"""What tests of outgoing legs share: a server of ours, a handler that notes, a person who answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from voice.media.media import Media
from voice.sip.call import Call
from voice.sip.config import SipConfig
from voice.sip.server import SipServer

from .ends import QUICK
from .peers import Act, Heard, Peer

CONFIG = SipConfig(port=0, t1=QUICK, max_calls=10)
RING = 30.0  # seconds as the RFC counts; 0.6 here


class Handler:
    """Notes what a leg tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.news = asyncio.Event()

    def note(self, *what: str) -> None:
        self.told.append(what)
        self.news.set()

    def on_ringing(self) -> None:
        self.note("ringing")

    def on_answered(self) -> None:
        self.note("answered")

    def on_key(self, key: str) -> None:
        self.note("key", key)

    def on_ended(self, by: str, reason: str) -> None:
        self.note("ended", by, reason)

    async def until(self, first: str) -> tuple[str, ...]:
        async with asyncio.timeout(10):
            while not (found := [what for what in self.told if what[0] == first]):
                self.news.clear()
                await self.news.wait()
        return found[0]


@asynccontextmanager
async def service(
    config: SipConfig = CONFIG, take: Callable[[Call], None] = lambda _: None
) -> AsyncIterator[SipServer]:
    media = Media("127.0.0.1", range(0))
    await media.start()
    server = SipServer(config, media, take)
    await server.start()
    try:
        yield server
    finally:
        await server.close()
        await media.close()


def sdp(port: int, law: str = "0 101", direction: str = "sendrecv") -> str:
    return (
        f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {law}\r\n"
        f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    )


def person(status: str = "200 OK", first: str = "180 Ringing", port: int = 9, more: tuple[str, ...] = ()) -> Act:
    """Rings, answers with `status`, takes part in the call; `port` is where its audio goes."""

    def act(peer: Peer, message: Heard) -> None:
        if message.method == "INVITE":
            if first:
                peer.reply(message, first)
            if status:
                peer.reply(message, status, f"Contact: <sip:desk@127.0.0.1:{peer.port}>", *more, body=sdp(port))
        elif message.method not in {"ACK", "SIP/2.0"}:
            peer.reply(message, "200 OK")

    return act


def dial(server: SipServer, peer: Peer, handler: Handler, ring: float = RING, transport: str = "udp") -> Call:
    return server.dial(f"sip:op@127.0.0.1:{peer.port};transport={transport}", handler, ring, "0487001234")


def from_peer(invite: Heard, method: str, number: int, body: str = "", *lines: str) -> bytes:
    """A request of the person within the call."""
    head = [
        f"{method} {invite.contact_uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKpeer{method}{number}",
        "Max-Forwards: 70",
        f"From: {invite['To']};tag=peer",
        f"To: {invite['From']}",
        f"Call-ID: {invite['Call-ID']}",
        f"CSeq: {number} {method}",
        *lines,
    ]
    if body:
        head.append("Content-Type: application/sdp")
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", body]).encode()


async def status(peer: Peer, number: int, method: str) -> str:
    """The status of the final answer to a request of the peer."""
    async with asyncio.timeout(10):
        while True:
            for message in peer.all("SIP/2.0"):
                if message["CSeq"] == f"{number} {method}" and not message.start.startswith("SIP/2.0 1"):
                    return message.start.split(" ")[1]
            await asyncio.sleep(0.005)
