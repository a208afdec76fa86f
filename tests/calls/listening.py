"""Sounds, and whether one is heard in another: the judge of every recording."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
KEYS = "123A456B789C*0#D"
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
SILENT = 0.001
ALIKE = 0.99  # what G.711 and a perfect line leave of a prompt; measured 0.999999 with baresip


@dataclass(frozen=True)
class Sound:
    """Mono audio at 8 kHz, floats in -1…1."""

    samples: NDArray[np.float64]

    @classmethod
    def read(cls, file: Path) -> Sound:
        """A WAV file of 16 bits. One whose writer was killed has a header without a length: read to its end."""
        with wave.open(str(file), "rb") as wav:
            assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATE, 1, 2), wav.getparams()
        return cls(np.frombuffer(_data(file.read_bytes()), dtype="<i2") / 32768.0)

    @classmethod
    def of_ulaw(cls, coded: bytes) -> Sound:
        """Decoded G.711 µ-law (ITU-T G.711 table 2a), by formula: a judge must not use the tables it judges."""
        code = ~np.frombuffer(coded, dtype=np.uint8)
        size = (((code & 15).astype(np.int32) << 3) + 132 << ((code >> 4) & 7)) - 132
        return cls(np.where(code & 128, -size, size) / 32768.0)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE

    def write(self, file: Path) -> None:
        """As a WAV file of 16 bits."""
        with wave.open(str(file), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(RATE)
            wav.writeframes(self.pcm())

    def pcm(self) -> bytes:
        """16-bit little-endian samples, as SIPp's rtp_stream and WAV files have them."""
        return (np.clip(self.samples, -1, 32767 / 32768) * 32768).astype("<i2").tobytes()

    def ulaw(self) -> bytes:
        """G.711 µ-law, by formula (see of_ulaw)."""
        linear = (np.clip(self.samples, -1, 1) * 32767).astype(np.int32)
        size = np.minimum(np.abs(linear), 32635) + 132
        segment = np.floor(np.log2(size)).astype(np.int32) - 7
        code = (segment << 4) | ((size >> (segment + 3)) & 15)
        coded = ~(code | np.where(linear < 0, 128, 0)) & 255
        return bytes(coded.astype(np.uint8))

    def followed_by(self, other: Sound) -> Sound:
        """Both, one after the other."""
        return Sound(np.concatenate([self.samples, other.samples]))

    def followed_by_silence(self, seconds: float) -> Sound:
        """With silence at its end."""
        return self.followed_by(silence(seconds))

    def between(self, start: float, end: float) -> Sound:
        """The stretch from a second to another."""
        return Sound(self.samples[round(start * RATE) : round(end * RATE)])

    def trimmed(self) -> Sound:
        """Without the silence at its end: a call may end in it."""
        loud = np.nonzero(np.abs(self.samples) > SILENT)[0]
        return Sound(self.samples[: loud[-1] + 1 if len(loud) else 0])

    def likeness(self, part: Sound) -> float:
        """The best normalised cross-correlation of a shorter sound with any stretch of this one: 1.0 = contained."""
        whole, wanted = self.samples, part.samples
        if len(wanted) > len(whole) or not wanted.any():
            return 0.0
        size = 1 << (len(whole) + len(wanted)).bit_length()
        products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(wanted, size)), size)
        energies = np.concatenate([[0.0], np.cumsum(whole**2)])
        window = energies[len(wanted) :] - energies[: len(whole) - len(wanted) + 1]
        best = products[: len(window)] / np.sqrt(np.maximum(window, 1e-9) * np.sum(wanted**2))
        return float(best.max())

    def contains(self, part: Sound) -> bool:
        """Whether a sound is heard in this one, whole and undisturbed."""
        return self.likeness(part) >= ALIKE

    def share_of(self, words: Sound) -> float:
        """The share of the seconds of a sound that are heard in this one: for telephones that bend time a little."""
        seconds = range(int(words.seconds))
        return sum(self.contains(words.between(at, at + 1)) for at in seconds) / len(seconds)


def _data(riff: bytes) -> bytes:
    start = riff.index(b"data") + 8
    length = int.from_bytes(riff[start - 4 : start], "little")
    end = len(riff) if length in (0, 0xFFFFFFFF) else start + length
    return riff[start : end - (end - start) % 2]


def silence(seconds: float) -> Sound:
    """Nothing to hear."""
    return Sound(np.zeros(round(seconds * RATE)))


def tone(hertz: float, seconds: float, level: float = 0.3) -> Sound:
    """A sine."""
    return Sound(level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE))


def warble(seconds: float, seed: int) -> Sound:
    """A sound that is like no other of another seed and not like itself a moment later: noise in the speech band."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return Sound(0.15 * np.convolve(noise, np.hanning(6) / 3, mode="same"))


def key_tones(keys: str, on_secs: float = 0.1, off_secs: float = 0.1) -> Sound:
    """Keys as a telephone without RFC 4733 sends them (ITU-T Q.23)."""
    sound = silence(0.0)
    for key in keys:
        row, column = divmod(KEYS.index(key), 4)
        pair = Sound(tone(ROWS[row], on_secs).samples + tone(COLUMNS[column], on_secs).samples)
        sound = sound.followed_by(pair).followed_by_silence(off_secs)
    return sound
