"""Prompts as files that a browser or a telephone cloud can fetch: names, lengths, WAV."""

from __future__ import annotations

import hashlib
import io
import wave
from collections import OrderedDict

from voice.door import DoorContext
from voice.flow.model import Telephone, speech
from voice.flow.steps import Spoken
from voice.g711 import RATE, Clip

REMEMBERED = 2_000  # names handed out that a publication may have withdrawn meanwhile


def wav(clip: Clip) -> bytes:
    """A RIFF file of 16-bit PCM, 8 kHz mono: every browser plays that, few play µ-law."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(clip.samples.astype("<i2").tobytes())
    return made.getvalue()


def name_of(spoken: Spoken) -> str:
    """The name of a piece of speech, 16 hex digits: the same words have the same name everywhere."""
    return hashlib.sha256(f"{spoken.lang}\0{spoken.text}".encode()).hexdigest()[:16]


class SoundShelf:
    """Finds speech by its name, as long as it is published or was handed out not long ago."""

    def __init__(self, context: DoorContext) -> None:
        self._context = context
        self._published: Telephone | None = None
        self._by_name: dict[str, Spoken] = {}
        self._handed_out: OrderedDict[str, Spoken] = OrderedDict()

    def seconds(self, spoken: Spoken) -> float:
        """How long it takes to say."""
        return self._context.clip(spoken.text, spoken.lang).seconds

    def address(self, spoken: Spoken) -> str:
        """`<name>.wav?v=<what it sounds like>`: another pronunciation is another address, so copies may be kept."""
        name = name_of(spoken)
        self._handed_out[name] = spoken
        self._handed_out.move_to_end(name)
        if len(self._handed_out) > REMEMBERED:
            self._handed_out.popitem(last=False)
        return f"{name}.wav?v={_fingerprint(self._context.clip(spoken.text, spoken.lang))}"

    def find(self, name: str) -> Spoken | None:
        """The speech of a name; None for a name that nobody was given and nothing published has."""
        if known := self._handed_out.get(name):
            return known
        telephone = self._context.telephone()
        if telephone is not None and telephone is not self._published:
            self._published, self._by_name = telephone, {name_of(spoken): spoken for spoken in speech(telephone)}
        return self._by_name.get(name)

    def file(self, name: str, version: str) -> tuple[bytes, bool] | None:
        """The WAV file of a name, and whether it is of this version, so that a copy of it may be kept for good."""
        spoken = self.find(name)
        if spoken is None:
            return None
        clip = self._context.clip(spoken.text, spoken.lang)
        return wav(clip), _fingerprint(clip) == version


def _fingerprint(clip: Clip) -> str:
    return hashlib.sha256(clip.ulaw).hexdigest()[:8]
