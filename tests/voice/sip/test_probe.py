"""Asking a trunk whether it is there, over UDP of 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from voice.sip.probe import Probe

from .ends import End, end
from .peers import Heard, Peer, silent


def probe(ours: End, peer: Peer, seconds: float = 5.0) -> Probe:
    made = Probe(ours.clients, f"sip:127.0.0.1:{peer.port}", ours.transport.contact, seconds)
    made.start()
    return made


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("line", "alive", "said"),
    [
        ("200 OK", True, "応答しています"),
        ("405 Method Not Allowed", True, "応答しています"),
        ("503 Service Unavailable", False, "応答がありません"),
    ],
)
async def test_answer_is_a_sign_of_life(line: str, alive: bool, said: str) -> None:
    async with end() as ours:
        peer = await Peer(lambda peer, message: peer.reply(message, line)).start()
        asking = probe(ours, peer)
        assert asking.describe() == "確認中"
        await until(lambda: asking.alive is alive)
        assert asking.describe() == said
        await asking.close()
        await peer.close()


async def test_trunk_that_goes_away_and_comes_back_is_noticed() -> None:
    def answer(peer: Peer, message: Heard) -> None:
        peer.reply(message, "200 OK")

    async with end() as ours:
        peer = await Peer(answer).start()
        asking = probe(ours, peer)
        await until(lambda: asking.alive is True)
        peer.act = silent
        await until(lambda: asking.alive is False)
        peer.act = answer
        await until(lambda: asking.alive is True)
        await asking.close()
        await peer.close()


async def test_questions_are_new_ones_each_time() -> None:
    async with end() as ours:
        peer = await Peer(lambda peer, message: peer.reply(message, "200 OK")).start()
        asking = probe(ours, peer, 1.0)
        await peer.wait("OPTIONS", 3)
        assert len({question["Call-ID"] for question in peer.received}) == len(peer.received)
        await asking.close()
        await peer.close()


async def test_target_that_is_no_place_is_not_alive() -> None:
    async with end() as ours:
        asking = Probe(ours.clients, "tel:110", ours.transport.contact)
        asking.start()
        await until(lambda: asking.alive is False)
        await asking.close()
