"""What a caller said, as text: an interface, and Vosk behind it where the operator has a model.

No model could be had while this was written (voice.md 4): what is tested is everything around it. The telephone must be
complete with keys alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from voice.speech.errors import SpeechError
from voice.speech.loudness import resample, to_int16

RATE = 8000
MODEL_RATE = 16_000
"""Small models refuse 8 kHz ("expected 16000, got 8000", vosk-api #1726)."""

_JAPANESE = r"[ぁ-んァ-ヴー一-鿿㐀-䶿々〇。、]"
_BETWEEN_WORDS = re.compile(rf"(?<={_JAPANESE})\s+(?={_JAPANESE})")
_NEEDED = (("am/final.mdl", "final.mdl"), ("conf/mfcc.conf", "mfcc.conf"))
"""Files of a model, in either of the two layouts that Vosk knows."""


class NoRecognition(SpeechError):
    """There is no model, or it is not one; the words say in Japanese what to do."""


@dataclass(frozen=True)
class Recognised:
    """What was understood; `text` may be empty. `confidence` 0–1, of the least certain word."""

    text: str
    confidence: float


class VoskRecognizer:
    """Vosk with the model in a directory of the operator's. Loading takes seconds: once per worker process.

    Raises NoRecognition."""

    def __init__(self, model: Path) -> None:
        check_model(model)
        import vosk  # noqa: PLC0415  (optional, and it loads a 25 MB library)

        vosk.SetLogLevel(-1)
        self._vosk = vosk
        try:
            self._model = vosk.Model(model_path=str(model))  # without a path it would ask the vendor's site
        except Exception as error:  # a bare Exception is all that vosk raises; the reason is on C stderr
            raise NoRecognition(
                f"音声認識のモデルを読み込めません（{model}）。壊れていないか確かめてください。"
            ) from error

    def recognise(self, pcm16_8k: bytes) -> Recognised:
        """The text of one question: 16-bit PCM at 8 kHz, little endian, at most some ten seconds."""
        recogniser = self._vosk.KaldiRecognizer(self._model, MODEL_RATE)
        recogniser.SetWords(True)
        recogniser.AcceptWaveform(upsampled(pcm16_8k))
        return understood(json.loads(recogniser.FinalResult()))


def check_model(model: Path) -> None:
    """Look for what a model must have before Vosk does, which only prints why. Raises NoRecognition."""
    if find_spec("vosk") is None or find_spec("webrtcvad") is None:
        raise NoRecognition("音声認識の部品が入っていません。pip install 'madoguchi[recognition]' で入ります。")
    if not model.is_dir():
        raise NoRecognition(f"音声認識のモデルのフォルダーがありません: {model}（MADOGUCHI_SPEECH_MODEL）")
    for either in _NEEDED:
        if not any((model / name).is_file() for name in either):
            inside = [folder for folder in sorted(model.iterdir()) if (folder / either[0]).is_file()]
            hint = (
                f"{inside[0]} を指定してください。" if inside else "配布元のzipを展開したフォルダーを指定してください。"
            )
            raise NoRecognition(f"音声認識のモデルに {either[0]} がありません: {model}。{hint}")


def upsampled(pcm16_8k: bytes) -> bytes:
    """16-bit PCM from 8 to 16 kHz; an odd last octet is dropped."""
    samples = np.frombuffer(pcm16_8k[: len(pcm16_8k) // 2 * 2], dtype="<i2")
    if not len(samples):
        return b""
    return to_int16(resample(samples.astype(np.float64), RATE, MODEL_RATE)).astype("<i2").tobytes()


def understood(result: dict[str, Any]) -> Recognised:
    """Vosk's result as ours: spaces between Japanese words removed, those between Latin ones kept."""
    words = result.get("result", [])
    confidence = min((float(word.get("conf", 0.0)) for word in words), default=0.0)
    text = str(result.get("text", "")).replace("[unk]", " ")
    return Recognised(_BETWEEN_WORDS.sub("", " ".join(text.split())), confidence)
