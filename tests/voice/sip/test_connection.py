"""SIP over TCP: where messages end, keep-alives, and peers that drip, hang, flood or never read."""

from __future__ import annotations

import asyncio
import random

import pytest

from voice.sip.connection import Framer, FramingError, Limits
from voice.sip.pace import Pace
from voice.sip.transport import Address, Transport

from .caller import Telephone, service, telephone

ONE = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"
TWO = b"BYE sip:a@b SIP/2.0\r\nl : 0\r\n\r\n"


def fed(*pieces: bytes, limits: Limits | None = None) -> tuple[list[bytes], int]:
    framer = Framer(limits or Limits())
    messages: list[bytes] = []
    pings = 0
    for piece in pieces:
        found, asked = framer.feed(piece)
        messages += found
        pings += asked
    return messages, pings


def test_messages_are_cut_where_their_length_says() -> None:
    assert fed(ONE + TWO + ONE) == ([ONE, TWO, ONE], 0)


def test_messages_are_found_however_the_stream_is_cut() -> None:
    dice = random.Random(5)
    stream = (b"\r\n" + ONE + TWO + b"\r\n\r\n") * 20
    for _ in range(50):
        cuts = sorted(dice.randrange(len(stream)) for _ in range(dice.randrange(60)))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        messages, _ = fed(*pieces)
        assert messages == [ONE, TWO] * 20


@pytest.mark.parametrize(
    ("pieces", "pings"),
    [
        ([b"\r\n"], 0),
        ([b"\r\n\r\n"], 1),
        ([b"\r\n", b"\r\n"], 1),
        ([b"\r\n\r\n\r\n\r\n"], 2),
        ([b"\r\n\r", b"\n" + ONE], 1),
    ],
)
def test_double_line_end_asks_for_a_pong(pieces: list[bytes], pings: int) -> None:
    assert fed(*pieces)[1] == pings


def test_header_without_length_is_the_last_message() -> None:
    framer = Framer(Limits())
    head = b"BYE sip:a@b SIP/2.0\r\n\r\n"
    assert framer.feed(head + ONE) == ([head], 0)
    assert framer.broken


@pytest.mark.parametrize("length", [b"Content-Length: 1\r\nl: 1", b"Content-Length: -1", b"l: 9999999", b"l: x"])
def test_unusable_length_ends_the_stream(length: bytes) -> None:
    framer = Framer(Limits())
    framer.feed(b"BYE sip:a@b SIP/2.0\r\n" + length + b"\r\n\r\nxxxx")
    assert framer.broken


def test_endless_header_is_an_error() -> None:
    with pytest.raises(FramingError):
        fed(b"BYE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 2000)
    with pytest.raises(FramingError):
        fed(*[b"X"] * 9000)


async def closed(phone: Telephone) -> None:
    async with asyncio.timeout(5):
        await phone.wire.closed.wait()


async def test_ping_is_answered_with_a_pong() -> None:
    async with service() as server, telephone(server, "TCP") as phone:
        phone.put(b"\r\n\r\n")
        async with asyncio.timeout(5):
            while bytes(phone.wire.raw) != b"\r\n":
                await asyncio.sleep(0.01)


async def test_message_that_drips_is_cut_off() -> None:
    async with service(t1=0.005) as server, telephone(server, "TCP") as phone:
        for byte in ONE[:20]:
            if phone.wire.closed.is_set():
                break
            phone.put(bytes([byte]))
            await asyncio.sleep(0.01)
        await closed(phone)


async def test_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    limits = Limits(idle_seconds=10.0)
    async with service(tcp=limits) as server, telephone(server, "TCP") as phone, telephone(server, "TCP") as busy:
        for _ in range(6):
            assert (await busy.ask("OPTIONS")).start == "SIP/2.0 200 OK"
            await asyncio.sleep(0.06)
        await closed(phone)
        assert not busy.wire.closed.is_set()


async def test_connections_are_limited_in_all_and_for_a_host() -> None:
    for limits in (Limits(connections=2), Limits(connections_per_host=2)):
        async with service(tcp=limits) as server, telephone(server, "TCP") as one, telephone(server, "TCP") as two:
            await one.ask("OPTIONS")
            await two.ask("OPTIONS")
            async with telephone(server, "TCP") as three:
                await closed(three)
            assert (await one.ask("OPTIONS")).start == "SIP/2.0 200 OK"
            assert server.transport.counts["connections refused"] == 1


class Catcher:
    """A transport and what it received."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
        self.transport = Transport("127.0.0.1", 0, self._receive, pace=Pace(0.01))

    def _receive(self, data: bytes, source: Address) -> bool:
        self.heard.put_nowait((data, source))
        return True

    async def next(self) -> tuple[bytes, Address]:
        async with asyncio.timeout(5):
            return await self.heard.get()


async def test_connection_is_opened_once_and_used_both_ways() -> None:
    one, two = Catcher(), Catcher()
    await one.transport.start()
    await two.transport.start()
    there = ("127.0.0.1", two.transport.port, "tcp")
    one.transport.send(ONE, there)
    one.transport.send(TWO, there)
    data, back = await two.next()
    assert data == ONE
    assert (await two.next())[0] == TWO
    assert two.transport.connected(back)
    two.transport.send(ONE, back, fallback=("127.0.0.1", 9, "tcp"))
    assert (await one.next())[0] == ONE
    await one.transport.close()
    await asyncio.sleep(0.05)
    assert not two.transport.connected(back)
    await two.transport.close()


async def test_answer_to_a_lost_connection_goes_to_the_fallback() -> None:
    one, two = Catcher(), Catcher()
    await one.transport.start()
    await two.transport.start()
    gone = ("127.0.0.1", 1, "tcp")
    one.transport.send(ONE, gone, fallback=("127.0.0.1", two.transport.port, "tcp"))
    assert (await two.next())[0] == ONE
    await one.transport.close()
    await two.transport.close()


async def test_sending_to_nowhere_is_counted_and_harmless() -> None:
    one = Catcher()
    await one.transport.start()
    for to in (("pbx.example", 5060, "udp"), ("127.0.0.1", 0, "udp"), ("127.0.0.1", 70000, "tcp"), ("", 5060, "udp")):
        one.transport.send(ONE, to)
    assert one.transport.counts["unsendable"] == 4
    one.transport.send(ONE, ("127.0.0.1", 1, "tcp"))
    async with asyncio.timeout(5):
        while not one.transport.counts["unsent"]:
            await asyncio.sleep(0.01)
    await one.transport.close()


async def test_taken_port_is_an_error() -> None:
    one = Catcher()
    await one.transport.start()
    with pytest.raises(OSError, match="in use"):
        await Transport("127.0.0.1", one.transport.port, lambda *_: True).start()
    await one.transport.close()


async def test_address_that_peers_are_told_follows_the_route_or_the_setting() -> None:
    everywhere = Transport("0.0.0.0", 0, lambda *_: True)
    assert everywhere.local_host(("127.0.0.1", 5060, "udp")) == "127.0.0.1"
    named = Transport("0.0.0.0", 5060, lambda *_: True, advertised="203.0.113.7")
    assert named.contact(("127.0.0.1", 5060, "tcp")) == "<sip:203.0.113.7:5060;transport=tcp>"
    assert named.via(("127.0.0.1", 5060, "udp")).startswith("SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bK")
