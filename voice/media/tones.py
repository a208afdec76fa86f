"""Keys as tones in the audio (ITU-T Q.23, Q.24), for telephones that send no RFC 4733 events.

Every 10 ms a span of 25 ms is looked at, of all watched callers at once (one product of matrices). Two windows of
20 ms in it, 5 ms apart, tell the strength of the eight tones, and by the turn of their phases the frequency to about
1 Hz. A key is: one row and one column, near their nominal frequencies, that together are nearly all there is to hear.
No guard against second harmonics: those of 697, 770 and 852 Hz lie beside the columns 1336, 1477 and 1633 and such a
guard fails on real keys; a voice with such harmonics is 4 % off the column's frequency, and refused for that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from voice.g711 import RATE, Clip

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
PAD = ("123A", "456B", "789C", "*0#D")
_KEYS = "".join(PAD)
_REPORTED = "0123456789*#"  # A-D are heard, so that they are nothing else, and ignored

_WINDOW, _SHIFT, _HOP = 160, 40, 80  # samples
_SPAN = _WINDOW + _SHIFT
_TOLERANCE = 0.025  # of the frequency, at one look
_TWIST = 10 ** (9 / 10)  # either tone may be up to 9 dB the stronger
_FAINTEST = 10 ** (-40 / 10)  # of a full-scale sine, each tone
_SHARE = 0.72  # of all that is heard in a look, which may be partly before or after the tone
_SURE = 3  # looks in a row that must agree; and that must miss a key before it counts as released
# Over those looks. Measured: tones 1.5 % off in noise of 10 dB have means to 1.63 %, spreads to 1.4 % and a best share
# from 0.89; in an hour and a half of synthetic speech one syllable met all three (a "2").
_MEAN, _SPREAD, _BEST_SHARE = 0.017, 0.016, 0.85
_ROWS_AT_ONCE = 32  # a larger product OpenBLAS spreads over threads that spin: four times the time, measured
_MOST_BEHIND = RATE  # samples of one caller that may wait: a second that came at once is still heard

_HERTZ = np.array(ROWS + COLUMNS, dtype=np.float32)
_WEIGHTS = np.hanning(_WINDOW + 1)[:-1]


def _bank() -> npt.NDArray[np.float32]:
    """Columns: window, tone, (cosine, sine)."""
    bank = np.zeros((_SPAN, 2, 8, 2), dtype=np.float32)
    time = np.arange(_SPAN)[:, None] / RATE
    for window, start in enumerate((0, _SHIFT)):
        weights = np.zeros((_SPAN, 1))
        weights[start : start + _WINDOW, 0] = _WEIGHTS
        bank[:, window, :, 0] = weights * np.cos(2 * np.pi * _HERTZ * time)
        bank[:, window, :, 1] = -weights * np.sin(2 * np.pi * _HERTZ * time)
    return bank.reshape(_SPAN, 32)


_BANK = _bank()
_BOTH = np.zeros(_SPAN, dtype=np.float32)  # the weights of both windows together
_BOTH[:_WINDOW] += _WEIGHTS
_BOTH[_SHIFT:] += _WEIGHTS


Look: TypeAlias = tuple[int, float, float, float]
"""What one look found: index into 123A456B789C*0#D, -1 for none; how far row and column are off, in shares of their
frequency; the share of the two in all that is heard."""


def look(spans: npt.NDArray[np.float32]) -> list[Look]:
    """Which key sounds in each span (rows of 200 samples, full scale 1.0)."""
    count = len(spans)
    parts = [spans[start : start + _ROWS_AT_ONCE] @ _BANK for start in range(0, count, _ROWS_AT_ONCE)]
    heard = np.concatenate(parts).view(np.complex64).reshape(count, 2, 8)
    power = (np.abs(heard) ** 2).sum(axis=1) * (2 / _WEIGHTS.sum() ** 2)  # the square of the amplitude
    row, column = power[:, :4].argmax(axis=1), power[:, 4:].argmax(axis=1) + 4
    pair = np.stack((row, column), axis=1)
    every = np.arange(count)[:, None]
    turned = np.angle(heard[every, 1, pair] * heard[every, 0, pair].conj())
    off = turned * (RATE / (2 * np.pi * _SHIFT))  # hertz
    bins = np.minimum(np.abs(off) * (_WINDOW / RATE), 0.95)
    strong = power[every, pair] * ((1 - bins**2) / np.sinc(bins)) ** 2  # what the window takes from a tone beside it
    everything = (spans**2 * _BOTH).sum(axis=1)
    share = strong.sum(axis=1) * (_BOTH.sum() / 2) / np.maximum(everything, 1e-12)
    good = (
        (np.abs(off) <= _TOLERANCE * _HERTZ[pair]).all(axis=1)
        & (strong.min(axis=1) >= _FAINTEST)
        & (strong.max(axis=1) <= _TWIST * strong.min(axis=1))
        & (share >= _SHARE)
    )
    keys = np.where(good, row * 4 + column - 4, -1)
    return list(zip(keys.tolist(), *(off / _HERTZ[pair]).T.tolist(), share.tolist(), strict=True))


def tone(key: str, seconds: float = 0.1, level: float = 8000.0) -> Clip:
    """The tone pair of one of 0-9 * # A-D, each tone at `level` (amplitude, of 32767), as a telephone makes it."""
    row = next(i for i, keys in enumerate(PAD) if key in keys)
    time = np.arange(round(seconds * RATE)) / RATE
    pair = np.array([[ROWS[row]], [COLUMNS[PAD[row].index(key)]]])
    return Clip.of((level * np.sin(2 * np.pi * pair * time).sum(axis=0)).astype(np.int16))


class Watch:
    """One caller's audio, watched for tones."""

    def __init__(self, on_key: Callable[[str], None]) -> None:
        self._on_key = on_key
        self._pcm = bytearray()
        self._looks: deque[Look] = deque(maxlen=_SURE)
        self._down = -1
        self._misses = 0

    def feed(self, pcm: bytes) -> None:
        """The next 16-bit samples; looked at when the bank listens."""
        self._pcm += pcm
        del self._pcm[: -2 * _MOST_BEHIND]

    def lost(self) -> None:
        """Some audio is missing here: a tone that goes on afterwards is still the same key."""
        self._pcm.clear()

    def next(self) -> bytes | None:
        """The next span, if there is one."""
        if len(self._pcm) < 2 * _SPAN:
            return None
        span = bytes(self._pcm[: 2 * _SPAN])
        del self._pcm[: 2 * _HOP]
        return span

    def hear(self, found: Look) -> None:
        """What the look at the last span found."""
        key = found[0]
        self._misses = 0 if key == self._down else self._misses + 1
        if self._misses >= _SURE:
            self._down = -1
        self._looks.append(found)
        if key >= 0 and key != self._down and self._certain(key):
            self._down, self._misses = key, 0
            if _KEYS[key] in _REPORTED:
                self._on_key(_KEYS[key])

    def _certain(self, key: int) -> bool:
        keys, rows, columns, shares = zip(*self._looks, strict=True)
        return keys == (key,) * _SURE and max(shares) >= _BEST_SHARE and _steady(rows) and _steady(columns)


def _steady(off: tuple[float, ...]) -> bool:
    """Near the nominal frequency on the whole, and not gliding as a voice does."""
    return abs(sum(off)) / len(off) <= _MEAN and max(off) - min(off) <= _SPREAD


class ToneBank:
    """All watched callers, looked at together: numpy costs by the call, not by the caller."""

    def __init__(self) -> None:
        self._watches: dict[int, Watch] = {}

    def watch(self, on_key: Callable[[str], None]) -> Watch:
        """Watch one more caller."""
        watch = Watch(on_key)
        self._watches[id(watch)] = watch
        return watch

    def forget(self, watch: Watch) -> None:
        """A caller has gone, or sends events."""
        self._watches.pop(id(watch), None)

    def listen(self) -> None:
        """Look at all that has been fed since."""
        waiting = list(self._watches.values())
        while waiting:
            ready = [(watch, span) for watch in waiting if (span := watch.next())]
            if not ready:
                return
            samples = np.frombuffer(b"".join(span for _, span in ready), dtype=np.int16)
            found = look(samples.reshape(-1, _SPAN).astype(np.float32) / np.float32(32768))
            for (watch, _), each in zip(ready, found, strict=True):
                watch.hear(each)
            waiting = [watch for watch, _ in ready]
