"""States travel through a cloud and come back unchanged, or not at all."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.flow.steps import Position, Spoken
from voice.sound import name_of
from voice.twiml.state import CallState, Forged, seal, unseal

WORDS = {name_of(spoken): spoken for spoken in [Spoken("お電話ありがとうございます。"), Spoken("Hello.", "en")]}
PLACE = Position(
    "after_hours", "menu", "saying", misses=1, wrong=2, playing=tuple(WORDS.values()), subject="1",
    offered=("slip-lost", "slip-new"), waited=12.5, trail=("after_hours/greeting",),
)  # fmt: skip
STATE = CallState(PLACE, 1_795_000_000.25, "time", (3.25, 8.0), 6.0, 1_795_000_000.0, "operators")


def test_a_state_comes_back_as_it_was_but_for_the_trail() -> None:
    back = unseal(seal(STATE, "CA1", "token"), "CA1", "token", WORDS.get)
    assert back == replace(STATE, position=replace(PLACE, trail=()))


_NAME = st.text("abcdefghij_", min_size=1, max_size=20)
_POSITIONS = st.builds(
    Position, flow=_NAME, node=_NAME, phase=st.sampled_from(["saying", "waiting", "over"]), misses=st.integers(0, 9),
    subject=st.text(max_size=8), offered=st.lists(_NAME, max_size=3).map(tuple), waited=st.floats(0, 600),
)  # fmt: skip


@given(_POSITIONS, st.floats(0, 2e9), st.lists(st.floats(0, 300), max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_state_comes_back(position: Position, sent: float, lengths: list[float]) -> None:
    state = CallState(position, sent, "prompt", tuple(lengths))
    assert unseal(seal(state, "CA1", "t"), "CA1", "t", WORDS.get) == state


def test_it_is_short_and_carries_no_words() -> None:
    text = seal(STATE, "CA1", "token")
    assert len(text) < 450  # clouds take some 2,000 characters of address
    assert "お電話" not in text


def test_words_that_were_withdrawn_meanwhile_are_left_out() -> None:
    assert unseal(seal(STATE, "CA1", "t"), "CA1", "t", lambda _: None).position.playing == ()


@pytest.mark.parametrize("call", ["CA2", "", "ca1"])
def test_the_state_of_another_call_is_refused(call: str) -> None:
    with pytest.raises(Forged):
        unseal(seal(STATE, "CA1", "token"), call, "token", WORDS.get)


def test_every_changed_byte_is_noticed() -> None:
    raw = bytearray(base64.urlsafe_b64decode(seal(STATE, "CA1", "token") + "=="))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(Forged):
            unseal(base64.urlsafe_b64encode(changed).decode().rstrip("="), "CA1", "token", WORDS.get)


@pytest.mark.parametrize("text", ["", "A", "AAAA", "%%%", "あ", "=", "A" * 4000])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(Forged):
        unseal(text, "CA1", "token", WORDS.get)


def test_another_token_is_refused() -> None:
    with pytest.raises(Forged):
        unseal(seal(STATE, "CA1", "token"), "CA1", "tokem", WORDS.get)
