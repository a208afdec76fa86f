"""What plays is heard octet for octet, and how far is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.g711 import Clip, Law, join
from voice.media.playing import Playing
from voice.media.rtp import FRAME

lengths = st.lists(st.integers(0, 500), max_size=8)


def _clips(lengths: list[int]) -> list[Clip]:
    chance = np.random.default_rng(1)
    return [Clip.of(chance.integers(-30000, 30000, length).astype(np.int16)) for length in lengths]


def _frames(playing: Playing) -> bytes:
    frames = []
    while not playing.over:
        frames.append(playing.frame())
    assert all(len(frame) == FRAME for frame in frames)
    return b"".join(frames)


@pytest.mark.parametrize(("law", "silence"), [("PCMU", b"\xff"), ("PCMA", b"\xd5")])
@given(lengths)
def test_clips_are_heard_without_a_seam(law: Law, silence: bytes, lengths: list[int]) -> None:
    playing, clips = Playing(), _clips(lengths)
    playing.use(law)
    playing.start(clips, lambda: None)
    heard, said = _frames(playing), join(clips).coded(law)
    assert heard[: len(said)] == said
    assert heard[len(said) :] == silence * (-len(said) % FRAME)
    assert playing.heard == pytest.approx(len(said) / 8000)
    assert playing.frame() == silence * FRAME


def test_end_is_told_once_and_may_start_the_next() -> None:
    playing, told = Playing(), list[str]()
    second, third = _clips([FRAME, FRAME])

    def ended() -> None:
        told.append(f"first, {playing.heard} s")
        playing.start([second], lambda: told.append("second"))

    playing.start([third], ended)
    assert playing.frame() == third.ulaw
    assert playing.over
    playing.finish()
    assert playing.frame() == second.ulaw
    playing.finish()
    playing.finish()
    assert told == ["first, 0.02 s", "second"]
    assert not playing.running


def test_stop_tells_how_much_was_heard() -> None:
    playing = Playing()
    assert playing.stop() == 0.0
    playing.start(_clips([800]), lambda: pytest.fail("it was stopped"))
    playing.frame()
    playing.frame()
    assert playing.stop() == playing.heard == 0.04
    assert playing.stop() == 0.0
    playing.finish()
    assert not playing.over


def test_law_may_change_in_the_middle() -> None:
    playing, (clip,) = Playing(), _clips([800])
    playing.start([clip], lambda: None)
    assert playing.frame() == clip.ulaw[:FRAME]
    playing.use("PCMA")
    assert playing.frame() == clip.alaw[FRAME : 2 * FRAME]
