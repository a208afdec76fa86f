"""What the telephone process needs of what is published: one JSON file, swapped as a whole, and rendered prompts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.knowledge.models import Strict
from voice.flow.model import Telephone
from voice.flow.steps import Spoken
from voice.g711 import Clip
from voice.speech.prompts import PromptStore
from voice.speech.pronunciation import Pronunciation
from voice.speech.recordings import Recordings
from voice.speech.safe import safe_clip


class Contents(Strict):
    """The file: the flows with the words of the entries, and how the words are read."""

    telephone: Telephone
    pronunciation: Pronunciation
    recordings: Recordings


@dataclass(frozen=True)
class Snapshot:
    """The contents with the audio that belongs to them, below `prompts`."""

    contents: Contents
    prompts: Path

    @property
    def telephone(self) -> Telephone:
        """The flows."""
        return self.contents.telephone

    @cached_property
    def store(self) -> PromptStore:
        """Where the audio of these words is."""
        return PromptStore(self.prompts, self.contents.pronunciation, self.contents.recordings)

    def clip(self, spoken: Spoken) -> Clip:
        """The audio of these words; the safe sentence if it has not been rendered: never silence."""
        return self.store.clip(spoken.text, spoken.lang) or safe_clip()


class SnapshotFile:
    """The file, written by the process that publishes and read by the telephone process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None

    def write(self, contents: Contents) -> None:
        """Replace it in one step, so that nobody ever reads half of it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        aside = self._file.with_suffix(f".{os.getpid()}.tmp")
        aside.write_text(contents.model_dump_json(by_alias=True), encoding="utf-8")
        aside.replace(self._file)

    def read(self, prompts: Path) -> Snapshot | None:
        """What is in it, if that is new since the last look; None if not, or if there is none yet.
        Raises OSError and ValueError."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        seen = (status.st_mtime_ns, status.st_ino)
        if seen == self._seen:
            return None
        contents = Contents.model_validate_json(self._file.read_text(encoding="utf-8"))
        self._seen = seen
        return Snapshot(contents, prompts)
