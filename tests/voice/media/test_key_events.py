"""RFC 4733: a press is a key once, however its packets come."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.media.dtmf import KEYS, KeyEvents, press
from voice.media.rtp import Packet

SSRC = 7


def _packets(key: str, timestamp: int, ssrc: int = SSRC) -> list[Packet]:
    return [Packet(101, i == 0, i, timestamp & 0xFFFFFFFF, ssrc, payload) for i, payload in enumerate(press(key))]


def _typed(packets: list[Packet]) -> str:
    events = KeyEvents()
    return "".join(key for packet in packets if (key := events.take(packet)))


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_its_event(key: str) -> None:
    assert _typed(_packets(key, 1000)) == key


@given(st.text(KEYS, max_size=12), st.integers(0, 0xFFFFFFFF))
def test_keys_come_once_and_in_order_even_when_time_wraps(keys: str, start: int) -> None:
    assert _typed([packet for i, key in enumerate(keys) for packet in _packets(key, start + i * 2000)]) == keys


@given(st.text(KEYS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_packets_may_be_lost_or_doubled_while_one_is_left(keys: str, chance: random.Random) -> None:
    sent = []
    for i, key in enumerate(keys):
        press = _packets(key, 50_000 * i)
        left = sorted(chance.sample(range(len(press)), chance.randint(1, len(press))))
        sent += [press[n] for n in left for _ in range(chance.randint(1, 3))]
    assert _typed(sent) == keys


def test_late_end_of_the_press_before_is_no_key() -> None:
    first, second = _packets("1", 1000), _packets("2", 3000)
    assert _typed([*first[:-1], *second[:2], first[-1], *second[2:]]) == "12"


def test_same_key_twice_is_two_keys() -> None:
    assert _typed(_packets("5", 1000) + _packets("5", 2200)) == "55"


def test_press_of_more_than_eight_seconds_is_one_key() -> None:
    """RFC 4733 2.5.1.3: it goes on as an event of its own, without a marker, where the one before ran out."""
    start = Packet(101, True, 1, 1000, SSRC, b"\x05\x0a\x00\xa0")
    full = Packet(101, False, 2, 1000, SSRC, b"\x05\x0a\xff\xff")
    more = Packet(101, False, 3, 1000 + 0xFFFF, SSRC, b"\x05\x0a\x00\xa0")
    end = Packet(101, False, 4, 1000 + 0xFFFF, SSRC, b"\x05\x8a\x01\x40")
    assert _typed([start, full, more, end]) == "5"


def test_gateway_that_moves_the_timestamp_on_presses_once() -> None:
    moving = [Packet(101, i == 0, i, 1000 + 160 * i, SSRC, bytes([3, 10, 0, 160])) for i in range(8)]
    assert _typed(moving) == "3"


def test_other_sender_starts_afresh() -> None:
    assert _typed(_packets("1", 900_000) + _packets("2", 5, ssrc=8)) == "12"


@pytest.mark.parametrize(
    "payload", [b"", b"\x01", b"\x01\x0a\x00", b"\x0c\x0a\x00\xa0", b"\x10\x0a\x00\xa0", b"\xff" * 4]
)
def test_what_is_no_key_of_a_telephone_is_ignored(payload: bytes) -> None:
    assert _typed([Packet(101, True, 1, 1, SSRC, payload)]) == ""


def test_press_lasts_and_ends_three_times() -> None:
    payloads = press("#", 0.06)
    assert (
        payloads
        == [bytes([11, 10, 0, 160]), bytes([11, 10, 1, 64]), bytes([11, 10, 1, 224])] + [bytes([11, 0x8A, 1, 224])] * 3
    )
