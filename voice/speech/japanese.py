"""Open JTalk (pyopenjtalk-plus) with our dictionary: readings, words and the raw sound of a segment.

Sudachi's and ONNX's corrections stay off: both would need packages of 200 MB, and a reading must not depend on what
else is installed. The sound is bit-identical from run to run.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from voice.speech.aloud import HYPHEN
from voice.speech.dictionary import build_dictionary, engine_version
from voice.speech.pronunciation import Pronunciation
from voice.speech.segments import sentences

if TYPE_CHECKING:
    from types import ModuleType

HALF_TONE = -3.0
"""Semitones. The voice "Mei" is very high (median pitch 375 Hz, measured), and high hearing goes first with age: three
down give 316 Hz, still a woman's voice. Chosen by figures; nobody has listened to it yet."""

RATE = 48_000  # Hz, of this voice

_PLAIN = {"use_sudachi_kanji_yomi": False, "predict_nani": False}


@dataclass(frozen=True)
class Word:
    """A word as the engine will say it. `part` and `group` are its part of speech (名詞, 接尾), `base` the dictionary
    form, `said` katakana ("" for marks and unknown signs)."""

    surface: str
    part: str
    group: str
    base: str
    said: str


@dataclass(frozen=True)
class Morph:
    """A word as the engine cut it. `known`: in its dictionary or our table; `confirmed`: in our table."""

    surface: str
    known: bool
    confirmed: bool


@cache
def _engine() -> ModuleType:
    """pyopenjtalk, without the notice about ONNX that it prints when imported."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        import pyopenjtalk  # noqa: PLC0415  (0.2 s and 80 MB: only where something is read)
    return pyopenjtalk


def engine_name() -> str:
    """What the sound depends on, for the key of a prompt; does not import the engine."""
    return f"openjtalk-plus {engine_version('pyopenjtalk-plus')} mei {HALF_TONE:+.1f}"


class Japanese:
    """An engine with one user dictionary (None: none). Not to be shared between threads."""

    def __init__(self, dictionary: Path | None = None) -> None:
        engine = _engine()
        userdic = str(dictionary).encode() if dictionary else b""
        self._jtalk = engine.OpenJTalk(dn_mecab=engine.OPEN_JTALK_DICT_DIR, userdic=userdic)

    @classmethod
    def of(cls, pronunciation: Pronunciation, folder: Path) -> Japanese:
        """An engine that reads by this table; `folder` keeps the compiled dictionary."""
        return cls(build_dictionary(pronunciation, folder))

    def reading(self, text: str) -> str:
        """The whole `text` in katakana as it will be said, numbers and their repetition included."""
        return "".join(self.kana(segment.words) for segment in sentences(text))

    def kana(self, words: str) -> str:
        """A segment's words in katakana; marks stay."""
        return "".join(word.said or word.surface for word in self.words(words)).replace(HYPHEN, "、")

    def morphs(self, words: str) -> list[Morph]:
        """The words of a segment as they were looked up."""
        _, morphs = self._jtalk.run_mecab_detailed(words)
        return [_morph(morph) for morph in morphs if not morph["is_ignored"]]

    def words(self, words: str) -> list[Word]:
        """The words of a segment as they will be said."""
        return [_word(feature) for feature in self._features(words)]

    def sound(self, words: str, speed: float) -> tuple[NDArray[np.float64], int]:
        """The sound of a segment, in units of int16 but not limited to them (peaks of 33,460 occur), and its rate.
        Empty if nothing in it can be said."""
        engine, features = _engine(), self._features(words)
        if all(feature["pos"] == "記号" for feature in features):  # it would say so on C stderr
            return np.zeros(0), RATE
        labels = engine.make_label(features, jtalk=self._jtalk)
        samples, rate = engine.synthesize(labels, speed=speed, half_tone=HALF_TONE)
        return np.asarray(samples, dtype=np.float64), int(rate)

    def _features(self, words: str) -> list[dict[str, Any]]:
        features: list[dict[str, Any]] = _engine().run_frontend(words, jtalk=self._jtalk, **_PLAIN)
        return features


def _morph(morph: dict[str, Any]) -> Morph:
    known = not morph["is_unknown"]
    return Morph(str(morph["surface"]), known, known and morph["dictionary_index"] == 1)  # 0 is the engine's own


def _word(feature: dict[str, Any]) -> Word:
    mark = feature["pos"] == "記号"
    said = "" if mark else str(feature["pron"]).replace("’", "")
    return Word(feature["string"], feature["pos"], feature["pos_group1"], feature["orig"], said)


def reading(text: str, pronunciation: Pronunciation, folder: Path) -> str:
    """`text` in katakana as it will be said; for many texts keep a `Japanese`."""
    return Japanese.of(pronunciation, folder).reading(text)
