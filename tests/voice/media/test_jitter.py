"""What arrives is put in order: nothing twice, nothing invented, what is lost is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voice.g711 import Law, transcode
from voice.media.jitter import WINDOW, Piece, Relay, Reorder
from voice.media.rtp import FRAME, Packet


def _packet(i: int, sequence: int = 100, timestamp: int = 1000) -> Packet:
    payload = bytes([i % 256]) * FRAME
    return Packet(0, False, sequence + i & 0xFFFF, timestamp + i * FRAME & 0xFFFFFFFF, 1, payload)


def _put(packets: list[Packet], law: Law | None = "PCMU") -> list[Piece]:
    order = Reorder()
    return [piece for packet in packets for piece in order.put(packet, law)] + order.flush()


def _heard(pieces: list[Piece]) -> list[int]:
    """The number of each packet heard, -1 for each 20 ms told to be missing."""
    heard: list[int] = []
    for piece in pieces:
        heard += [piece.octets[0]] if piece.octets else [-1] * (piece.missing // FRAME)
    return heard


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.data())
def test_packets_that_overtake_within_the_window_come_in_order(start: int, time: int, data: st.DataObject) -> None:
    groups = [list(range(first, first + 3)) for first in range(1, 61, 3)]
    mixed = [0] + [i for group in groups for i in data.draw(st.permutations(group))]
    assert _heard(_put([_packet(i, start, time) for i in mixed])) == list(range(61))


@given(st.sets(st.integers(1, 58), max_size=30), st.data())
def test_lost_packets_are_told_and_doubled_ones_are_not_heard(lost: set[int], data: st.DataObject) -> None:
    came = [i for i in range(60) if i not in lost for _ in range(data.draw(st.integers(1, 2)))]
    assert _heard(_put([_packet(i) for i in came])) == [-1 if i in lost else i for i in range(60)]


def test_a_packet_is_waited_for_no_longer_than_the_window() -> None:
    order = Reorder()
    heard = [_heard(order.put(_packet(i), "PCMU")) for i in (0, *range(2, 2 + WINDOW))]
    assert heard == [[0]] + [[]] * (WINDOW - 1) + [[-1, 2, 3, 4, 5]]
    assert order.put(_packet(1), "PCMU") == []  # too late


def test_pause_of_the_sender_is_as_long_as_its_timestamp_says() -> None:
    later = _packet(1)._replace(timestamp=1000 + 26 * FRAME)
    assert _heard(_put([_packet(0), later])) == [0] + [-1] * 25 + [1]


def test_timestamp_that_jumps_far_or_back_adds_nothing() -> None:
    for timestamp in (0, 1000 + 8000 * 60):
        assert _heard(_put([_packet(0), _packet(1)._replace(timestamp=timestamp)])) == [0, 1]


def test_new_numbering_is_followed_at_once() -> None:
    assert _heard(_put([_packet(0), _packet(1, sequence=40000), _packet(2, sequence=40000)])) == [0, 1, 2]


def test_keys_between_the_audio_are_neither_loss_nor_sound() -> None:
    order, pieces = Reorder(), []
    for i in range(6):
        event = i in (2, 3)
        packet = _packet(i)._replace(timestamp=1000 + (2 if event else i) * FRAME)
        pieces += order.put(packet, None if event else "PCMU")
    assert _heard(pieces) == [0, 1, -1, -1, 4, 5]


def test_silence_given_meanwhile_does_not_come_on_top() -> None:
    order = Reorder()
    heard = _heard(order.put(_packet(0), "PCMU"))
    heard += [-1 for _ in range(10) if order.silence().missing == FRAME]
    heard += _heard(order.put(_packet(1)._replace(timestamp=1000 + 13 * FRAME), "PCMU"))
    assert heard == [0] + [-1] * 12 + [1]


def test_relay_gives_what_it_was_given_in_the_receivers_law() -> None:
    relay = Relay("PCMA")
    frames = []
    for i in range(10):
        relay.put(Piece("PCMU", bytes([i]) * FRAME))
        frames.append(relay.frame())
    assert frames[:2] == [None, None]  # 60 ms of stock first
    assert frames[2:] == [transcode(bytes([i]) * FRAME, "PCMU", "PCMA") for i in range(8)]


def test_relay_fed_unevenly_never_breaks_while_stock_lasts() -> None:
    relay, heard = Relay("PCMU"), list[bytes | None]()
    for beat in range(60):
        if beat % 2 == 0:  # two packets every 40 ms
            for i in (0, 1):
                relay.put(Piece("PCMU", bytes([beat + i]) * FRAME))
        heard.append(relay.frame())
    spoken = [frame[0] for frame in heard if frame]
    assert spoken == list(range(len(spoken)))
    assert None not in heard[2:]


def test_relay_that_ran_dry_collects_before_it_goes_on() -> None:
    relay = Relay("PCMU")
    for _ in range(3):
        relay.put(Piece("PCMU", b"a" * FRAME))
    assert [relay.frame() is not None for _ in range(4)] == [True, True, True, False]
    relay.put(Piece("PCMU", b"b" * FRAME))
    assert relay.frame() is None


def test_relay_never_falls_far_behind() -> None:
    relay = Relay("PCMU")
    for i in range(100):
        relay.put(Piece("PCMU", bytes([i]) * FRAME))
    frame = relay.frame()
    assert frame is not None
    assert frame[0] >= 88


def test_relay_of_a_lost_packet_is_silence() -> None:
    relay = Relay("PCMA")
    relay.put(Piece("PCMU", b"", 5 * FRAME))
    assert relay.frame() == b"\xd5" * FRAME
