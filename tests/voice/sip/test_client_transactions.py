"""Requests over real sockets of 127.0.0.1 to a peer that answers, is late, repeats itself, or says nothing."""

from __future__ import annotations

import asyncio

import pytest
from sipmessage import CSeq, Request, Response

from voice.sip.client_transactions import ClientTransaction, Phase, TooManyRequests
from voice.sip.transport import Address
from voice.sip.uris import exact

from .ends import End, end
from .peers import Act, Heard, Peer, silent


class Outcome:
    """What a transaction told."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.timed_out = 0
        self.news = asyncio.Event()

    def heard(self, response: Response) -> None:
        self.codes.append(response.code)
        self.news.set()

    def silence(self) -> None:
        self.timed_out += 1
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.codes) + self.timed_out < count:
                self.news.clear()
                await self.news.wait()


def request(method: str, port: int) -> Request:
    made = Request(method, exact(f"sip:op@127.0.0.1:{port}"))
    for name, value in {
        "Max-Forwards": "70",
        "Route": f"<sip:127.0.0.1:{port};lr>",
        "From": "<sip:us@127.0.0.1>;tag=ours",
        "To": "<sip:op@127.0.0.1>",
        "Call-ID": "c1",
        "CSeq": str(CSeq(1, method)),
    }.items():
        made.headers.set(name, value)
    return made


def begin(ours: End, peer: Peer, method: str, outcome: Outcome, kind: str = "udp") -> ClientTransaction:
    to: Address = ("127.0.0.1", peer.port, kind)
    return ours.clients.send(request(method, peer.port), to, outcome.heard, outcome.silence)


def after(skipped: int, *statuses: str) -> Act:
    """Answers with `statuses`, from the message after the first `skipped` ones on; ACK is never answered."""
    seen: list[Heard] = []

    def act(peer: Peer, message: Heard) -> None:
        seen.append(message)
        if len(seen) > skipped and message.method != "ACK":
            for status in statuses:
                peer.reply(message, status)

    return act


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE"])
async def test_request_is_repeated_until_it_is_answered(method: str) -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(3, "200 OK")).start(), Outcome()
        begin(ours, peer, method, outcome)
        await outcome.until(1)
        assert outcome.codes == [200]
        assert len(peer.all(method)) == 4
        assert len({message.branch for message in peer.received}) == 1
        await peer.close()


async def test_via_asks_for_the_port_and_says_where_we_are() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "200 OK")).start(), Outcome()
        begin(ours, peer, "OPTIONS", outcome)
        via = (await peer.wait("OPTIONS"))["Via"]
        assert via.startswith(f"SIP/2.0/UDP 127.0.0.1:{ours.transport.port};")
        assert ";branch=z9hG4bK" in via
        assert via.endswith(";rport") or ";rport;" in via
        await peer.close()


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE"])
async def test_silence_ends_after_64_t1_once(method: str) -> None:
    async with end() as ours:
        peer, outcome = await Peer(silent).start(), Outcome()
        begin(ours, peer, method, outcome)
        await outcome.until(1)
        assert (outcome.codes, outcome.timed_out) == ([], 1)
        most = {"INVITE": 7, "OPTIONS": 11}[method]  # RFC 3261 17.1.1.2 and 17.1.2.2; fewer where timers come late
        assert most - 3 <= len(peer.received) <= most
        assert len(ours.clients) == 0
        await peer.close()


async def test_nothing_is_repeated_over_tcp_and_silence_ends_it_all_the_same() -> None:
    async with end() as ours:
        peer, outcome = await Peer(silent).start_tcp(), Outcome()
        begin(ours, peer, "OPTIONS", outcome, "tcp")
        await outcome.until(1)
        assert outcome.timed_out == 1
        assert len(peer.received) == 1
        assert peer.received[0]["Via"].startswith("SIP/2.0/TCP ")
        await peer.close()


async def test_answer_over_tcp_ends_the_transaction_at_once() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "486 Busy Here")).start_tcp(), Outcome()
        begin(ours, peer, "INVITE", outcome, "tcp")
        await outcome.until(1)
        assert outcome.codes == [486]
        assert len(ours.clients) == 0
        assert (await peer.wait("ACK"))["CSeq"] == "1 ACK"
        await peer.close()


async def test_provisional_answers_stop_repetition_of_an_invite_and_may_take_long() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "100 Trying", "180 Ringing")).start(), Outcome()
        transaction = begin(ours, peer, "INVITE", outcome)
        await outcome.until(2)
        await asyncio.sleep(0.8)  # more than 64*T1
        assert outcome.codes == [100, 180]
        assert outcome.timed_out == 0
        assert len(peer.received) == 1
        assert transaction.phase is Phase.PROCEEDING
        await peer.close()


async def test_refusal_is_acknowledged_inside_the_transaction_each_time_it_comes() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "486 Busy Here")).start(), Outcome()
        begin(ours, peer, "INVITE", outcome)
        invite = await peer.wait("INVITE")
        ack = await peer.wait("ACK")
        assert (ack.branch, ack.uri, ack["Route"]) == (invite.branch, invite.uri, invite["Route"])
        assert ack["To"].endswith(";tag=peer")
        peer.reply(invite, "486 Busy Here")
        await peer.wait("ACK", 2)
        assert outcome.codes == [486]
        await peer.close()


async def test_each_repetition_of_a_2xx_is_passed_up_and_acknowledged_by_nobody_here() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "200 OK")).start(), Outcome()
        begin(ours, peer, "INVITE", outcome)
        invite = await peer.wait("INVITE")
        peer.reply(invite, "200 OK")
        peer.reply(invite, "486 Busy Here")
        await outcome.until(2)
        assert outcome.codes == [200, 200]
        assert peer.all("ACK") == []
        await peer.close()


async def test_repeated_answer_to_another_request_is_swallowed() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "200 OK", "200 OK", "500 No")).start(), Outcome()
        begin(ours, peer, "INFO", outcome)
        await outcome.until(1)
        await asyncio.sleep(0.05)
        assert outcome.codes == [200]
        assert ours.strays == []
        await peer.close()


async def test_answers_are_forgotten_after_a_while() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "200 OK")).start(), Outcome()
        begin(ours, peer, "INFO", outcome)
        await outcome.until(1)
        async with asyncio.timeout(10):
            while len(ours.clients):
                await asyncio.sleep(0.01)
        assert outcome.timed_out == 0
        await peer.close()


async def test_cancel_waits_for_a_provisional_answer() -> None:
    async with end() as ours:
        peer, outcome = await Peer(silent).start(), Outcome()
        transaction = begin(ours, peer, "INVITE", outcome)
        invite = await peer.wait("INVITE")
        transaction.cancel()
        await asyncio.sleep(0.03)
        assert peer.all("CANCEL") == []
        peer.reply(invite, "180 Ringing")
        cancel = await peer.wait("CANCEL")
        assert (cancel.branch, cancel.uri, cancel["CSeq"]) == (invite.branch, invite.uri, "1 CANCEL")
        assert (cancel["To"], cancel["From"], cancel["Route"]) == (invite["To"], invite["From"], invite["Route"])
        peer.reply(cancel, "200 OK")
        peer.reply(invite, "487 Request Terminated")
        await outcome.until(2)
        assert outcome.codes == [180, 487]
        await peer.wait("ACK")
        await peer.close()


async def test_cancelled_invite_without_a_final_answer_ends() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "180 Ringing")).start(), Outcome()
        transaction = begin(ours, peer, "INVITE", outcome)
        await outcome.until(1)
        transaction.cancel()
        transaction.cancel()
        await outcome.until(2)
        assert outcome.timed_out == 1
        assert len({message.branch for message in peer.all("CANCEL")}) == 1
        await peer.close()


async def test_cancel_after_the_final_answer_does_nothing() -> None:
    async with end() as ours:
        peer, outcome = await Peer(after(0, "200 OK")).start(), Outcome()
        transaction = begin(ours, peer, "INVITE", outcome)
        await outcome.until(1)
        transaction.cancel()
        await asyncio.sleep(0.03)
        assert peer.methods() == ["INVITE"]
        await peer.close()


async def test_answer_to_nothing_is_not_ours() -> None:
    async with end() as ours:
        peer, outcome = await Peer(silent).start(), Outcome()
        transaction = begin(ours, peer, "OPTIONS", outcome)
        options = await peer.wait("OPTIONS")
        options.headers["via"] = [options["Via"].replace("branch=z9hG4bK", "branch=z9hG4bKx")]
        peer.reply(options, "200 OK")
        options.headers["cseq"] = ["1 INFO"]
        options.headers["via"] = [options["Via"].replace("branch=z9hG4bKx", "branch=z9hG4bK")]
        peer.reply(options, "200 OK")
        async with asyncio.timeout(10):
            while len(ours.strays) < 2:
                await asyncio.sleep(0.005)
        assert outcome.codes == []
        transaction.end()
        await peer.close()


async def test_ended_transaction_tells_nothing_more() -> None:
    async with end() as ours:
        peer, outcome = await Peer(silent).start(), Outcome()
        transaction = begin(ours, peer, "OPTIONS", outcome)
        options = await peer.wait("OPTIONS")
        transaction.end()
        peer.reply(options, "200 OK")
        await asyncio.sleep(0.05)
        assert (outcome.codes, outcome.timed_out, len(ours.strays)) == ([], 0, 1)
        await peer.close()


async def test_lost_transport_ends_what_waits_for_it() -> None:
    async with end() as ours:
        peer, outcome, other = await Peer(silent).start(), Outcome(), Outcome()
        begin(ours, peer, "INVITE", outcome)
        ours.clients.send(request("INFO", 9), ("127.0.0.1", 9, "udp"), other.heard, other.silence)
        ours.clients.lost(("127.0.0.1", peer.port, "udp"))
        assert (outcome.timed_out, other.timed_out) == (1, 0)
        await peer.close()


async def test_table_has_a_limit() -> None:
    async with end(limit=3) as ours:
        peer, outcome = await Peer(silent).start(), Outcome()
        for _ in range(3):
            begin(ours, peer, "OPTIONS", outcome)
        with pytest.raises(TooManyRequests):
            begin(ours, peer, "OPTIONS", outcome)
        await peer.close()
