"""RTP packets: whatever arrives is read or refused, and counted as RFC 3550 counts."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.media.rtp import FRAME, Packet, Reception, ahead, parse, write

packets = st.builds(
    Packet,
    payload_type=st.integers(0, 127),
    marker=st.booleans(),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=400),
)


@given(packets)
def test_packet_is_read_as_it_was_written(packet: Packet) -> None:
    assert parse(write(packet)) == packet


@given(st.binary(max_size=300))
def test_any_datagram_is_read_or_refused(datagram: bytes) -> None:
    packet = parse(datagram)
    assert packet is None or len(packet.payload) <= len(datagram) - 12


@given(packets, st.integers(1, 15), st.integers(0, 5), st.integers(1, 255))
def test_sources_extension_and_padding_are_taken_off(packet: Packet, sources: int, words: int, padding: int) -> None:
    plain = write(packet)
    extended = (
        bytes([0x80 | 0x20 | 0x10 | sources]) + plain[1:12] + bytes(4 * sources)
        + struct.pack("!HH", 0xBEDE, words) + bytes(4 * words) + packet.payload + bytes(padding - 1) + bytes([padding])
    )  # fmt: skip
    assert parse(extended) == packet


@pytest.mark.parametrize(
    "datagram",
    [
        b"", b"\x80" * 11, b"\x40" + bytes(20), b"\x00" + bytes(20),  # STUN begins with 00 (RFC 7983)
        b"\x8f" + bytes(20),  # 15 sources in 21 octets
        b"\x90" + bytes(11), b"\x90" + bytes(13) + b"\xff\xff",  # an extension that is not there
        b"\xa0" + bytes(12), b"\xa0" + bytes(12) + b"\xff",  # padding of 0, and of more than there is
    ],
)  # fmt: skip
def test_false_lengths_and_versions_are_refused(datagram: bytes) -> None:
    assert parse(datagram) is None


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_distance_holds_across_the_wrap(start: int, step: int) -> None:
    assert ahead((start + step) & 0xFFFF, start) == step


def _received(sequences: list[int], steady: bool = True) -> Reception:
    reception = Reception()
    for i, sequence in enumerate(sequences):
        reception.arrived(sequence & 0xFFFF, i * FRAME, i * 0.02 if steady else 0.0)
    return reception


@given(st.integers(0, 0xFFFF), st.sets(st.integers(1, 198), max_size=60))
def test_loss_is_what_did_not_come(start: int, missing: set[int]) -> None:
    reception = _received([start + i for i in range(200) if i not in missing])
    assert (reception.expected, reception.lost) == (200, len(missing))
    assert reception.highest == start + 199


def test_order_and_duplicates_do_not_count_as_loss() -> None:
    assert _received([1, 3, 2, 4, 4, 5]).lost == 0
    assert _received([65534, 0, 65535, 1]).lost == 0


def test_fraction_is_of_what_came_since_it_was_asked() -> None:
    reception = _received([0, 1, 2, 3])
    assert reception.fraction_lost() == 0
    reception.arrived(8, 0, 0)  # 4 to 7 are missing: four of five
    assert reception.fraction_lost() == 4 * 256 // 5
    assert reception.fraction_lost() == 0


def test_sender_that_begins_afresh_is_no_loss() -> None:
    reception = _received([1, 2, 3, 40000, 40001, 40002])
    assert reception.lost == 0
    assert reception.received == 5  # the first of the new numbers could have been a stray


def test_jitter_follows_the_formula_of_the_rfc() -> None:
    reception = Reception()
    expected = last = 0.0
    for i, late in enumerate([0, 0.01, 0, 0.005, 0.02, 0]):
        reception.arrived(i, i * FRAME, i * 0.02 + late)
        if i:
            expected += (abs(late - last) * 1000 - expected) / 16
        last = late
    assert reception.jitter_ms == pytest.approx(expected, abs=0.01)
    assert reception.jitter == int(expected * 8)


def test_steady_audio_has_no_jitter_even_when_the_timestamp_wraps() -> None:
    reception = Reception()
    for i in range(100):
        reception.arrived(i, (0xFFFFFF00 + i * FRAME) & 0xFFFFFFFF, 1e6 + i * 0.02)
    assert reception.jitter_ms < 0.01


def test_pause_of_the_sender_is_no_jitter() -> None:
    reception = _received([1, 2, 3])
    reception.arrived(4, 3 * FRAME, 100.0)
    assert reception.jitter_ms < 0.01
