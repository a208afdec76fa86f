"""Keys as tones (ITU-T Q.24): all real ones are heard, and speech is never taken for one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice.g711 import Law, Samples, decode, encode
from voice.media.tones import COLUMNS, PAD, ROWS, ToneBank, tone

KEYS = "147*2580369#" * 2
LAWS: tuple[Law, ...] = ("PCMU", "PCMA")


def _typed(samples: Samples, law: Law, packet: int = 160) -> str:
    """What the bank hears of audio that came as packets of `law`."""
    keys: list[str] = []
    bank = ToneBank()
    watch = bank.watch(keys.append)
    heard = decode(encode(samples, law), law)
    for start in range(0, len(heard), packet):
        watch.feed(heard[start : start + packet].tobytes())
        bank.listen()
    return "".join(keys)


def _dialled(  # what a telephone, and the line, can do to tones
    keys: str, on: float = 0.05, off: float = 0.05, noise: float | None = None, off_by: tuple[float, float] = (0, 0),
    twist: float = 0, level: float = 6000, lead: int = 800,
) -> Samples:  # fmt: skip
    """`on`, `off` in seconds; `noise` is the ratio in dB; `off_by` shares of row and column; `twist` in dB, positive
    with the column the weaker; `lead` samples before the first key."""
    chance = np.random.default_rng(len(keys) + lead)
    time = np.arange(round(on * 8000)) / 8000
    loud = level * 10 ** (np.array([-max(0, -twist), -max(0, twist)]) / 20)
    parts = [np.zeros(lead)]
    for key in keys:
        row = next(i for i, keys_ in enumerate(PAD) if key in keys_)
        hertz = np.array([ROWS[row], COLUMNS[PAD[row].index(key)]]) * (1 + np.array(off_by))
        waves = np.sin(2 * np.pi * hertz[:, None] * time + chance.uniform(0, 2 * np.pi, (2, 1)))
        parts += [loud @ waves, np.zeros(round(off * 8000))]
    audio = np.concatenate([*parts, np.zeros(800)])
    if noise is not None:
        audio = audio + chance.normal(0, np.sqrt((loud**2 / 2).sum() * 10 ** (-noise / 10)), len(audio))
    return np.clip(audio, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("noise", [None, 20, 15, 10])
@pytest.mark.parametrize(("on", "off"), [(0.04, 0.04), (0.05, 0.05), (0.1, 0.1), (0.04, 0.06), (1.0, 0.05)])
def test_keys_are_heard_through_noise(on: float, off: float, noise: float | None, law: Law) -> None:
    for lead in (800, 827, 853):  # wherever the looks fall
        assert _typed(_dialled(KEYS, on, off, noise, lead=lead), law) == KEYS


@pytest.mark.parametrize("noise", [None, 15])
@pytest.mark.parametrize("row", [-0.015, 0, 0.015])
@pytest.mark.parametrize("column", [-0.015, 0, 0.015])
def test_frequencies_within_one_and_a_half_percent_are_taken(row: float, column: float, noise: float | None) -> None:
    assert _typed(_dialled(KEYS, 0.04, 0.04, noise, off_by=(row, column)), "PCMU") == KEYS


@pytest.mark.parametrize("off_by", [(0.035, 0), (-0.035, 0), (0, 0.035), (0, -0.035), (0.035, 0.035)])
def test_frequencies_three_and_a_half_percent_off_are_refused(off_by: tuple[float, float]) -> None:
    assert _typed(_dialled(KEYS, 0.1, 0.1, off_by=off_by), "PCMU") == ""
    assert _typed(_dialled(KEYS, 0.1, 0.1, 20, off_by=off_by), "PCMA") == ""


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("twist", [4, -4, 7, -7])
def test_one_tone_may_be_the_weaker(twist: float, law: Law) -> None:
    assert _typed(_dialled(KEYS, twist=twist, noise=15), law) == KEYS


@pytest.mark.parametrize("twist", [14, -14])
def test_one_tone_may_not_be_far_the_weaker(twist: float) -> None:
    assert _typed(_dialled(KEYS, twist=twist), "PCMU") == ""


@pytest.mark.parametrize("level", [15000, 2000, 500])
def test_loud_and_faint_lines_are_heard(level: float) -> None:
    assert _typed(_dialled(KEYS, level=level), "PCMU") == KEYS


def test_blips_and_faint_tones_are_refused() -> None:
    assert _typed(_dialled(KEYS, on=0.02), "PCMU") == ""
    assert _typed(_dialled(KEYS, level=100), "PCMU") == ""


@pytest.mark.parametrize("packet", [80, 160, 240, 480])
def test_length_of_packets_does_not_matter(packet: int) -> None:
    assert _typed(_dialled(KEYS), "PCMU", packet) == KEYS


def test_letters_are_keys_of_no_telephone() -> None:
    assert _typed(_dialled("A1B2C3D4"), "PCMU") == "1234"


@pytest.mark.parametrize("key", "0123456789*#")
def test_our_own_tones_are_heard(key: str) -> None:
    assert _typed(np.concatenate([np.zeros(99, np.int16), tone(key).samples, np.zeros(400, np.int16)]), "PCMA") == key


def test_loss_within_a_tone_does_not_make_two_keys_of_it() -> None:
    keys: list[str] = []
    bank = ToneBank()
    watch = bank.watch(keys.append)
    pcm = _dialled("55", on=0.3).tobytes()
    for number, start in enumerate(range(0, len(pcm), 320)):
        if number % 5 == 4:
            watch.lost()
        else:
            watch.feed(pcm[start : start + 320])
        bank.listen()
    assert keys == ["5", "5"]


def test_each_caller_has_keys_of_its_own_until_it_is_forgotten() -> None:
    bank, typed = ToneBank(), list[str]()
    callers = [bank.watch(lambda key, i=i: typed.append(f"{i}{key}")) for i in range(40)]  # type: ignore[misc]
    for i, watch in enumerate(callers):
        watch.feed(_dialled(KEYS[i % 12], lead=80).tobytes()[:1800])
    bank.forget(callers[0])
    bank.listen()
    assert sorted(typed) == sorted(f"{i}{KEYS[i % 12]}" for i in range(1, 40))


def test_noise_and_single_tones_are_no_keys() -> None:
    chance = np.random.default_rng(3)
    assert _typed(chance.normal(0, 3000, 8000 * 20).astype(np.int16), "PCMU") == ""
    time = np.arange(4000) / 8000
    for hertz in (400, *ROWS, *COLUMNS):  # 400 Hz: dial and busy tone of Japan
        assert _typed((8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), "PCMU") == ""


@pytest.mark.parametrize("row", ROWS)
def test_row_with_its_harmonics_is_a_voice(row: int) -> None:
    time = np.arange(8000) / 8000
    for second in (0.5, 1.0):
        voice = np.sin(2 * np.pi * row * time) + second * np.sin(4 * np.pi * row * time)
        assert _typed((6000 * voice).astype(np.int16), "PCMU") == ""


@pytest.mark.slow
def test_japanese_speech_is_never_a_key() -> None:
    """Four minutes, high and low, slow and fast, of its own prompts (an hour and a half gave one key)."""
    import re

    import pyopenjtalk
    import soxr

    root = Path(__file__).resolve().parents[3]
    text = "".join(file.read_text(encoding="utf-8") for file in sorted((root / "faq").rglob("*.yaml")))
    sentences = re.findall(r"[ぁ-んァ-ヶ一-龠、]{15,80}。", text)[::9]
    spoken = []
    for i, sentence in enumerate(sentences[:50]):
        voice, rate = pyopenjtalk.tts(
            sentence, speed=(0.8, 1.0, 1.3)[i % 3], half_tone=(-8, -4, 0, 4, 8, 12)[i % 6],
            use_sudachi_kanji_yomi=False, predict_nani=False,
        )  # fmt: skip
        spoken.append(np.clip(soxr.resample(voice, rate, 8000), -32768, 32767).astype(np.int16))
    speech = np.concatenate(spoken)
    assert len(speech) > 200 * 8000
    assert [_typed(speech, law) for law in LAWS] == ["", ""]
