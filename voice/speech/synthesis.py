"""The sound of one segment, whatever it is made of: Open JTalk, espeak-ng or a human recording; 8 kHz, levelled."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.speech import espeak
from voice.speech.errors import SpeechError
from voice.speech.japanese import Japanese
from voice.speech.loudness import finish
from voice.speech.segments import Segment
from voice.speech.wave_file import BrokenRecording, decode


class NotSpoken(SpeechError):
    """A segment came to no sound; the words say why (Japanese, for the operator and the editor)."""


class Synthesis:
    """Makes sounds with one dictionary of readings (None: none) and one folder of recordings."""

    def __init__(self, dictionary: Path | None, recordings: str = "") -> None:
        self._dictionary, self._recordings = dictionary, recordings
        self._japanese: Japanese | None = None

    @property
    def japanese(self) -> Japanese:
        """The Japanese engine, started when it is first needed."""
        if self._japanese is None:
            self._japanese = Japanese(self._dictionary)
        return self._japanese

    def samples(self, segment: Segment) -> NDArray[np.int16]:
        """The segment at 8 kHz, without the pause that follows it. Raises NotSpoken."""
        if segment.recording:
            raw, rate = self._recorded(*segment.recording)
        elif segment.lang == "ja":
            raw, rate = self.japanese.sound(segment.words, segment.speed)
        else:
            raw, rate = self._foreign(segment)
        made = finish(raw, rate)
        if not len(made):
            raise NotSpoken(f"「{segment.words[:30]}」を音声にできませんでした。")
        return made

    def _foreign(self, segment: Segment) -> tuple[NDArray[np.float64], int]:
        try:
            return espeak.speak(segment.words, segment.lang, segment.speed)
        except espeak.EspeakFailed as error:
            raise NotSpoken(str(error)) from error

    def _recorded(self, file: str, digest: str) -> tuple[NDArray[np.float64], int]:
        try:
            raw = (Path(self._recordings) / file).read_bytes()
            if hashlib.sha256(raw).hexdigest()[:32] != digest:
                raise NotSpoken(f"録音 {file} が、公開の途中で変わりました。もう一度公開してください。")
            return decode(raw)
        except (OSError, BrokenRecording) as error:
            raise NotSpoken(f"録音 {file} を読めません: {error}") from error
