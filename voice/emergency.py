"""The emergency switch: staff turn the emergency announcement on and off; who, when and why stay (domain.md 12-5).

An append-only file; its last line is the state. Doors of other processes look at it, so nothing has to be told.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from pydantic import Field

from bot.knowledge.models import Strict, Words

MAX_REASON = 200


class Switched(Strict):
    """One turn of the switch."""

    on: bool
    at: dt.datetime
    who: Words = Field(max_length=50)
    why: Words = Field(max_length=MAX_REASON)


class EmergencySwitch:
    """The switch of one installation, kept in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._on = False

    @property
    def on(self) -> bool:
        """Whether the emergency announcement answers now. Reads the file only when it has changed."""
        try:
            status = self._file.stat()
        except OSError:
            return self._on and self._seen is not None  # the disk is away: stay as it was
        seen = (status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            history = self.history()
            self._on, self._seen = bool(history and history[-1].on), seen
        return self._on

    def turn(self, on: bool, who: str, why: str, at: dt.datetime) -> Switched:
        """Turn it, and keep who did it and why. Raises ValidationError (empty or over-long) and OSError."""
        switched = Switched(on=on, at=at, who=who, why=why)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(switched.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return switched

    def history(self) -> list[Switched]:
        """Every turn, oldest first; a line that was cut off in writing is left out."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        kept = []
        for line in lines:
            try:
                kept.append(Switched.model_validate_json(line))
            except ValueError:
                continue
        return kept
