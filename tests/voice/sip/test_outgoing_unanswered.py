"""Calls we make that nobody takes, or that are taken after a detour."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest

from voice.sip.digest import Secret

from .legs import CONFIG, RING, Handler, dial, person, sdp, service
from .peers import Heard, Peer, silent
from .registrar import Registrar

# -- not answered ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("486 Busy Here", "busy"),
        ("600 Busy Everywhere", "busy"),
        ("480 Temporarily Unavailable", "no answer"),
        ("408 Request Timeout", "no answer"),
        ("603 Decline", "refused"),
        ("403 Forbidden", "refused"),
        ("404 Not Found", "unreachable"),
        ("500 Server Error", "unreachable"),
        ("401 Unauthorized", "unreachable"),
    ],
)
async def test_refusal_has_a_reason(line: str, reason: str) -> None:
    async with service() as server:
        peer, handler = await Peer(person(line, "")).start(), Handler()
        dial(server, peer, handler)
        assert (await handler.until("ended"))[2] == reason
        await peer.wait("ACK")
        assert not server.calls
        await peer.close()


async def test_nobody_there_is_unreachable() -> None:
    async with service() as server:
        peer, handler = await Peer(silent).start(), Handler()
        dial(server, peer, handler, ring=300)
        assert await handler.until("ended") == ("ended", "failure", "unreachable")
        await peer.close()


async def test_tcp_port_where_nobody_listens_is_unreachable_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        async with service(replace(CONFIG, t1=0.5)) as server:
            handler = Handler()
            server.dial(f"sip:op@127.0.0.1:{taken.getsockname()[1]};transport=tcp", handler, 60.0)
            assert await handler.until("ended") == ("ended", "failure", "unreachable")


@pytest.mark.parametrize("target", ["", "tel:110", "sip:op@127.0.0.1;transport=ws", "sips:op@127.0.0.1", "sip:a b@c"])
async def test_target_that_cannot_be_called_is_unreachable(target: str) -> None:
    async with service() as server:
        handler = Handler()
        server.dial(target, handler, RING)
        assert handler.told == []
        assert await handler.until("ended") == ("ended", "failure", "unreachable")
        assert not server.calls


async def test_ringing_too_long_is_taken_back() -> None:
    async with service() as server:
        peer, handler = await Peer(person("")).start(), Handler()
        dial(server, peer, handler, ring=5.0)
        assert await handler.until("ended") == ("ended", "service", "no answer")
        cancel, invite = await peer.wait("CANCEL"), await peer.wait("INVITE")
        assert cancel.branch == invite.branch
        peer.reply(invite, "487 Request Terminated")
        await peer.wait("ACK")
        assert not server.calls
        await peer.close()


async def test_answer_that_crosses_the_cancel_is_hung_up() -> None:
    async with service() as server:
        peer, handler = await Peer(person("")).start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("ringing")
        call.hang_up("caller left")
        invite = await peer.wait("INVITE")
        await peer.wait("CANCEL")
        peer.reply(invite, "200 OK", f"Contact: <sip:desk@127.0.0.1:{peer.port}>", body=sdp(9))
        await peer.wait("ACK")
        await peer.wait("BYE")
        assert [what for what in handler.told if what[0] != "ringing"] == [("ended", "service", "caller left")]
        await peer.close()


async def test_hanging_up_at_once_sends_nothing() -> None:
    async with service() as server:
        peer, handler = await Peer(silent).start(), Handler()
        dial(server, peer, handler).hang_up()
        await handler.until("ended")
        await asyncio.sleep(0.05)
        assert peer.received == []
        await peer.close()


@pytest.mark.parametrize("body", ["", sdp(9, "18"), "v=1"])
async def test_answer_without_common_audio_is_acknowledged_and_hung_up(body: str) -> None:
    def act(peer: Peer, message: Heard) -> None:
        if message.method == "INVITE":
            peer.reply(message, "200 OK", f"Contact: <sip:desk@127.0.0.1:{peer.port}>", body=body)

    async with service() as server:
        peer, handler = await Peer(act).start(), Handler()
        dial(server, peer, handler)
        assert await handler.until("ended") == ("ended", "failure", "unreachable")
        assert await peer.wait("ACK")
        assert await peer.wait("BYE")
        await peer.close()


# -- detours -----------------------------------------------------------------------------------------------------------


async def test_redirection_is_followed_to_the_best_contact() -> None:
    async with service() as server:
        there, handler = await Peer(person()).start(), Handler()
        contacts = f"Contact: <sip:worse@127.0.0.1:9>;q=0.1, <sip:there@127.0.0.1:{there.port}>;q=0.9"

        def act(peer: Peer, message: Heard) -> None:
            if message.method == "INVITE":
                peer.reply(message, "302 Moved Temporarily", contacts)

        peer = await Peer(act).start()
        dial(server, peer, handler)
        await handler.until("answered")
        first, second = await peer.wait("INVITE"), await there.wait("INVITE")
        assert second.uri == f"sip:there@127.0.0.1:{there.port}"
        assert (first["To"], first["Call-ID"], second["CSeq"]) == (second["To"], second["Call-ID"], "2 INVITE")
        await peer.close()
        await there.close()


async def test_second_redirection_is_not_followed() -> None:
    def act(peer: Peer, message: Heard) -> None:
        if message.method == "INVITE":
            peer.reply(message, "302 Moved Temporarily", f"Contact: <sip:round@127.0.0.1:{peer.port}>")

    async with service() as server:
        peer, handler = await Peer(act).start(), Handler()
        dial(server, peer, handler)
        assert (await handler.until("ended"))[2] == "unreachable"
        assert len(peer.all("INVITE")) == 2
        await peer.close()


@pytest.mark.parametrize("contact", ["", "Contact: ", "Contact: <sip:open", "Contact: <tel:110>"])
async def test_redirection_to_nowhere_is_unreachable(contact: str) -> None:
    async with service() as server:
        peer, handler = await Peer(person("302 Moved", "", more=(contact,) if contact else ())).start(), Handler()
        peer.act = lambda peer, message: (
            peer.reply(message, "302 Moved", *([contact] if contact else [])) if message.method == "INVITE" else None
        )
        dial(server, peer, handler)
        assert (await handler.until("ended"))[2] == "unreachable"
        await peer.close()


@pytest.mark.parametrize(("password", "outcome"), [("right", "answered"), ("wrong", "ended")])
async def test_trunk_that_asks_who_we_are_is_told_once(password: str, outcome: str) -> None:
    registrar = Registrar({"trunk": "right"}, ("SHA-256",), proxy=True)

    def act(peer: Peer, message: Heard) -> None:
        if message.method == "INVITE" and not registrar.proven(message):
            registrar.challenge(peer, message)
        else:
            person()(peer, message)

    async with service(replace(CONFIG, trunk=Secret("trunk", password))) as server:
        peer, handler = await Peer(act).start(), Handler()
        dial(server, peer, handler)
        await handler.until(outcome)
        numbers = [invite["CSeq"] for invite in peer.all("INVITE")]
        assert numbers == ["1 INVITE", "2 INVITE"]
        if outcome == "answered":
            ack = (await peer.wait("ACK", 2))["Proxy-Authorization"]
            assert ack == peer.all("INVITE")[1]["Proxy-Authorization"]
        await peer.close()


async def test_longer_session_interval_is_agreed_to() -> None:
    def act(peer: Peer, message: Heard) -> None:
        if message.method == "INVITE" and int(message["Session-Expires"]) < 3600:
            peer.reply(message, "422 Session Interval Too Small", "Min-SE: 3600")
        else:
            person()(peer, message)

    async with service() as server:
        peer, handler = await Peer(act).start(), Handler()
        dial(server, peer, handler)
        await handler.until("answered")
        again = await peer.wait("INVITE", 2)
        assert (again["Session-Expires"], again["Min-SE"]) == ("3600", "3600")
        await peer.close()


async def test_peer_that_always_wants_a_longer_interval_is_given_up() -> None:
    async with service() as server:
        peer, handler = (
            await Peer(person("422 Session Interval Too Small", "", more=("Min-SE: 3600",))).start(),
            Handler(),
        )
        dial(server, peer, handler)
        assert (await handler.until("ended"))[2] == "unreachable"
        assert len(peer.all("INVITE")) == 2
        await peer.close()
