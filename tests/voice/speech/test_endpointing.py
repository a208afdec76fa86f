"""Where a spoken question begins and ends, with synthesised speech and noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from voice.speech.endpointing import END_FRAMES, FRAME_BYTES, Utterance
from voice.speech.japanese import Japanese
from voice.speech.loudness import finish

QUESTION = "自動車税の納付書をなくしました。再発行できますか。"


@pytest.fixture(scope="module")
def question(engine: Japanese) -> NDArray[np.float64]:
    return finish(*engine.sound(QUESTION, 1.0)).astype(np.float64)


def pcm(*parts: NDArray[np.float64]) -> bytes:
    return np.clip(np.concatenate(parts), -32768, 32767).astype("<i2").tobytes()


def silence(seconds: float) -> NDArray[np.float64]:
    return np.zeros(int(seconds * 8000))


def noise(samples: NDArray[np.float64], snr_db: float) -> NDArray[np.float64]:
    level = 32768 * 10 ** ((-20 - snr_db) / 20)
    return samples + np.random.default_rng(1).normal(0, level, len(samples))


def hear(sound: bytes, seconds: float = 15.0, step: int = FRAME_BYTES) -> tuple[Utterance, float]:
    """The utterance and the seconds after which it ended."""
    utterance = Utterance(seconds)
    for at in range(0, len(sound), step):
        if utterance.add(sound[at : at + step]):
            return utterance, (at + step) / 16_000
    return utterance, len(sound) / 16_000


@pytest.mark.parametrize("snr_db", [60, 20, 10])
def test_question_is_cut_out_of_what_is_heard(question: NDArray[np.float64], snr_db: float) -> None:
    sound = pcm(noise(np.concatenate([silence(1), question, silence(3)]), snr_db))
    utterance, ended = hear(sound)
    length = len(question) / 8000
    assert 1 + length < ended < 1 + length + 1.5  # not at the pause between the two sentences
    heard = np.frombuffer(utterance.sound, dtype="<i2").astype(float)
    assert length - 0.2 < len(heard) / 8000 < length + 1.0
    assert np.corrcoef(heard[:20_000], _aligned(sound, heard)[:20_000])[0, 1] > 0.999  # beginning included


def _aligned(sound: bytes, heard: NDArray[np.float64]) -> NDArray[np.float64]:
    start = sound.find(heard[:400].astype("<i2").tobytes()) // 2
    assert start < 8000, "the first sound of the question is missing"
    return np.frombuffer(sound, dtype="<i2").astype(float)[start : start + len(heard)]


@pytest.mark.parametrize("level", [0, 30, 300])
def test_quiet_line_is_no_question(level: float) -> None:
    sound = np.random.default_rng(2).normal(0, level, 10 * 8000) if level else silence(10)
    utterance, ended = hear(pcm(sound), 8.0)
    assert ended == pytest.approx(8.0)
    assert utterance.sound == b""
    assert not utterance.started


def test_short_noises_are_no_question(question: NDArray[np.float64]) -> None:
    click = question[4000:4800]  # 0.1 s
    utterance, _ = hear(pcm(*[silence(0.5), click] * 6, silence(0.5)), 4.0)
    assert not utterance.started


def test_endless_talk_is_taken_when_the_time_is_over(question: NDArray[np.float64]) -> None:
    utterance, ended = hear(pcm(question, question, question), 6.0)
    assert ended == pytest.approx(6.0)
    assert 5 < len(utterance.sound) / 16_000 <= 6


def test_frames_of_any_size_give_the_same_sound(question: NDArray[np.float64]) -> None:
    sound = pcm(silence(0.5), question, silence(2))
    assert hear(sound, step=FRAME_BYTES)[0].sound == hear(sound, step=333)[0].sound == hear(sound, step=4000)[0].sound


def test_nothing_is_taken_after_the_end(question: NDArray[np.float64]) -> None:
    utterance, _ = hear(pcm(question, silence(2)))
    before = utterance.sound
    assert utterance.ended
    assert utterance.add(pcm(question)) is True
    assert utterance.sound == before
    assert pytest.approx(0.8) == END_FRAMES * 0.02
