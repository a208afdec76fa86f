"""The operating system's voice: whatever it does, a sound or a Japanese sentence comes back in time."""

from __future__ import annotations

import numpy as np
import pytest

from voice.speech import system_voice
from voice.speech.system_voice import SystemVoiceFailed, speak
from voice.speech.wave_file import encode

TONE = (3000 * np.sin(2 * np.pi * 500 * np.arange(16_000) / 8000)).astype(np.int16)


def program(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setattr(system_voice, "_PROGRAM", f"import sys\ntext, out = sys.argv[1:3]\n{source}")


def test_whole_file_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    program(monkeypatch, f"open(out, 'wb').write(bytes.fromhex('{encode(TONE[:800]).hex()}'))")
    assert 700 < len(speak("あ")) < 1600


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("pass", "作りませんでした"),
        ("open(out, 'wb').write(b'RIFF' + bytes(40))", "使えません"),  # the 44 octets of voice.md 3.2
        (f"open(out, 'wb').write(bytes.fromhex('{encode(TONE[:80]).hex()}'))", "短すぎます"),
        ("raise RuntimeError('run loop already started')", "run loop already started"),
        ("import time; time.sleep(60)", "1秒で終わりません"),
    ],
)
def test_what_pyttsx3_is_known_to_do_is_told_in_japanese(
    monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    program(monkeypatch, source)
    with pytest.raises(SystemVoiceFailed, match=why):
        speak("これは長い文です。", limit_seconds=1)


@pytest.mark.slow
def test_voice_of_this_machine_speaks() -> None:
    pytest.importorskip("pyttsx3")
    try:
        sound = speak("Hello, this is a test.", "en")
    except SystemVoiceFailed as error:
        pytest.skip(f"no voice on this machine: {error}")
    assert len(sound) > 4000
