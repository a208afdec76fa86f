"""Who gets to see what we know of a trunk's password: the trunk, and nobody who merely calls."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from voice.sip.call import Call
from voice.sip.digest import Secret

from .legs import CONFIG, Handler, dial, person, sdp, service
from .peers import Heard, Peer

SCENARIO = Path(__file__).with_name("login.xml")
TRUNK = replace(CONFIG, trunk=Secret("trunk", "secret"))
CHALLENGE = 'WWW-Authenticate: Digest realm="evil", nonce="mine", algorithm=MD5'


def challenging(line: str = CHALLENGE, times: int = 1) -> Peer:
    """A peer that answers calls, and asks who we are when we hang up."""
    asked: list[Heard] = []

    def act(peer: Peer, message: Heard) -> None:
        if message.method == "BYE" and len(asked) < times:
            asked.append(message)
            peer.reply(message, "401 Unauthorized", line)
        else:
            person()(peer, message)

    return Peer(act)


async def test_caller_who_challenges_our_bye_learns_nothing() -> None:
    calls: list[Call] = []

    def take(call: Call) -> None:
        call.handler = Handler()
        call.answer()
        calls.append(call)

    async with service(TRUNK, take) as server:
        caller = await challenging().start()
        await talk(caller, server.port)
        async with asyncio.timeout(10):
            while not calls[0].answered:
                await asyncio.sleep(0.005)
        calls[0].hang_up()
        await caller.wait("BYE")
        await asyncio.sleep(0.1)
        shown = [bye.get("Authorization") for bye in caller.all("BYE")]
        await caller.close()
    assert shown == [""]


async def talk(caller: Peer, port: int) -> None:
    """Call our server and acknowledge its answer."""
    head = [
        f"INVITE sip:100@127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{caller.port};rport;branch=z9hG4bKa",
        "Max-Forwards: 70",
        "From: <sip:evil@127.0.0.1>;tag=c",
        "To: <sip:100@127.0.0.1>",
        "Call-ID: c1",
        "CSeq: 1 INVITE",
        f"Contact: <sip:evil@127.0.0.1:{caller.port}>",
        "Content-Type: application/sdp",
        f"Content-Length: {len(sdp(9))}",
    ]
    there = ("127.0.0.1", port)
    invite = "\r\n".join([*head, "", sdp(9)])
    caller.send(invite.encode(), there)
    async with asyncio.timeout(10):
        while not (ok := [message for message in caller.received if message.start.startswith("SIP/2.0 200")]):
            await asyncio.sleep(0.005)
    ack = invite.replace("INVITE", "ACK").replace("z9hG4bKa", "z9hG4bKb").replace(head[4], f"To: {ok[0]['To']}")
    caller.send(ack.encode(), there)


async def test_trunk_that_challenges_our_bye_is_told() -> None:
    async with service(TRUNK) as server:
        peer, handler = await challenging().start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("answered")
        call.hang_up()
        again = await peer.wait("BYE", 2)
        assert again.get("Authorization").startswith('Digest username="trunk"')
        assert again["CSeq"] == "3 BYE"
        await peer.close()


@pytest.mark.parametrize(("stale", "tries"), [("", 2), (", stale=true", 3)])
async def test_challenge_after_challenge_is_given_up(stale: str, tries: int) -> None:
    async with service(TRUNK) as server:
        peer, handler = await challenging(CHALLENGE + stale, times=100).start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("answered")
        call.hang_up()
        await peer.wait("BYE", tries)
        await asyncio.sleep(0.1)
        assert len({bye["CSeq"] for bye in peer.all("BYE")}) == tries
        await peer.close()


async def test_without_a_secret_nothing_is_said() -> None:
    async with service() as server:
        peer, handler = await challenging().start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("answered")
        call.hang_up()
        await peer.wait("BYE")
        await asyncio.sleep(0.05)
        assert len(peer.all("BYE")) == 1
        await peer.close()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp (Debian: sip-tester) is not installed")
@pytest.mark.parametrize(("password", "result"), [("pw", 0), ("other", 1)])
async def test_sipp_calls_with_the_right_password_only(password: str, result: int) -> None:
    config = replace(CONFIG, t1=0.5, credentials={"trunk": password}, algorithms=("MD5", "SHA-256"))
    async with service(config, lambda call: call.answer()) as server:
        sipp = await asyncio.create_subprocess_exec(
            *("sipp", "-sf", str(SCENARIO), "-s", "100", "-i", "127.0.0.1", "-m", "3", "-timeout", "10", "-nostdin"),
            f"127.0.0.1:{server.port}",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert await sipp.wait() == result
        assert server.counts["calls"] == (3 if result == 0 else 0)
