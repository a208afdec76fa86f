"""Raw sound made fit for the telephone: 8 kHz, the telephone's band, one loudness, no clipping, short silences.

Everything is done off line on whole segments, so filters may look ahead and have no phase.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 8000  # G.711
TARGET_DB = -20.0
"""RMS of active speech, dB re full scale: a usual level for announcements (ITU-T P.56 active level around −20 to −26
dBov), 3 dB louder than callers' own speech and with 18 dB of room for peaks."""
PEAK_DB = -2.0
LOW_HZ, HIGH_HZ = 120.0, 3600.0
"""A telephone carries 300–3400 Hz (90.7 % of this voice's energy); what lies well outside costs loudness only."""
LEAD_SECONDS, TRAIL_SECONDS = 0.03, 0.06
SETTINGS = f"{TARGET_DB}/{PEAK_DB}/{LOW_HZ}-{HIGH_HZ}/{LEAD_SECONDS}+{TRAIL_SECONDS}/1"
"""Part of a prompt's key; change the last figure when the code changes the sound."""

FULL_SCALE = 32768.0
_FRAME = RATE // 100  # 10 ms
_ACTIVE_DB = 25.0  # below the loudest frame: pauses and the weakest sounds don't count as speech
_SILENT_DB = 50.0  # below the loudest frame; devoiced endings (です) are around −35
_EDGE = RATE // 200  # 5 ms fades, against clicks
_LOOK = RATE // 200  # 5 ms, of the limiter


def finish(samples: NDArray[np.float64], rate: int) -> NDArray[np.int16]:
    """Sound at any rate, in units of int16, to int16 at 8 kHz ready for G.711. Empty or silent sound gives none."""
    telephone = resample(samples, rate) if len(samples) else np.zeros(0)
    trimmed = trim(band(telephone)) if len(telephone) else telephone
    if not len(trimmed):
        return np.zeros(0, dtype=np.int16)
    return to_int16(fade(limit(level(trimmed))))


def resample(samples: NDArray[np.float64], rate: int, to: int = RATE) -> Samples:
    """soxr HQ: a 6 kHz tone is gone at 8 kHz (rms 27 of 7071), where `audioop.ratecv` folds it to 2 kHz."""
    if rate == to:
        return np.asarray(samples, dtype=np.float64)
    return np.asarray(soxr.resample(np.asarray(samples, dtype=np.float64), rate, to, "HQ"))


def band(samples: Samples) -> Samples:
    """Only LOW_HZ–HIGH_HZ, with raised-cosine edges; takes hum and direct current out of recordings."""
    length = len(samples)
    spectrum = np.fft.rfft(samples, 2 * length)  # twice: the ends must not run into each other
    hertz = np.fft.rfftfreq(2 * length, 1 / RATE)
    low = np.clip((hertz - LOW_HZ / 2) / (LOW_HZ / 2), 0, 1)
    high = np.clip((HIGH_HZ + 150 - hertz) / 150, 0, 1)
    gain = (0.5 - 0.5 * np.cos(np.pi * low)) * (0.5 - 0.5 * np.cos(np.pi * high))
    return np.asarray(np.fft.irfft(spectrum * gain, 2 * length)[:length])


def trim(samples: Samples) -> Samples:
    """Silence at both ends cut to LEAD_SECONDS and TRAIL_SECONDS; nothing if there is only silence."""
    loud = frame_rms(samples)
    if not len(loud) or loud.max() < 1.0:  # one step of int16: digital silence
        return samples[:0]
    heard = np.flatnonzero(loud > loud.max() * 10 ** (-_SILENT_DB / 20))
    start = heard[0] * _FRAME - int(LEAD_SECONDS * RATE)
    end = (heard[-1] + 1) * _FRAME + int(TRAIL_SECONDS * RATE)
    before, after = max(0, -start), max(0, end - len(samples))
    return np.pad(samples[max(0, start) : end], (before, after))


def frame_rms(samples: NDArray[np.floating]) -> Samples:
    """RMS of each 10 ms, the last one padded with silence."""
    padded = np.pad(np.asarray(samples, dtype=np.float64), (0, -len(samples) % _FRAME))
    return np.asarray(np.sqrt(np.mean(padded.reshape(-1, _FRAME) ** 2, axis=1)))


def active_db(samples: NDArray[np.floating]) -> float:
    """Level of what is speech in it, dB re full scale; −inf for silence."""
    loud = frame_rms(samples)
    if not len(loud) or loud.max() <= 0:
        return float("-inf")
    active = loud[loud > loud.max() * 10 ** (-_ACTIVE_DB / 20)]
    return float(20 * np.log10(np.sqrt(np.mean(active**2)) / FULL_SCALE))


def level(samples: Samples) -> Samples:
    """Brought to TARGET_DB."""
    return np.asarray(samples * 10 ** ((TARGET_DB - active_db(samples)) / 20))


def limit(samples: Samples) -> Samples:
    """Peaks above PEAK_DB turned down over 10 ms around them, which does not distort as cutting them off would."""
    ceiling = FULL_SCALE * 10 ** (PEAK_DB / 20)
    wanted = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    if wanted.min() >= 1.0:
        return samples
    lowest = sliding_window_view(np.pad(wanted, 2 * _LOOK, constant_values=1.0), 2 * _LOOK + 1).min(axis=1)
    smooth = sliding_window_view(lowest, 2 * _LOOK + 1).mean(axis=1)  # a mean of minima never exceeds what is wanted
    return np.asarray(samples * smooth)


def fade(samples: Samples) -> Samples:
    """5 ms in and out."""
    edge = min(_EDGE, len(samples) // 2)
    ramp = np.linspace(0, 1, edge, endpoint=False)
    shaped = samples.copy()
    shaped[:edge] *= ramp
    shaped[len(shaped) - edge :] *= ramp[::-1]
    return shaped


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Rounded; too loud stays loud, where a bare `astype` would wrap into a crack."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
