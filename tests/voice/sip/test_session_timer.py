"""Session timers of RFC 4028: what is agreed, who refreshes, and what happens when nobody does."""

from __future__ import annotations

import asyncio

import pytest
from sipmessage import Request, Response

from voice.sip import session_timer
from voice.sip.session_timer import Agreement, TooShort
from voice.sip.uris import exact

from .caller import Owner, sdp, service, telephone


def invite(*lines: str) -> Request:
    request = Request("INVITE", exact("sip:a@b"))
    for line in lines:
        name, _, value = line.partition(": ")
        request.headers.add(name, value)
    return request


@pytest.mark.parametrize(
    ("lines", "agreed"),
    [  # table 2 of RFC 4028, and who decides the interval
        ((), None),
        (("Supported: timer",), Agreement(1800, ours=False)),
        (("Supported: 100rel, TIMER", "Session-Expires: 600"), Agreement(600, ours=False)),
        (("Supported: timer", "Session-Expires: 600;refresher=uac"), Agreement(600, ours=False)),
        (("Supported: timer", "Session-Expires: 600;refresher=uas"), Agreement(600, ours=True)),
        (("Session-Expires: 600",), Agreement(600, ours=True, known=False)),
        (("Session-Expires: 600;refresher=uac",), Agreement(600, ours=True, known=False)),
        (("Supported: timer", "Session-Expires: 7200"), Agreement(1800, ours=False)),
        (("Supported: timer", "Session-Expires: 7200", "Min-SE: 3600"), Agreement(3600, ours=False)),
        (("Session-Expires: 20",), Agreement(90, ours=True, known=False)),  # no 422 for who would not know it
        (("Supported: timer", "Session-Expires: 90 ; refresher = uas"), Agreement(90, ours=True)),
    ],
)
def test_interval_and_refresher_are_agreed(lines: tuple[str, ...], agreed: Agreement | None) -> None:
    assert session_timer.asked(invite(*lines), 1800) == agreed


@pytest.mark.parametrize("value", ["89", "0", "x", "", "1;refresher=uac"])
def test_interval_too_short_is_refused(value: str) -> None:
    with pytest.raises(TooShort):
        session_timer.asked(invite("Supported: timer", f"Session-Expires: {value}"), 1800)


def test_no_interval_of_our_own_when_none_is_set() -> None:
    assert session_timer.asked(invite("Supported: timer"), 0) is None
    assert session_timer.asked(invite("Supported: timer", "Session-Expires: 300"), 0) == Agreement(300, ours=False)


@pytest.mark.parametrize(("value", "ours"), [("600;refresher=uac", True), ("600;refresher=uas", False), ("600", True)])
def test_answer_to_our_invite_tells_who_refreshes(value: str, ours: bool) -> None:
    response = Response(200, "OK")
    assert session_timer.answered(response) is None
    response.headers.set("Session-Expires", value)
    assert session_timer.answered(response) == Agreement(600, ours=ours)


async def test_too_short_interval_is_422_with_ours() -> None:
    async with service() as server, telephone(server) as phone:
        refused = await phone.ask("INVITE", "Supported: timer", "x: 30", body=sdp())
        assert refused.start.startswith("SIP/2.0 422")
        assert refused["Min-SE"] == "90"
        success = await phone.call("Supported: timer", "Session-Expires: 90;refresher=uac")
        assert success["Session-Expires"] == "90;refresher=uac"
        assert success["Require"] == "timer"
        refused = await phone.ask("UPDATE", "Supported: timer", "Session-Expires: 10")
        assert refused.start.startswith("SIP/2.0 422")
        await phone.ask("BYE")


async def test_call_nobody_refreshed_is_ended() -> None:
    owner = Owner()
    async with service(owner, t1=0.002) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uac")
        await phone.expect_bye()
        await owner.until("ended by failure: session expired")


async def test_refreshed_call_goes_on() -> None:
    owner = Owner()
    async with service(owner, t1=0.002) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uac")
        for _ in range(5):  # each refresh comes 40 s after the last, the end would be after 60
            await asyncio.sleep(40 * 0.002 / 0.5)
            success = await phone.ask("UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uac")
            assert success["Session-Expires"] == "90;refresher=uac"
        assert server.calls
        await phone.ask("BYE")
    assert owner.events == ["answered", "ended by caller: "]


@pytest.mark.parametrize(("allow", "method"), [("INVITE, ACK, BYE, UPDATE", "UPDATE"), ("INVITE, ACK, BYE", "INVITE")])
async def test_service_refreshes_when_that_is_its_part(allow: str, method: str) -> None:
    owner = Owner()
    async with service(owner, t1=0.002) as server, telephone(server) as phone:
        first = await phone.call("Supported: timer", "Session-Expires: 90;refresher=uas", f"Allow: {allow}")
        assert first["Session-Expires"] == "90;refresher=uas"
        for _ in range(3):
            refresh = await phone.hear(method)
            assert refresh["Session-Expires"] == "90;refresher=uac"
            assert refresh["Supported"] == "timer"
            assert refresh.body == (first.body if method == "INVITE" else b"")
            body = sdp() if method == "INVITE" else ""
            lines = ["Session-Expires: 90;refresher=uac", f"Contact: <sip:me@127.0.0.1:{phone.port}>"]
            phone.reply(refresh, "200 OK", *lines, *(["Content-Type: application/sdp"] if body else []), body=body)
            if method == "INVITE":
                ack = await phone.hear("ACK")
                assert ack["CSeq"] == refresh["CSeq"].replace("INVITE", "ACK")
        await phone.ask("BYE")
    assert owner.events == ["answered", "ended by caller: "]


async def test_refresh_falls_back_to_reinvite_when_update_is_refused() -> None:
    async with service(t1=0.002) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE, UPDATE")
        phone.reply(await phone.hear("UPDATE"), "501 Not Implemented")
        refresh = await phone.hear("INVITE")
        phone.reply(refresh, "491 Request Pending")
        await phone.hear("ACK")
        again = await phone.hear("INVITE")
        assert int(again["CSeq"].split()[0]) > int(refresh["CSeq"].split()[0])
        phone.reply(again, "422 Session Interval Too Small", "Min-SE: 200")
        longer = await phone.until("INVITE")
        assert longer["Session-Expires"].startswith("200;")
        phone.reply(longer, "481 Gone")
        await phone.expect_bye()


async def test_peer_that_does_not_answer_a_refresh_is_hung_up() -> None:
    owner = Owner()
    async with service(owner, t1=0.002) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 180;refresher=uas", "Allow: UPDATE")
        await phone.hear("UPDATE")
        await phone.expect_bye()
        await owner.until("ended by failure: no answer to a refresh")


async def test_their_reinvite_while_ours_is_open_is_491() -> None:
    async with service(t1=0.005) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE")
        ours = await phone.hear("INVITE")
        refused = await phone.ask("INVITE", body=sdp())
        assert refused.start.startswith("SIP/2.0 491")
        phone.send("ACK", branch=phone.branch)
        phone.reply(ours, "200 OK", f"Contact: <sip:me@127.0.0.1:{phone.port}>", body=sdp())
        await phone.until("ACK")
        await phone.ask("BYE")


async def test_answer_to_our_reinvite_that_comes_again_gets_the_same_ack() -> None:
    async with service(t1=0.005) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE")
        ours = await phone.hear("INVITE")
        contact = f"Contact: <sip:me@127.0.0.1:{phone.port}>"
        phone.reply(ours, "200 OK", contact, body=sdp())
        first = await phone.until("ACK")
        phone.reply(ours, "200 OK", contact, body=sdp())
        second = await phone.until("ACK")
        assert (second["Via"], second["CSeq"]) == (first["Via"], first["CSeq"])
        await phone.ask("BYE")


async def test_refresh_that_is_refused_for_now_comes_again() -> None:
    async with service(t1=0.005) as server, telephone(server) as phone:
        await phone.call("Supported: timer", "Session-Expires: 90;refresher=uas", "Allow: INVITE, UPDATE")
        phone.reply(await phone.hear("UPDATE"), "100 Trying")
        phone.reply(await phone.hear("UPDATE"), "500 Later")
        again = await phone.until("UPDATE")
        phone.reply(again, "200 OK")
        await asyncio.sleep(0.7)
        assert phone.wire.heard.empty()  # an answer without Session-Expires ended the timer (RFC 4028 7.2)
        await phone.ask("BYE")
