"""Calls we make, through the real server, to people on 127.0.0.1 who answer them."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
from dataclasses import replace

import pytest

from .legs import CONFIG, RING, Handler, dial, from_peer, person, sdp, service, status
from .peers import Peer, silent

# -- answered ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_call_rings_is_answered_and_acknowledged(transport: str) -> None:
    async with service() as server:
        peer, handler = Peer(person()), Handler()
        await (peer.start() if transport == "udp" else peer.start_tcp())
        call = dial(server, peer, handler, transport=transport)
        await handler.until("answered")
        invite, ack = await peer.wait("INVITE"), await peer.wait("ACK")
        assert handler.told == [("ringing",), ("answered",)]
        assert (ack.uri, ack["CSeq"]) == (f"sip:desk@127.0.0.1:{peer.port}", "1 ACK")
        assert ack.branch != invite.branch
        assert ack["To"].endswith(";tag=peer")
        assert call.answered
        call.hang_up()
        await peer.wait("BYE")
        await peer.close()


async def test_invite_offers_both_laws_and_keys_and_shows_the_callers_number() -> None:
    async with service() as server:
        peer, handler = await Peer(silent).start(), Handler()
        call = dial(server, peer, handler)
        invite = await peer.wait("INVITE")
        media = re.search(rb"m=audio (\d+) RTP/AVP 0 8 101", invite.body)
        assert media is not None
        assert int(media[1]) == call.stream.port
        assert b"a=rtpmap:101 telephone-event/8000" in invite.body
        assert invite["From"].startswith("<sip:0487001234@127.0.0.1>;tag=")
        assert invite["Max-Forwards"] == "70"
        assert "timer" in invite["Supported"]
        assert "INVITE" in invite["Allow"]
        await peer.close()


@pytest.mark.parametrize(
    ("caller", "identity", "shown"),
    [
        ("", "", "<sip:madoguchi@127.0.0.1>"),
        ('048 "<7>;0', "", "<sip:04870@127.0.0.1>"),
        ("0487", "sip:0481@trunk.example", '"0487" <sip:0481@trunk.example>'),
        ("", "sip:0481@trunk.example", "<sip:0481@trunk.example>"),
    ],
)
async def test_from_is_what_the_trunk_accepts(caller: str, identity: str, shown: str) -> None:
    async with service(replace(CONFIG, identity=identity)) as server:
        peer = await Peer(silent).start()
        server.dial(f"sip:op@127.0.0.1:{peer.port}", Handler(), RING, caller)
        assert (await peer.wait("INVITE"))["From"].startswith(f"{shown};tag=")
        await peer.close()


async def test_audio_flows_to_where_the_answer_says() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as audio:
        audio.bind(("127.0.0.1", 0))
        audio.setblocking(False)
        async with service() as server:
            peer, handler = await Peer(person(port=audio.getsockname()[1])).start(), Handler()
            dial(server, peer, handler)
            await handler.until("answered")
            async with asyncio.timeout(10):
                packet = await asyncio.get_running_loop().sock_recv(audio, 2000)
            assert (packet[1] & 0x7F, len(packet)) == (0, 172)
            await peer.close()


async def test_early_media_is_ringing_and_no_more() -> None:
    async with service() as server:
        peer, handler = await Peer(person("", "183 Session Progress")).start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("ringing")
        assert not call.answered
        await peer.close()


async def test_repeated_answer_is_acknowledged_again_and_told_once() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        dial(server, peer, handler)
        await handler.until("answered")
        first = await peer.wait("ACK")
        peer.reply(await peer.wait("INVITE"), "200 OK", f"Contact: <sip:desk@127.0.0.1:{peer.port}>", body=sdp(9))
        assert (await peer.wait("ACK", 2)).branch == first.branch
        assert handler.told.count(("answered",)) == 1
        await peer.close()


async def test_second_person_who_answers_is_hung_up() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("answered")
        other = f"Contact: <sip:other@127.0.0.1:{peer.port}>"
        peer.reply(await peer.wait("INVITE"), "200 OK", other, body=sdp(9), tag="second")
        bye = await peer.wait("BYE")
        assert (bye.uri, bye["To"].endswith("tag=second")) == (f"sip:other@127.0.0.1:{peer.port}", True)
        assert (await peer.wait("ACK", 2)).uri == bye.uri
        assert not call.ended
        await peer.close()


async def test_requests_follow_the_route_of_the_answer() -> None:
    async with service() as server:
        proxy = await Peer(silent).start()
        routes = (f"Record-Route: <sip:10.9.9.9;lr>, <sip:127.0.0.1:{proxy.port};lr>",)
        peer, handler = await Peer(person(more=routes)).start(), Handler()
        call = dial(server, peer, handler)
        ack = await proxy.wait("ACK")
        assert ack.headers["route"] == [f"<sip:127.0.0.1:{proxy.port};lr>", "<sip:10.9.9.9;lr>"]
        assert ack.uri == f"sip:desk@127.0.0.1:{peer.port}"
        call.hang_up()
        await proxy.wait("BYE")
        await proxy.close()
        await peer.close()


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_person_hangs_up() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        dial(server, peer, handler)
        await handler.until("answered")
        invite = await peer.wait("INVITE")
        peer.send(from_peer(invite, "BYE", 1), invite.source)
        assert (await handler.until("ended"))[:2] == ("ended", "caller")
        assert await status(peer, 1, "BYE") == "200"
        assert not server.calls
        await peer.close()


async def test_we_hang_up() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        call = dial(server, peer, handler)
        await handler.until("answered")
        call.hang_up("done")
        call.hang_up("again")
        bye = await peer.wait("BYE")
        assert bye["CSeq"] == "2 BYE"
        assert await handler.until("ended") == ("ended", "service", "done")
        assert len([what for what in handler.told if what[0] == "ended"]) == 1
        await peer.close()


async def test_hold_and_resume_of_the_person_are_answered() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        dial(server, peer, handler)
        await handler.until("answered")
        invite = await peer.wait("INVITE")
        contact = f"Contact: <sip:desk@127.0.0.1:{peer.port}>"
        for number, (ours, theirs) in enumerate([("sendonly", b"a=recvonly"), ("sendrecv", b"a=sendrecv")], 1):
            peer.send(from_peer(invite, "INVITE", number, sdp(9, direction=ours), contact), invite.source)
            assert await status(peer, number, "INVITE") == "200"
            ok = next(message for message in peer.all("SIP/2.0") if message["CSeq"] == f"{number} INVITE")
            assert theirs in ok.body
            ack = from_peer(invite, "ACK", number)
            peer.send(ack, invite.source)
        await peer.close()


async def test_key_by_info_reaches_the_handler() -> None:
    async with service() as server:
        peer, handler = await Peer(person()).start(), Handler()
        dial(server, peer, handler)
        await handler.until("answered")
        invite = await peer.wait("INVITE")
        info = from_peer(invite, "INFO", 1, "Signal=5\r\n").replace(b"application/sdp", b"application/dtmf-relay")
        peer.send(info, invite.source)
        assert await handler.until("key") == ("key", "5")
        await peer.close()


# -- a foreign stack ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp (Debian: sip-tester) is not installed")
@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_sipp_answers_our_call_and_takes_our_bye(transport: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-sn uas -i 127.0.0.1 -p {port} -t {transport} -m 1 -timeout 20 -nostdin".split()
    sipp = await asyncio.create_subprocess_exec(
        "sipp", *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with service(replace(CONFIG, t1=0.5)) as server:
            handler = Handler()
            await asyncio.sleep(1.0)
            kind = "tcp" if transport == "t1" else "udp"
            call = server.dial(f"sip:service@127.0.0.1:{port};transport={kind}", handler, 20.0)
            await handler.until("answered")
            call.hang_up()
            async with asyncio.timeout(20):
                assert await sipp.wait() == 0
    finally:
        if sipp.returncode is None:
            sipp.kill()
            await sipp.wait()
