"""Calls from INVITE to BYE against the real server: what a telephone sees, byte for byte."""

from __future__ import annotations

import asyncio

import pytest

from voice.sip.call import Call

from .caller import Owner, sdp, service, telephone
from .peers import Heard


def quiet(call: Call) -> None:
    """Let it ring, for a test to answer."""
    call.ring()


@pytest.mark.parametrize("kind", ["UDP", "TCP"])
async def test_call_is_answered_and_ended_by_the_caller(kind: str) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server, kind) as phone:
        success = await phone.call()
        assert "m=audio" in success.body.decode()
        assert success["Contact"].startswith(f"<sip:127.0.0.1:{server.port}")
        assert "INVITE" in success["Allow"]
        await owner.until("answered")
        assert (await phone.ask("BYE")).start == "SIP/2.0 200 OK"
        await owner.until("ended by caller")
    assert owner.events == ["answered", "ended by caller: "]
    call = owner.calls[0]
    assert (call.caller, call.dialled, call.diverted, call.incoming) == ("0487001234", "8100", "", True)


@pytest.mark.parametrize("kind", ["UDP", "TCP"])
async def test_call_is_ended_by_the_service(kind: str) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server, kind) as phone:
        success = await phone.call()
        await owner.until("answered")
        owner.calls[0].hang_up("done")
        bye = await phone.expect_bye()
        assert bye.uri.startswith(f"sip:me@127.0.0.1:{phone.port}")
        assert bye["From"] == success["To"]
        assert bye["To"] == "<sip:0487001234@127.0.0.1>;tag=caller"
        owner.calls[0].hang_up("again")
        await owner.until("ended")
    assert owner.events == ["answered", "ended by service: done"]


async def test_offer_is_answered_with_the_law_that_was_asked_for() -> None:
    async with service() as server, telephone(server) as phone:
        body = (await phone.call(body=sdp("18 8 0 96", "a=rtpmap:96 telephone-event/8000"))).body.decode()
        assert "RTP/AVP 8 96\r\n" in body
        assert "a=rtpmap:8 PCMA/8000" in body
        assert "a=rtpmap:96 telephone-event/8000" in body
        assert "rtcp-mux" not in body
        await phone.ask("BYE")


async def test_invite_without_offer_gets_one_and_its_ack_answers() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        success = await phone.ask("INVITE")
        assert "RTP/AVP 0 8 101" in success.body.decode()
        phone.in_call(success)
        phone.send("ACK", body=sdp("8 101"))
        await owner.until("answered")
        remote = owner.calls[0].stream.remote
        assert remote is not None
        assert (remote.law, remote.port, remote.key_payload_type) == ("PCMA", 40000, 101)
        await phone.ask("BYE")


async def test_ack_without_usable_answer_ends_the_call() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE"))
        phone.send("ACK", body=sdp("18"))
        await phone.expect_bye()
        await owner.until("ended by failure: no common audio")
        assert "answered" not in owner.events


async def test_call_can_ring_before_it_is_answered() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        assert (await phone.hear(provisional=True)).start == "SIP/2.0 100 Trying"
        ringing = await phone.hear("SIP/2.0 180")
        owner.calls[0].answer()
        success = await phone.hear("SIP/2.0 200")
        assert success["To"] == ringing["To"]
        phone.in_call(success)
        phone.send("ACK")
        await owner.until("answered")
        await phone.ask("BYE")


async def test_cancel_ends_a_ringing_call_with_487() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        await phone.hear("SIP/2.0 180")
        phone.send("CANCEL")
        heard = {(await phone.hear())["CSeq"]: 0 for _ in range(2)}
        assert heard == {"1 CANCEL": 0, "1 INVITE": 0}
        await owner.until("ended by caller: cancelled")
        phone.send("ACK", branch=phone.branch)


async def test_487_is_repeated_until_its_ack() -> None:
    async with service(Owner(quiet)) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        await phone.hear("SIP/2.0 180")
        branch = phone.branch
        phone.send("CANCEL")
        for _ in range(3):
            refused = await phone.until("SIP/2.0 487")
        phone.to_tag = refused["To"].split("tag=")[1]
        phone.send("ACK", branch=branch)
        await asyncio.sleep(0.05)
        while not phone.wire.heard.empty():
            phone.wire.heard.get_nowait()
        await asyncio.sleep(0.2)
        assert phone.wire.heard.empty()


async def test_cancel_after_the_answer_changes_nothing() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        success = await phone.ask("INVITE", body=sdp())
        phone.send("CANCEL")
        assert (await phone.until("SIP/2.0 200"))["CSeq"] in {"1 CANCEL", "1 INVITE"}
        phone.in_call(success)
        phone.send("ACK")
        await owner.until("answered")
        await phone.ask("BYE")
    assert owner.events == ["answered", "ended by caller: "]


async def test_cancel_of_nothing_is_481() -> None:
    async with service() as server, telephone(server) as phone:
        phone.branch = "z9hG4bKnothing"
        assert (await phone.ask("CANCEL")).start.startswith("SIP/2.0 481")


async def test_bye_before_the_answer_ends_the_invite_too() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        phone.in_call(await phone.hear("SIP/2.0 180"))
        phone.send("BYE")
        codes = sorted([(await phone.hear()).start[8:11] for _ in range(2)])
        assert codes == ["200", "487"]
        await owner.until("ended by caller")


async def test_success_is_repeated_until_its_ack_and_then_given_up() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        success = await phone.ask("INVITE", body=sdp())
        phone.in_call(success)
        times = 1
        while not (message := await phone.hear()).start.startswith("BYE"):
            assert message.body == success.body
            times += 1
        phone.reply(message)
        assert times >= 8  # 0.5, 1, 2, 4, 4, … until 32 s
        await owner.until("ended by failure: no ACK")
        assert "answered" not in owner.events


async def test_audio_waits_for_the_ack() -> None:
    """Else one forged datagram would send half a minute of audio to whatever address it names."""
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE", body=sdp()))
        assert owner.calls[0].stream.remote is None
        phone.send("ACK")
        await owner.until("answered")
        assert owner.calls[0].stream.remote is not None
        await phone.ask("BYE")


async def test_call_hung_up_before_the_ack_waits_with_its_bye() -> None:
    owner = Owner(lambda call: (call.answer(), call.hang_up("changed mind"))[0])
    async with service(owner) as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE", body=sdp()))
        await owner.until("ended by service")
        while not phone.wire.heard.empty():
            assert not phone.wire.heard.get_nowait().start.startswith("BYE")
        phone.send("ACK")
        await phone.expect_bye()
    assert owner.events == ["ended by service: changed mind"]


async def test_invite_again_is_the_same_call() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        data = phone.send("INVITE", body=sdp())
        await phone.hear("SIP/2.0 180")
        phone.put(data)
        await phone.hear("SIP/2.0 180")
        owner.calls[0].reject(486)
        await phone.until("SIP/2.0 486")
        assert len(owner.calls) == 1
        phone.send("ACK", branch=phone.branch)


async def test_bye_again_is_answered_again() -> None:
    async with service() as server, telephone(server) as phone:
        await phone.call()
        data = phone.send("BYE")
        await phone.hear("SIP/2.0 200")
        phone.put(data)
        await phone.hear("SIP/2.0 200")


async def test_both_sides_hanging_up_at_once_get_their_answers() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        owner.calls[0].hang_up()
        bye = await phone.hear("BYE")
        assert (await phone.ask("BYE")).start == "SIP/2.0 200 OK"
        phone.reply(bye)
    assert len(owner.events) == 2


async def test_call_is_ended_when_it_lasts_too_long() -> None:
    owner = Owner()
    async with service(owner, max_call_seconds=5.0) as server, telephone(server) as phone:
        await phone.call()
        await phone.expect_bye()
        await owner.until("ended by service: too long")


@pytest.mark.parametrize(
    ("offered", "answered", "sends", "receives"),
    [
        (("a=sendonly",), "a=recvonly", True, False),
        (("a=inactive",), "a=inactive", False, False),
        (("c=IN IP4 0.0.0.0",), "a=recvonly", True, False),
        (("a=recvonly",), "a=sendonly", False, True),
    ],
)
async def test_call_is_held_and_resumed(offered: tuple[str, ...], answered: str, sends: bool, receives: bool) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        first = version(await phone.call())
        held = await phone.ask("INVITE", body=sdp("0 101", *offered))
        phone.send("ACK")
        assert answered in held.body.decode()
        assert version(held) == first + 1
        remote = owner.calls[0].stream.remote
        assert remote is not None
        assert (remote.sends, remote.receives) == (sends, receives)
        resumed = await phone.ask("INVITE", body=sdp())
        phone.send("ACK")
        assert "a=sendrecv" in resumed.body.decode()
        assert version(resumed) == first + 2
        again = await phone.ask("INVITE", body=sdp())
        phone.send("ACK")
        assert version(again) == first + 2
        await phone.ask("BYE")
    assert owner.events == ["answered", "ended by caller: "]


def version(message: Heard) -> int:
    """The version of an o= line (RFC 3264 8)."""
    return int(message.body.decode().split("o=- ")[1].split(" ")[1])


async def test_reinvite_without_common_audio_leaves_the_call_as_it_was() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        refused = await phone.ask("INVITE", body=sdp("18"))
        assert refused.start.startswith("SIP/2.0 488")
        assert refused["Warning"].startswith("305 - ")
        phone.send("ACK", branch=phone.branch)
        remote = owner.calls[0].stream.remote
        assert remote is not None
        assert remote.law == "PCMU"
        await phone.ask("BYE")


async def test_reinvite_without_offer_repeats_our_description() -> None:
    async with service() as server, telephone(server) as phone:
        first = await phone.call()
        again = await phone.ask("INVITE")
        assert again.body == first.body
        phone.send("ACK", body=sdp())
        await phone.ask("BYE")


async def test_reinvite_before_the_ack_of_the_last_is_put_off() -> None:
    async with service() as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE", body=sdp()))
        refused = await phone.ask("INVITE", body=sdp())
        assert refused.start.startswith("SIP/2.0 500")
        assert 0 <= int(refused["Retry-After"]) <= 10
        phone.send("ACK", branch=phone.branch)
        phone.invite_cseq = 1
        phone.send("ACK")
        await phone.ask("BYE")


async def test_update_moves_the_audio() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        assert (await phone.ask("UPDATE")).body == b""
        moved = await phone.ask("UPDATE", body=sdp().replace("40000", "40100"))
        assert moved.start == "SIP/2.0 200 OK"
        remote = owner.calls[0].stream.remote
        assert remote is not None
        assert remote.port == 40100
        await phone.ask("BYE")


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "Signal= #\r\n", "#"),
        ("application/dtmf-relay", "signal=11\r\n", "#"),
        ("application/dtmf", "7", "7"),
        ("Application/DTMF", "*\r\n", "*"),
    ],
)
async def test_info_presses_a_key(kind: str, body: str, key: str) -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        assert (await phone.ask("INFO", body=body, kind=kind)).start == "SIP/2.0 200 OK"
        await owner.until(f"key {key}")
        await phone.ask("BYE")


async def test_info_without_key_is_answered_and_other_bodies_are_415() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        assert (await phone.ask("INFO")).start == "SIP/2.0 200 OK"
        assert (await phone.ask("INFO", body="Signal=x", kind="application/dtmf-relay")).start == "SIP/2.0 200 OK"
        refused = await phone.ask("INFO", body="<x/>", kind="application/media_control+xml")
        assert refused.start.startswith("SIP/2.0 415")
        assert "application/dtmf-relay" in refused["Accept"]
        await phone.ask("BYE")
    assert owner.events == ["answered", "ended by caller: "]


async def test_requests_follow_the_record_route_and_the_contact() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone, telephone(server) as proxy:
        routes = [f"<sip:127.0.0.1:{proxy.port};lr;ftag=a+b>", "<sip:192.0.2.7;lr>"]
        success = await phone.call(f"Record-Route: {routes[0]}, {routes[1]}")
        assert success["Record-Route"] == ", ".join(routes)
        await owner.until("answered")
        owner.calls[0].hang_up()
        bye = await proxy.hear("BYE")
        assert bye.headers["route"] == routes
        assert bye.uri == f"sip:me@127.0.0.1:{phone.port}"
        proxy.reply(bye)


async def test_older_cseq_is_500_and_keeps_the_call() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        phone.cseq = 9
        await phone.ask("INFO")
        assert (await phone.ask("BYE", cseq="3 BYE")).start.startswith("SIP/2.0 500")
        assert owner.calls[0].id in server.calls
        await phone.ask("BYE")


async def test_identity_is_believed_only_from_the_allow_list() -> None:
    asserted = "P-Asserted-Identity: <tel:+81487009999>"
    hidden = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    for allowed, caller in (((), ""), (("127.0.0.0/8",), "+81487009999")):
        owner = Owner()
        async with service(owner, allowed=allowed) as server, telephone(server) as phone:
            phone.in_call(await phone.ask("INVITE", asserted, body=sdp(), sender=hidden))
            phone.send("ACK")
            await owner.until("answered")
            assert owner.calls[0].caller == caller


async def test_diversion_tells_which_number_was_dialled_first() -> None:
    for line in ("Diversion: <sip:0488001111@pbx>;reason=time-of-day", "History-Info: <sip:0488001111@pbx>;index=1"):
        owner = Owner()
        async with service(owner) as server, telephone(server) as phone:
            await phone.call(line)
            assert owner.calls[0].diverted == "0488001111"


async def test_closing_ends_all_calls() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        closing = asyncio.create_task(server.close())
        await phone.expect_bye()
        await closing
        await owner.until("ended by service: closing")


async def test_update_before_the_answer_refreshes_but_offers_nothing() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        phone.in_call(await phone.hear("SIP/2.0 180"))
        assert (await phone.ask("UPDATE")).start == "SIP/2.0 200 OK"
        refused = await phone.ask("UPDATE", body=sdp())
        assert refused.start.startswith("SIP/2.0 500")
        assert refused["Retry-After"]
        owner.calls[0].hang_up("no")
        await phone.until("SIP/2.0 480")
        phone.to_tag = phone.to_tag or "x"
        phone.send("ACK", branch=phone.branch)
    assert owner.events == ["ended by service: no"]


async def test_call_that_nobody_answers_or_refuses_ends_by_itself() -> None:
    owner = Owner(quiet)
    async with service(owner, t1=0.001) as server, telephone(server) as phone:
        phone.send("INVITE", "Record-Route: <sip:127.0.0.1;lr>", body=sdp())
        assert (await phone.hear("SIP/2.0 180"))["Record-Route"] == "<sip:127.0.0.1;lr>"
        await phone.until("SIP/2.0 480")
        await owner.until("ended by service: 480")


async def test_hanging_up_twice_and_answering_late_change_nothing() -> None:
    owner = Owner(quiet)
    async with service(owner) as server, telephone(server) as phone:
        phone.send("INVITE", body=sdp())
        await phone.hear("SIP/2.0 180")
        call = owner.calls[0]
        call.reject(486, "Busy", retry_after=5)
        call.answer()
        call.ring()
        call.reject(486)
        call.hang_up()
        refused = await phone.until("SIP/2.0 486 Busy")
        assert refused["Retry-After"] == "5"
        await owner.until("ended by service: Busy")
    assert len(owner.events) == 1


async def test_answered_call_that_is_rejected_is_hung_up() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        owner.calls[0].reject(486)
        await phone.expect_bye()
        await owner.until("ended by service: 486")


async def test_caller_may_leave_while_our_bye_waits_for_its_ack() -> None:
    owner = Owner(lambda call: (call.answer(), call.hang_up("changed mind"))[0])
    async with service(owner) as server, telephone(server) as phone:
        phone.in_call(await phone.ask("INVITE", body=sdp()))
        assert (await phone.ask("BYE")).start == "SIP/2.0 200 OK"
        assert not server.reception.dialogs
    assert owner.events == ["ended by service: changed mind"]


async def test_requests_after_the_end_are_481_until_our_bye_is_answered() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        owner.calls[0].hang_up()
        bye = await phone.hear("BYE")
        assert (await phone.ask("INFO")).start.startswith("SIP/2.0 481")
        phone.reply(bye)


async def test_dead_audio_ends_the_call() -> None:
    owner = Owner()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        owner.calls[0].stream.on_dead()
        await phone.expect_bye()
        await owner.until("ended by failure: no audio")


async def test_options_within_a_call_and_stray_reports_are_answered() -> None:
    async with service() as server, telephone(server) as phone:
        await phone.call()
        assert "INVITE" in (await phone.ask("OPTIONS"))["Allow"]
        assert (await phone.ask("NOTIFY", "Event: refer")).start.startswith("SIP/2.0 481")
        assert (await phone.ask("INFO", "Require: future")).start.startswith("SIP/2.0 420")
        await phone.ask("BYE")


async def test_bye_goes_over_a_new_connection_when_the_old_one_is_gone() -> None:
    owner = Owner()
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    async with service(owner) as server, telephone(server, "TCP") as phone:
        there = await asyncio.start_server(listen, "127.0.0.1", 0)
        phone.contact_port = there.sockets[0].getsockname()[1]
        await phone.call()
        await owner.until("answered")
        assert phone.wire.transport is not None
        phone.wire.transport.close()
        async with asyncio.timeout(5):
            while server.transport.connected(("127.0.0.1", phone.port, "tcp")):
                await asyncio.sleep(0.01)
            owner.calls[0].hang_up()
            assert (await heard.get()).startswith(f"BYE sip:me@127.0.0.1:{phone.contact_port}".encode())
        there.close()
