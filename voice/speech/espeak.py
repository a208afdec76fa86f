"""espeak-ng for languages other than Japanese, in a process of its own for every segment.

It is GPL-3 and keeps its state in C globals (voice.md 3.2): a helper program, which gets a request on standard input
and gives samples back, keeps both out of ours. A segment takes 0.1 s.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.speech.dictionary import engine_version
from voice.speech.errors import SpeechError

VOICES = {"en": "en-us", "zh": "cmn", "ko": "ko", "es": "es-419", "vi": "vi", "pt": "pt-br", "pt-br": "pt-br"}
"""Our language codes and espeak's voices."""

WORDS_A_MINUTE = 160  # at speed 1; espeak's own is 175, too fast for a telephone
LIMIT_SECONDS = 20.0

_PROGRAM = Path(__file__).with_name("espeak_program.py")


class EspeakFailed(SpeechError):
    """No sound; the words say why in Japanese."""


@cache
def engine_name(lang: str) -> str:
    """What the sound depends on, for the key of a prompt."""
    return f"espeak-ng {engine_version('espeakng-loader')} {VOICES.get(lang, '-')} {WORDS_A_MINUTE}"


def speak(words: str, lang: str, speed: float, limit_seconds: float = LIMIT_SECONDS) -> tuple[NDArray[np.float64], int]:
    """The sound of `words` in units of int16, and its rate. Raises EspeakFailed."""
    voice = VOICES.get(lang)
    if voice is None:
        raise EspeakFailed(f"言語「{lang}」の声がありません（使えるもの: ja、{'、'.join(VOICES)}）。")
    if find_spec("espeakng_loader") is None:
        raise EspeakFailed("espeakng-loader が入っていません。pip install 'madoguchi[voices]' で入ります。")
    request = json.dumps({"words": words, "voice": voice, "rate": round(WORDS_A_MINUTE * speed)})
    command = [sys.executable, "-I", str(_PROGRAM)]
    try:
        done = subprocess.run(
            command, input=request.encode(), capture_output=True, timeout=limit_seconds, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise EspeakFailed(f"espeak-ng が{limit_seconds:g}秒で終わりませんでした。") from error
    if done.returncode:
        detail = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise EspeakFailed(f"espeak-ng で音声を作れませんでした: {''.join(detail)}")
    rate = int.from_bytes(done.stdout[:4], "little")
    return np.frombuffer(done.stdout[4:], dtype="<i2").astype(np.float64), rate
