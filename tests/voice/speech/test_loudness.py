"""Sound made fit for the telephone: band, level, ends, peaks."""

from __future__ import annotations

import numpy as np
import pytest

from voice.speech.japanese import Japanese
from voice.speech.loudness import (
    FULL_SCALE,
    LEAD_SECONDS,
    PEAK_DB,
    RATE,
    TARGET_DB,
    TRAIL_SECONDS,
    active_db,
    finish,
    limit,
    resample,
    to_int16,
    trim,
)

SENTENCES = [
    "お電話ありがとうございます。", "自動車税の納期限は、5月31日です。", "1を押してください。", "はい。",
    "納付書の再発行は、", "平日の午前8時30分から午後5時15分までです。", "もう少しお待ちください。", "いいえ。",
    "担当におつなぎします。", "その番号は使われていません。", "車検用の納税証明書", "障害者減免", "還付",
    "二重に納めたときは、戻ります。", "ペイジーで納められます。", "どうぞ。", "新しい住所をお知らせください。",
    "くりかえします。", "ただいま混み合っています。", "シャープを、",
]  # fmt: skip


def tone(hertz: float, rate: int, seconds: float = 1.0, amplitude: float = 8000.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def test_tone_above_the_band_does_not_fold_down() -> None:
    kept, gone = finish(tone(1000, 48_000), 48_000), resample(tone(6000, 48_000), 48_000)
    assert np.abs(kept).max() > 1000
    assert np.sqrt(np.mean(gone[400:-400] ** 2)) < 8  # of 5657: −57 dB


def test_speech_has_next_to_nothing_above_the_band(engine: Japanese) -> None:
    sound = finish(*engine.sound(SENTENCES[1], 1.0)).astype(float)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    assert power[hertz > 3750].sum() / power.sum() < 1e-4
    assert power[hertz < 50].sum() / power.sum() < 1e-4


@pytest.mark.slow
def test_all_sentences_are_equally_loud(engine: Japanese) -> None:
    levels = [active_db(finish(*engine.sound(text, 0.92)).astype(float)) for text in SENTENCES]
    assert len(levels) == 20
    assert max(abs(level - TARGET_DB) for level in levels) < 2


def test_quiet_and_loud_recordings_come_out_alike(engine: Japanese) -> None:
    sound, rate = engine.sound(SENTENCES[0], 1.0)
    quiet, loud = finish(sound * 0.01, rate), finish(sound * 20, rate)
    assert abs(active_db(quiet.astype(float)) - active_db(loud.astype(float))) < 0.5


def test_peaks_stay_below_the_limit_without_a_crack() -> None:
    spiky = tone(300, RATE) * 0.02
    spiky[::2000] = 60_000
    limited = limit(spiky)
    assert np.abs(limited).max() <= FULL_SCALE * 10 ** (PEAK_DB / 20) + 1
    assert np.sign(limited[2000]) == 1


def test_loud_sound_does_not_wrap_around() -> None:
    assert to_int16(np.array([40_000.0, -40_000.0, 32_767.6, 0.4])).tolist() == [32767, -32768, 32767, 0]
    made = finish(tone(440, 48_000, amplitude=300_000), 48_000)
    assert np.abs(np.diff(made.astype(int))).max() < 12_000  # a wrap would be a step of 65,535


def test_ends_are_cut_to_the_same_silence() -> None:
    sound = np.concatenate([np.zeros(4000), tone(500, RATE, 0.5), np.zeros(9000)])
    trimmed = trim(sound)
    assert len(trimmed) == pytest.approx((0.5 + LEAD_SECONDS + TRAIL_SECONDS) * RATE, abs=160)
    assert np.abs(trimmed[:200]).max() == 0
    assert len(trim(tone(500, RATE, 0.5))) == pytest.approx((0.5 + LEAD_SECONDS + TRAIL_SECONDS) * RATE, abs=160)


def test_nothing_stays_nothing() -> None:
    for empty in (np.zeros(0), np.zeros(RATE), np.full(RATE, 0.4)):
        assert len(finish(empty, RATE)) == 0
    assert active_db(np.zeros(100)) == active_db(np.zeros(0)) == float("-inf")
    assert len(finish(np.array([1000.0]), 48_000)) == 0


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_gives_the_same_length(rate: int) -> None:
    seconds = len(finish(tone(700, rate, 1.0), rate)) / RATE
    assert seconds == pytest.approx(1.0 + LEAD_SECONDS + TRAIL_SECONDS, abs=0.03)
