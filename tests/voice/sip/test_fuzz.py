"""Broken messages by the hundred thousand: no exception escapes, no table grows, memory stays where it is."""

from __future__ import annotations

import asyncio
import random
import tracemalloc

import pytest

from voice.sip import server_transactions
from voice.sip.server import SipServer

from .caller import Owner, sdp, service, telephone
from .torture import MESSAGES, message

SIGNS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b'"',
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"=",
    b" ",
    b"\t",
    b"@",
    b"%00",
    b"\xff",
    b"\\",
]
WORDS = [b"SIP/2.0", b"INVITE", b"ACK", b"BYE", b"Via: ", b"tag=", b"branch=z9hG4bK", b"4294967296", b"-1", b"self=1"]


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A few random changes: bytes flipped, pieces cut, doubled, swapped, signs put in."""
    for _ in range(dice.randint(1, 6)):
        at, length = dice.randrange(len(data) + 1), dice.randint(1, 40)
        piece = data[at : at + length]
        what = dice.randrange(6)
        if what == 0:
            data = data[:at] + data[at + length :]
        elif what == 1:
            data = data[:at] + piece * dice.randint(2, 5) + data[at + length :]
        elif what == 2:
            data = data[:at] + dice.choice(SIGNS) + data[at:]
        elif what == 3:
            data = data[:at] + dice.choice(WORDS) + data[at + length :]
        elif what == 4:
            data = data[:at] + dice.randbytes(dice.randint(1, 8)) + data[at + 1 :]
        else:
            lines = data.split(b"\r\n")
            dice.shuffle(lines)
            data = b"\r\n".join(lines)
    return data[:65535]


def seeds(port: int) -> list[bytes]:
    """Messages to break: the RFC's and those of a whole call."""
    head = (
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=x\r\nTo: <sip:c@d>{{tag}}\r\n"
    )
    rest = "Call-ID: fuzz\r\nMax-Forwards: 70\r\nContact: <sip:a@127.0.0.1>\r\n"
    calls = []
    for number, (method, tag, body) in enumerate(
        [("INVITE", "", sdp()), ("ACK", ";tag=y", ""), ("INFO", ";tag=y", "Signal=1"), ("UPDATE", ";tag=y", sdp()),
         ("CANCEL", "", ""), ("BYE", ";tag=y", ""), ("NOTIFY", ";tag=y", "SIP/2.0 200 OK"), ("OPTIONS", "", "")]
    ):  # fmt: skip
        extra = "Supported: timer\r\nSession-Expires: 90\r\nContent-Type: application/sdp\r\n"
        text = f"{method} sip:c@d SIP/2.0\r\n{head.format(tag=tag)}{rest}CSeq: {number + 1} {method}\r\n{extra}"
        calls.append(f"{text}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return [message(name) for name in MESSAGES] + calls


def sizes(server: SipServer) -> tuple[int, int, int, int]:
    reception = server.reception
    return len(reception.transactions), len(reception.dialogs), len(server.calls), len(server.gate)


@pytest.mark.slow
async def test_hundred_thousand_broken_datagrams_do_no_harm() -> None:
    dice = random.Random(4475)
    owner = Owner()
    limits = {"burst": 10**9, "requests_per_second": 1e9, "all_requests_per_second": 1e9, "max_calls": 20}
    async with service(owner, t1=0.001, **limits) as server:
        material = seeds(9)
        before = 0
        for number in range(100_000):
            source = (f"127.0.{dice.randrange(256)}.{dice.randrange(1, 255)}", dice.randrange(1, 65536), "udp")
            assert server.reception.receive(mutated(dice.choice(material), dice), source)
            if number % 500 == 0:
                await asyncio.sleep(0)
            if number == 50_000:
                await asyncio.sleep(0.2)
                tracemalloc.start()
                before = tracemalloc.get_traced_memory()[0]
        assert server.counts["failed"] == 0
        assert server.counts["calls"] > 100
        assert server.counts["malformed"] > 10_000
        await asyncio.sleep(0.2)
        transactions, dialogs, calls, sources = sizes(server)
        assert transactions <= server_transactions.LIMIT
        assert dialogs <= 200
        assert calls <= 20
        assert sources <= 4096
        assert tracemalloc.get_traced_memory()[0] - before < 16 << 20
        tracemalloc.stop()


@pytest.mark.slow
async def test_broken_datagrams_over_the_socket_leave_the_server_answering() -> None:
    dice = random.Random(3261)
    async with service(burst=10**9, requests_per_second=1e9, all_requests_per_second=1e9) as server:
        async with telephone(server) as phone:
            material = seeds(phone.port)
            for number in range(2_000):
                phone.put(mutated(dice.choice(material), dice)[:60000])
                if number % 20 == 0:
                    await asyncio.sleep(0.001)
        async with telephone(server) as other:
            await other.call()
            await other.ask("BYE")


@pytest.mark.slow
async def test_broken_streams_leave_the_server_answering() -> None:
    dice = random.Random(1)
    async with service(burst=10**9, requests_per_second=1e9, all_requests_per_second=1e9) as server:
        for _ in range(100):
            async with telephone(server, "TCP") as phone:
                for _ in range(5):
                    phone.put(mutated(dice.choice(seeds(phone.port)), dice))
                    await asyncio.sleep(0)
        async with telephone(server, "TCP") as other:
            await other.call()
            await other.ask("BYE")
