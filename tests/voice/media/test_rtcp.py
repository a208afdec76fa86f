"""RTCP: reports that others can read, and whatever others send is read or refused."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.media import rtcp
from voice.media.rtp import Reception

SENT = rtcp.Sent(ssrc=0x1234, timestamp=5000, packets=50, octets=8000)


def _reception() -> Reception:
    reception = Reception()
    for sequence in (10, 11, 13):
        reception.arrived(sequence, sequence * 160, sequence * 0.02)
    return reception


@given(st.binary(max_size=200))
def test_any_datagram_is_read_or_refused(datagram: bytes) -> None:
    rtcp.parse(datagram)


@given(st.integers(0, 31), st.sampled_from([200, 201]), st.binary(max_size=60))
def test_any_report_is_read_or_refused(count: int, kind: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    rtcp.parse(struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body)


def test_sender_report_says_what_was_sent_and_received() -> None:
    datagram = rtcp.report(SENT, rtcp.block(0x77, _reception(), 0xABCD, 1.5), b"name", sending=True)
    assert datagram[1] == rtcp.SENDER
    assert struct.unpack_from("!III", datagram, 16) == (5000, 50, 8000)
    assert abs(struct.unpack_from("!I", datagram, 8)[0] - 2208988800 - time.time()) < 5
    heard = rtcp.parse(datagram)
    assert heard is not None
    assert (heard.ssrc, heard.goodbye) == (0x1234, False)
    (block,) = heard.blocks
    assert (block.ssrc, block.lost, block.highest, block.last, block.delay) == (0x77, 1, 13, 0xABCD, 98304)
    assert block.fraction_lost == 256 // 4


def test_receiver_report_when_nothing_was_sent() -> None:
    datagram = rtcp.report(SENT, b"", b"name", sending=False)
    assert datagram[1] == rtcp.RECEIVER
    assert rtcp.parse(datagram) == rtcp.Heard(0x1234, 0, (), False)


@pytest.mark.parametrize("name", [b"", b"a", b"ab", b"abc", b"0123456789abcdef"])
def test_description_ends_with_zero_on_a_word_boundary(name: bytes) -> None:
    datagram = rtcp.report(SENT, b"", name, sending=False)[8:]
    kind, words = datagram[1], int.from_bytes(datagram[2:4], "big")
    assert (kind, len(datagram)) == (rtcp.DESCRIPTION, 4 + 4 * words)
    assert datagram[8:10] == bytes([1, len(name)])
    assert datagram[10 : 10 + len(name)] == name
    assert datagram[10 + len(name)] == 0


def test_goodbye_follows_a_report() -> None:
    heard = rtcp.parse(rtcp.report(SENT, b"", b"n", sending=True) + rtcp.goodbye(SENT.ssrc))
    assert heard is not None
    assert heard.goodbye
    assert rtcp.parse(rtcp.goodbye(SENT.ssrc)) is None  # alone it is nothing (RFC 3550 6.1)


def test_more_loss_than_24_bits_hold_is_cut_off() -> None:
    reception = Reception()
    for i in range(3):
        reception.arrived(0, None, 0)
        reception.earlier = (0x2000000, i)
    heard = rtcp.parse(rtcp.report(SENT, rtcp.block(1, reception, 0, 0), b"n", sending=True))
    assert heard is not None
    assert heard.blocks[0].lost == 0x7FFFFF


def test_negative_loss_is_understood() -> None:
    body = struct.pack("!II", 9, 1) + b"\x00\xff\xff\xfe" + bytes(16)
    heard = rtcp.parse(struct.pack("!BBH", 0x81, rtcp.RECEIVER, len(body) // 4) + body)
    assert heard is not None
    assert heard.blocks[0].lost == -2


def test_round_trip_is_time_minus_the_delay_there() -> None:
    now = 1_800_000_000.0
    block = rtcp.Block(1, 0, 0, 0, 0, rtcp.middle(now - 0.25), delay=int(0.1 * 65536))
    assert rtcp.round_trip(block, now) == pytest.approx(0.15, abs=0.001)
    assert rtcp.round_trip(block._replace(last=0), now) is None
    assert rtcp.round_trip(block._replace(delay=65536 * 30), now) is None  # negative: a clock was set


def test_reports_come_every_five_seconds_or_so() -> None:
    pauses = [rtcp.pause() for _ in range(2000)]
    assert 2 < min(pauses) < max(pauses) < 6.2
    assert len(set(pauses)) > 1000
    assert max(rtcp.pause(first=True) for _ in range(100)) < 3.1
