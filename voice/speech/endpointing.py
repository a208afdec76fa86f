"""Where a spoken question begins and ends: 20 ms frames in, the sound of the question out. Pure; webrtcvad listens.

webrtcvad alone takes 4–5 of 900 frames of noise for speech and once fired in the noise before a phrase (voice.md 5), so
that only 200 ms of speech count as a beginning.
"""

from __future__ import annotations

from collections import deque

RATE = 8000
FRAME_BYTES = RATE // 50 * 2  # 20 ms of 16-bit samples
AGGRESSIVENESS = 3
START_FRAMES = 10  # 200 ms of speech …
WINDOW_FRAMES = 15  # … within 300 ms: a plosive's gap is no silence
END_FRAMES = 40  # 0.8 s: people think in the middle of a sentence
FALSE_FRAMES = 4  # of those may sound like speech: noise 10 dB below the voice does so in bursts of 80 ms
BEFORE_FRAMES = 15  # kept from before the beginning was noticed, beside the window: weak first sounds
AFTER_FRAMES = 10  # of the silence at the end that stays in the sound


class Utterance:
    """Collects one question. `seconds`: the longest time to listen in all; after it whatever was heard is taken."""

    def __init__(self, seconds: float) -> None:
        import webrtcvad  # noqa: PLC0415  (optional: only where questions are heard)

        self._vad = webrtcvad.Vad(AGGRESSIVENESS)
        self._left = max(1, round(seconds * 50))
        self._rest = b""
        self._before: deque[bytes] = deque(maxlen=BEFORE_FRAMES + WINDOW_FRAMES)
        self._window: deque[bool] = deque(maxlen=WINDOW_FRAMES)
        self._frames: list[bytes] = []
        self._recent: deque[bool] = deque(maxlen=END_FRAMES)
        self.ended = False
        """Nothing more is taken."""

    @property
    def started(self) -> bool:
        """Whether somebody speaks or has spoken."""
        return bool(self._frames)

    @property
    def sound(self) -> bytes:
        """The question, 16-bit PCM at 8 kHz, little endian; empty if nobody spoke."""
        silence = END_FRAMES - AFTER_FRAMES if self._quiet else 0
        return b"".join(self._frames[: len(self._frames) - silence])

    @property
    def _quiet(self) -> bool:
        """Nobody has spoken for END_FRAMES."""
        return len(self._recent) == END_FRAMES and sum(self._recent) <= FALSE_FRAMES

    def add(self, pcm: bytes) -> bool:
        """Take the next audio, usually 20 ms. True once the question has ended; what comes after is not taken."""
        self._rest += pcm
        while len(self._rest) >= FRAME_BYTES and not self.ended:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            self._take(frame)
        return self.ended

    def _take(self, frame: bytes) -> None:
        speech = self._vad.is_speech(frame, RATE)
        self._left -= 1
        if self._frames:
            self._frames.append(frame)
            self._recent.append(speech)
            self.ended = self._quiet
        else:
            self._before.append(frame)
            self._window.append(speech)
            if sum(self._window) >= START_FRAMES:
                self._frames = list(self._before)
        self.ended = self.ended or self._left <= 0
