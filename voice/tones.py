"""The tone a Japanese caller expects while somebody's telephone rings: 400 Hz at 16 Hz, one second on, two off
(NTT 電話サービスのインタフェース 第3分冊, 呼出音)."""

from __future__ import annotations

from functools import cache

import numpy as np

from voice.g711 import RATE, Clip


@cache
def ringing() -> Clip:
    """Three seconds of ring-back tone, to be played in a row."""
    time = np.arange(RATE) / RATE
    sound = 3000 * np.sin(2 * np.pi * 400 * time) * (0.5 + 0.5 * np.sin(2 * np.pi * 16 * time))
    return Clip.of(np.concatenate([sound, np.zeros(2 * RATE)]).astype(np.int16))
