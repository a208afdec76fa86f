"""The store of prompts: a folder of rendered segments, named by all their sound depends on. It never synthesises.

The telephone process only looks up; the web process renders what is missing (`rendering`) before it publishes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from voice.g711 import Clip, join
from voice.speech import espeak, japanese, loudness
from voice.speech.pronunciation import Pronunciation
from voice.speech.recordings import Recordings
from voice.speech.safe import safe_clip
from voice.speech.segments import Segment, TextTooLong, sentences

__all__ = ["PromptStore", "safe_clip"]

REMEMBERED_BYTES = 32 * 1024 * 1024  # of whole texts in memory: about 35 minutes
UNUSED_DAYS = 30


class PromptStore:
    """Sounds of segments in `folder` (made if it is not there). May be used from several threads."""

    def __init__(self, folder: Path, pronunciation: Pronunciation, recordings: Recordings) -> None:
        self.folder, self.pronunciation, self.recordings = folder, pronunciation, recordings
        folder.mkdir(parents=True, exist_ok=True)
        self._remembered: OrderedDict[tuple[str, str], Clip] = OrderedDict()
        self._bytes, self._lock = 0, Lock()

    def clip(self, text: str, lang: str = "ja") -> Clip | None:
        """The whole text as it is heard, pauses included. None while a part is missing, and for a text that can't be
        said at all (too long, or without words)."""
        with self._lock:
            if known := self._remembered.get((text, lang)):
                self._remembered.move_to_end((text, lang))
                return known
        parts: list[Clip] = []
        for segment in self.segments(text, lang):
            clip = self._read(self.key(segment))
            if clip is None:
                return None
            parts += [clip, Clip.silence(segment.pause_after)]
        if not parts:
            return None
        whole = join(parts)
        self._remember((text, lang), whole)
        return whole

    def segments(self, text: str, lang: str = "ja") -> tuple[Segment, ...]:
        """What a text is made of: one recording, or segments to be synthesised; none for a text that can't be said."""
        if recorded := self.recordings.segment(text, lang):
            return (recorded,)
        try:
            return sentences(text, lang)
        except TextTooLong:  # `check` has said so; a call must go on
            return ()

    def missing(self, spoken: Iterable[tuple[str, str]]) -> list[Segment]:
        """Segments of these (text, lang) that are not in the store, each once, in the order given."""
        wanted: dict[str, Segment] = {}
        for text, lang in spoken:
            for segment in self.segments(text, lang):
                wanted.setdefault(self.key(segment), segment)
        return [segment for key, segment in wanted.items() if not self._whole(key)]

    def key(self, segment: Segment) -> str:
        """32 hex digits of everything the sound depends on: of the table only the lines whose word occurs, so that a
        changed line re-renders no other segment."""
        engine = japanese.engine_name() if segment.lang == "ja" else espeak.engine_name(segment.lang)
        readings = [[line.surface, line.said, line.accent] for line in self.pronunciation.covering(segment.words)]
        made_of: list[object] = (
            ["recording", segment.recording[1]]
            if segment.recording
            else [engine, segment.words, segment.lang, segment.speed, readings if segment.lang == "ja" else []]
        )
        said = json.dumps([loudness.SETTINGS, *made_of], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def put(self, segment: Segment, clip: Clip) -> None:
        """Keep the sound of a segment: whole or not at all, even if the machine stops meanwhile. Raises OSError."""
        key = self.key(segment)
        self._write(self._file(key, "ulaw"), clip.ulaw)
        self._write(self._file(key, "alaw"), clip.alaw)  # last: it stands for both

    def prune(self, keep: Iterable[tuple[str, str]], now: float | None = None) -> int:
        """Delete what no (text, lang) of `keep` has needed for UNUSED_DAYS (withdrawn words often come back). Returns
        how many segments went. `now`: seconds since 1970."""
        moment = time.time() if now is None else now
        wanted = {self.key(segment) for text, lang in keep for segment in self.segments(text, lang)}
        gone = 0
        for file in self.folder.glob("??/*.alaw"):
            with contextlib.suppress(OSError):  # another process may prune too
                if file.stem in wanted:
                    os.utime(file, (moment, moment))
                elif file.stat().st_mtime < moment - UNUSED_DAYS * 86_400:
                    file.unlink()
                    file.with_suffix(".ulaw").unlink(missing_ok=True)
                    gone += 1
        for dictionary in self.folder.glob("dictionary/*.dic"):  # made again when needed
            with contextlib.suppress(OSError):
                if dictionary.stat().st_mtime < moment - UNUSED_DAYS * 86_400:
                    dictionary.unlink()
        return gone

    def _file(self, key: str, law: str) -> Path:
        return self.folder / key[:2] / f"{key}.{law}"

    def _whole(self, key: str) -> bool:
        try:
            sizes = {self._file(key, law).stat().st_size for law in ("ulaw", "alaw")}
        except OSError:
            return False
        return len(sizes) == 1 and 0 not in sizes

    def _read(self, key: str) -> Clip | None:
        try:
            clip = Clip(self._file(key, "ulaw").read_bytes(), self._file(key, "alaw").read_bytes())
        except OSError:
            return None
        return clip if clip.ulaw and len(clip.ulaw) == len(clip.alaw) else None

    def _write(self, file: Path, octets: bytes) -> None:
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as draft:
            draft.write(octets)
        os.chmod(draft.name, 0o644)
        os.replace(draft.name, file)

    def _remember(self, name: tuple[str, str], clip: Clip) -> None:
        with self._lock:
            if name not in self._remembered:
                self._remembered[name] = clip
                self._bytes += 2 * len(clip.ulaw)
            while self._bytes > REMEMBERED_BYTES:
                _, oldest = self._remembered.popitem(last=False)
                self._bytes -= 2 * len(oldest.ulaw)
