"""Other languages, in a program of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice.speech import espeak
from voice.speech.espeak import VOICES, EspeakFailed, speak

pytest.importorskip("espeakng_loader")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Please call us on weekdays."), ("zh", "请在工作日拨打电话。"), ("ko", "평일에 전화해 주십시오."),
        ("es", "Llámenos en días laborables."), ("vi", "Vui lòng gọi vào ngày thường."), ("pt", "Ligue em dias úteis."),
    ],
)  # fmt: skip
def test_every_language_is_spoken(lang: str, words: str) -> None:
    samples, rate = speak(words, lang, 1.0)
    assert rate == 22_050
    assert 0.8 < len(samples) / rate < 6
    assert np.sqrt(np.mean(samples**2)) > 500


@pytest.mark.slow
def test_slower_speech_takes_longer() -> None:
    assert len(speak("1 2 3 4 5 6", "en", 0.7)[0]) > 1.15 * len(speak("1 2 3 4 5 6", "en", 1.0)[0])


def test_mandarin_has_tones_not_english_figures() -> None:
    """Debian's espeak-ng 1.51 reads 你好 as “ni-three hao-three” (voice.md 3.2): it would take four times as long."""
    samples, rate = speak("你好", "zh", 1.0)
    assert len(samples) / rate < 1.2


def test_language_without_a_voice_is_refused() -> None:
    with pytest.raises(EspeakFailed, match="言語「xx」"):
        speak("x", "xx", 1.0)


def test_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(espeak, "_PROGRAM", tmp_path / "slow.py")
    with pytest.raises(EspeakFailed, match=r"0\.5秒"):
        speak("x", "en", 1.0, limit_seconds=0.5)


def test_program_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.py").write_text("import sys; sys.exit('no voice')")
    monkeypatch.setattr(espeak, "_PROGRAM", tmp_path / "bad.py")
    with pytest.raises(EspeakFailed, match="no voice"):
        speak("x", "en", 1.0)


def test_our_languages_have_voices() -> None:
    assert {"en", "zh", "ko", "es", "vi", "pt"} <= VOICES.keys()
