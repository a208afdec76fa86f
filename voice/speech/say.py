"""One text said now, for `madoguchi say`: its reading, and a WAV file of what a caller would hear."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.g711 import Clip
from voice.speech.aloud import sayable
from voice.speech.dictionary import build_dictionary
from voice.speech.errors import SpeechError
from voice.speech.loudness import RATE
from voice.speech.pronunciation import load_pronunciation
from voice.speech.segments import sentences
from voice.speech.synthesis import Synthesis
from voice.speech.wave_file import encode

__all__ = ["SpeechError", "say", "spoken"]


def say(text: str, out: Path, lang: str, root: Path) -> str:
    """Write `text` to `out` (8 kHz, 16 bits, through G.711 as on the telephone) and return its reading: katakana, or
    for other languages the words as they are given to the voice. `root`: the content root with the table of readings.

    Raises SpeechError for a text that can't be said, a broken table and a file that can't be written."""
    if not sayable(text):
        raise SpeechError("読み上げる文字がありません。")
    pronunciation, findings = load_pronunciation(root)
    if pronunciation is None:
        raise SpeechError(f"読み方の表に誤りがあります。\n{findings[0]}")
    with tempfile.TemporaryDirectory() as workshop:
        synthesis = Synthesis(build_dictionary(pronunciation, Path(workshop)))
        sound = spoken(text, lang, synthesis)
        words = [segment.words for segment in sentences(text, lang)]
        reading = "".join(map(synthesis.japanese.kana, words)) if lang == "ja" else " ".join(words)
    try:
        out.write_bytes(encode(Clip.of(sound).samples))
    except OSError as error:
        raise SpeechError(f"{out} に書けません（{error.strerror}）。") from error
    return reading


def spoken(text: str, lang: str, synthesis: Synthesis) -> NDArray[np.int16]:
    """The whole text with its pauses, int16 at 8 kHz. Raises SpeechError."""
    parts: list[NDArray[np.int16]] = []
    for segment in sentences(text, lang):
        parts += [synthesis.samples(segment), np.zeros(round(segment.pause_after * RATE), dtype=np.int16)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
