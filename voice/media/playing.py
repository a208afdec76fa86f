"""What a caller is hearing: clips one after the other, in frames of 20 ms, held by reference (no copy a call)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voice.g711 import RATE, SILENCE, Clip, Law
from voice.media.rtp import FRAME


def nothing() -> None:
    """What is done where the owner has nothing to do."""


class Playing:
    """A queue of clips and how far it was heard. The law may change while it plays: both have the same length."""

    __slots__ = ("_at", "_clips", "_index", "_silence", "_total", "ended", "frames", "law", "running")

    def __init__(self) -> None:
        self.ended: Callable[[], None] = nothing
        self.running = False
        self.frames = 0  # sent of what is playing, or played last
        self._clips: tuple[Clip, ...] = ()
        self._index = self._at = self._total = 0
        self.use("PCMU")

    def use(self, law: Law) -> None:
        """Frames are of this law from now on."""
        self.law = law
        self._silence = SILENCE[law] * FRAME

    def start(self, clips: Sequence[Clip], ended: Callable[[], None]) -> None:
        """Begin with these, in place of what is playing."""
        self._clips = tuple(clip for clip in clips if clip.ulaw)
        self._total = sum(len(clip.ulaw) for clip in self._clips)
        self._index = self._at = self.frames = 0
        self.ended, self.running = ended, True

    def stop(self) -> float:
        """Stop; seconds heard of what was playing, 0.0 if nothing was."""
        heard = self.heard if self.running else 0.0
        self.running, self._clips, self.ended = False, (), nothing
        return heard

    @property
    def heard(self) -> float:
        """Seconds heard of what is playing, or of what played last."""
        return min(self.frames * FRAME, self._total) / RATE

    @property
    def over(self) -> bool:
        """Everything was sent, and `ended` is due."""
        return self.running and self._index >= len(self._clips)

    def finish(self) -> None:
        """Tell the owner, who may start the next from within, if it still is played to its end."""
        if not self.over:
            return
        ended, self.ended = self.ended, nothing
        self.running, self._clips = False, ()
        ended()

    def frame(self) -> bytes:
        """The next 20 ms; silence at the end fills the last frame, and all while nothing is playing."""
        if not self.running or self._index >= len(self._clips):
            return self._silence
        coded = self._clips[self._index].coded(self.law)
        octets = coded[self._at : self._at + FRAME]
        self._at += FRAME
        self.frames += 1
        while self._at >= len(coded):  # the frame reaches into the next clip, or clips
            self._at -= len(coded)
            self._index += 1
            if self._index >= len(self._clips):
                return octets + self._silence[len(octets) :]
            coded = self._clips[self._index].coded(self.law)
            octets += coded[: FRAME - len(octets)]
        return octets
