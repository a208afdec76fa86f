"""Answers to our INVITE and REGISTER with bytes changed, cut, doubled: no error, nothing left behind."""

from __future__ import annotations

import asyncio
import random

import pytest

from voice.media.media import Media
from voice.sip.config import SipConfig
from voice.sip.server import SipServer
from voice.sip.transport import Address

from .peers import Peer, answer, silent

BODY = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 101\r\n"
LINES = (
    'Contact: "a, b" <sip:desk@127.0.0.1:9;x=y>;q=0.5',
    "Record-Route: <sip:127.0.0.1:9;lr>, <sip:10.0.0.1>",
    "Session-Expires: 1800;refresher=uas",
    'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=MD5',
    "Min-SE: 100",
    "Allow: INVITE, ACK, BYE",
)
STATUSES = ("180 Ringing", "200 OK", "302 Moved", "401 Who", "407 Who", "422 Short", "486 Busy", "503 No")
PIECES = (b"", b"\r\n", b'"', b"<", b">", b";", b",", b"=", b"\\", b"\x00", b"\xff", b"%", b"tag=", b"999999999999")


class Quiet:
    """A handler of a leg that nobody looks at."""

    def on_answered(self) -> None:
        pass

    def on_key(self, key: str) -> None:
        pass

    def on_ended(self, by: str, reason: str) -> None:
        pass


def changed(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to four places cut out, doubled or overwritten; the Via stays, or nobody would read it."""
    head, _, rest = data.partition(b"From: ")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(rest))
        end = min(len(rest), at + chance.choice((0, 1, 2, 5, 20)))
        middle = chance.choice((chance.choice(PIECES), rest[at:end] * 2, bytes([chance.randrange(256)])))
        rest = rest[:at] + middle + rest[end:]
    return head + b"From: " + rest


@pytest.mark.slow
async def test_changed_answers_to_our_calls_cause_no_error_and_leave_nothing() -> None:
    chance = random.Random(20261121)
    media = Media("127.0.0.1", range(0))
    await media.start()
    config = SipConfig(port=0, t1=0.005, requests_per_second=1e9, burst=10**9, all_requests_per_second=1e9)
    server = SipServer(config, media, lambda _: None)
    await server.start()
    peer = await Peer(silent).start()
    there: Address = ("127.0.0.1", peer.port, "udp")
    for number in range(400):
        peer.received.clear()
        call = server.dial(f"sip:op@127.0.0.1:{peer.port}", Quiet(), 1000.0)
        await peer.wait("INVITE")
        for _ in range(25):
            await asyncio.sleep(0)
            invite = peer.all("INVITE")[-1]  # the newest: a challenge or a redirection may have brought another
            data = answer(invite, chance.choice(STATUSES), *chance.sample(LINES, chance.randint(0, 6)), body=BODY)
            server.reception.receive(changed(data, chance), there)
        if number % 2:
            call.hang_up()
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        for call in list(server.calls.values()):
            call.hang_up()
        while server.calls or server.reception.dialogs or len(server.clients) or media.streams:
            await asyncio.sleep(0.01)
    assert server.counts["failed"] == 0
    assert server.counts["messages"] == 10_000
    assert 1_000 < server.counts["malformed"] < 9_000  # so both kinds were there
    await server.close()
    await peer.close()
    await media.close()
