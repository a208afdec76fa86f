"""G.711 at 8 kHz: µ-law and A-law by tables (ITU-T G.711, the integer algorithm of ITU-T G.191), and `Clip`.

Samples are 16-bit signed, mono, 8000 a second; a coded octet is one sample. The standard library's `audioop` is gone
from Python 3.13, and a table is as exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

RATE = 8000  # samples, and octets, a second
Law: TypeAlias = Literal["PCMU", "PCMA"]
Samples: TypeAlias = npt.NDArray[np.int16]


def _ulaw_values() -> Samples:
    octet = ~np.arange(256) & 0xFF
    exponent, mantissa = (octet >> 4) & 7, octet & 15
    size = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(octet & 0x80, -size, size).astype(np.int16)


def _alaw_values() -> Samples:
    octet = np.arange(256) ^ 0x55
    exponent, mantissa = (octet >> 4) & 7, octet & 15
    size = np.where(exponent, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0), (mantissa << 4) + 8)
    return np.where(octet & 0x80, size, -size).astype(np.int16)


def _exponents(size: npt.NDArray[np.int64], first: int) -> npt.NDArray[np.int64]:
    """0 below `first`, then one more for every doubling."""
    return np.searchsorted(first << np.arange(7), size, side="right").astype(np.int64)


def _ulaw_octets() -> npt.NDArray[np.uint8]:
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    size = np.minimum((np.where(sample < 0, ~sample, sample) >> 2) + 33, 0x1FFF)
    exponent = _exponents(size, 64)
    octet: npt.NDArray[np.int64] = 0x7F - (exponent << 4) - ((size >> (exponent + 1)) & 15)
    return np.where(sample < 0, octet, octet | 0x80).astype(np.uint8)


def _alaw_octets() -> npt.NDArray[np.uint8]:
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)
    size = np.where(sample < 0, ~sample, sample) >> 4
    exponent = _exponents(size, 16)
    octet = (exponent << 4) + ((size >> np.maximum(exponent - 1, 0)) & 15)
    return (np.where(sample < 0, octet, octet | 0x80) ^ 0x55).astype(np.uint8)


_VALUES: dict[str, Samples] = {"PCMU": _ulaw_values(), "PCMA": _alaw_values()}
_OCTETS = {"PCMU": _ulaw_octets(), "PCMA": _alaw_octets()}
SILENCE: dict[Law, bytes] = {"PCMU": b"\xff", "PCMA": b"\xd5"}  # the octet nearest to 0, positive


def encode(samples: Samples, law: Law) -> bytes:
    """16-bit samples → as many octets. Clip before you call: a value outside int16 cannot be told here."""
    return _OCTETS[law][np.ascontiguousarray(samples, dtype=np.int16).view(np.uint16)].tobytes()


def decode(octets: bytes, law: Law) -> Samples:
    """Octets → as many 16-bit samples: ±32124 at most in µ-law, ±32256 in A-law."""
    values: Samples = _VALUES[law][np.frombuffer(octets, dtype=np.uint8)]
    return values


# The other law's octet for each octet, for `bytes.translate`: relaying between two callers needs no arithmetic.
TO_OTHER: dict[Law, bytes] = {
    "PCMU": encode(_VALUES["PCMU"], "PCMA"),
    "PCMA": encode(_VALUES["PCMA"], "PCMU"),
}


def transcode(octets: bytes, law: Law, wanted: Law) -> bytes:
    """Octets of one law as octets of another; the same object where nothing is to be done."""
    return octets if law == wanted else octets.translate(TO_OTHER[law])


@dataclass(frozen=True)
class Clip:
    """Audio ready to be sent in either law; both members have the same length, 8000 octets a second."""

    ulaw: bytes
    alaw: bytes

    @classmethod
    def of(cls, samples: Samples) -> Clip:
        """Code 16-bit samples, 8000 a second."""
        return cls(encode(samples, "PCMU"), encode(samples, "PCMA"))

    @classmethod
    def silence(cls, seconds: float) -> Clip:
        """Digital silence; nothing at all for 0 seconds or less."""
        samples = round(max(seconds, 0.0) * RATE)
        return cls(SILENCE["PCMU"] * samples, SILENCE["PCMA"] * samples)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.ulaw) / RATE

    @property
    def samples(self) -> Samples:
        """The audio as 16-bit samples, from the µ-law member."""
        return decode(self.ulaw, "PCMU")

    def coded(self, law: Law) -> bytes:
        """The member of one law, not a copy."""
        return self.ulaw if law == "PCMU" else self.alaw


def join(clips: Iterable[Clip]) -> Clip:
    """One clip after the other; nothing for no clips."""
    parts = tuple(clips)
    return Clip(b"".join(clip.ulaw for clip in parts), b"".join(clip.alaw for clip in parts))
