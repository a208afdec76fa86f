"""REFER: the peer connects its caller to somebody else, or does not (RFC 3515)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from voice.sip.call import Call
from voice.sip.refer import reason_of

from .caller import Owner, Telephone, service, telephone
from .peers import Heard


class Outcome:
    """What `refer` told, and how often."""

    def __init__(self) -> None:
        self.told: list[tuple[bool, str]] = []
        self._news = asyncio.Event()

    def done(self, taken: bool, reason: str) -> None:
        self.told.append((taken, reason))
        self._news.set()

    async def wait(self) -> tuple[bool, str]:
        async with asyncio.timeout(5):
            await self._news.wait()
        await asyncio.sleep(0.02)
        (told,) = self.told
        return told


@asynccontextmanager
async def referred(seconds: float = 60.0) -> AsyncIterator[tuple[Telephone, Call, Heard, Outcome]]:
    """A call whose REFER has come; it is hung up at the end if it is still there."""
    owner, outcome = Owner(), Outcome()
    async with service(owner) as server, telephone(server) as phone:
        await phone.call()
        await owner.until("answered")
        call = owner.calls[0]
        call.refer("sip:operators@192.0.2.5", outcome.done, seconds)
        yield phone, call, await phone.hear("REFER"), outcome
        if call.id in server.calls:
            await phone.ask("BYE")


async def notify(phone: Telephone, status: str, state: str = "active;expires=60") -> Heard:
    lines = ("Event: refer", f"Subscription-State: {state}")
    return await phone.ask("NOTIFY", *lines, body=f"SIP/2.0 {status}\r\n", kind="message/sipfrag;version=2.0")


async def test_caller_is_handed_on() -> None:
    async with referred() as (phone, _, refer, outcome):
        assert refer["Refer-To"] == "<sip:operators@192.0.2.5>"
        assert refer["Referred-By"].startswith("<sip:127.0.0.1")
        assert refer["Contact"]
        phone.reply(refer, "202 Accepted")
        assert (await notify(phone, "100 Trying")).start == "SIP/2.0 200 OK"
        assert (await notify(phone, "180 Ringing")).start == "SIP/2.0 200 OK"
        assert not outcome.told
        assert (await notify(phone, "200 OK", "terminated;reason=noresource")).start == "SIP/2.0 200 OK"
        assert await outcome.wait() == (True, "")
        assert (await notify(phone, "200 OK", "terminated")).start == "SIP/2.0 200 OK"


@pytest.mark.parametrize(
    ("status", "reason"),
    [("486 Busy", "busy"), ("480 Away", "no answer"), ("603 No", "refused"), ("404", "unreachable")],
)
async def test_target_that_does_not_take_the_call_is_told(status: str, reason: str) -> None:
    async with referred() as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted")
        await notify(phone, status, "terminated;reason=noresource")
        assert await outcome.wait() == (False, reason)


@pytest.mark.parametrize("status", ["405 No", "501 No", "603 Decline", "420 No"])
async def test_peer_that_takes_no_refer_is_told(status: str) -> None:
    async with referred() as (phone, call, refer, outcome):
        phone.reply(refer, status)
        assert await outcome.wait() == (False, "not supported")
        assert not call.ended


async def test_report_that_never_comes_is_no_answer() -> None:
    async with referred(seconds=5.0) as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted")
        assert await outcome.wait() == (False, "no answer")


async def test_peer_that_says_nothing_is_no_answer() -> None:
    async with referred() as (_, _, _, outcome):
        assert await outcome.wait() == (False, "no answer")


async def test_subscription_that_ends_without_result_is_no_answer() -> None:
    async with referred() as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted")
        await notify(phone, "100 Trying", "terminated;reason=timeout")
        assert await outcome.wait() == (False, "no answer")


async def test_call_that_ends_meanwhile_is_told() -> None:
    async with referred() as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted")
        await phone.ask("BYE")
        assert await outcome.wait() == (False, "ended")


async def test_peer_without_reports_is_believed() -> None:
    async with referred() as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted", "Refer-Sub: false")
        assert await outcome.wait() == (True, "")


async def test_only_one_referral_at_a_time() -> None:
    async with referred() as (phone, call, refer, outcome):
        second = Outcome()
        call.refer("sip:else@192.0.2.5", second.done)
        assert await second.wait() == (False, "not possible")
        phone.reply(refer, "603 Decline")
        await outcome.wait()


async def test_broken_report_is_400_and_means_nothing() -> None:
    async with referred() as (phone, _, refer, outcome):
        phone.reply(refer, "202 Accepted")
        lines = ("Event: refer", "Subscription-State: active")
        assert (await phone.ask("NOTIFY", *lines, body="hello", kind="message/sipfrag")).start.startswith("SIP/2.0 400")
        assert not outcome.told


def test_words_for_refusals() -> None:
    assert [reason_of(status) for status in (486, 408, 603, 501, 500)] == [
        "busy",
        "no answer",
        "refused",
        "not supported",
        "unreachable",
    ]
