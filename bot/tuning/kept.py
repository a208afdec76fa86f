"""Proposals of each month as a file in the data folder, for the console: `tuning/2026-10.json`."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import ValidationError

from bot.analytics.period import Period
from bot.tuning.proposals import RULES, Tuning

FOLDER = "tuning"
DRAFTS = "drafts"
_NAME = re.compile(r"\d{4}-\d{2}\.json")


def keep(tuning: Tuning, data: Path) -> Path:
    """Write it, whole or not at all; the file. Raises OSError."""
    return write(data / FOLDER / f"{tuning.month}.json", tuning.model_dump_json(indent=1))


def kept(month: str, data: Path) -> Tuning | None:
    """What was worked out for a month last; None if there is nothing that can be read."""
    try:
        tuning = Tuning.model_validate_json((data / FOLDER / f"{month}.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return tuning if tuning.rules == RULES else None


def months(data: Path) -> list[str]:
    """The months there is something for, the latest first."""
    return sorted((file.stem for file in (data / FOLDER).glob("*.json") if _NAME.fullmatch(file.name)), reverse=True)


def forget(data: Path, before: dt.date) -> int:
    """Remove what was worked out for months that lie wholly before a day: it quotes residents' words, which are kept
    no longer than the events. The number of files removed."""
    gone = 0
    for month in months(data):
        if Period.read_month(month).last < before:
            (data / FOLDER / f"{month}.json").unlink(missing_ok=True)
            gone += 1
    for draft in (data / FOLDER / DRAFTS).glob("*.yaml"):
        if dt.datetime.fromtimestamp(draft.stat().st_mtime, dt.UTC).date() < before:
            draft.unlink(missing_ok=True)
            gone += 1
    return gone


def write(file: Path, text: str) -> Path:
    """Write a file, whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=file.parent, prefix=".", suffix=".tmp", delete=False) as stream:
        stream.write(text.encode())
    if file.exists():
        os.chmod(stream.name, file.stat().st_mode)
    else:
        os.chmod(stream.name, 0o644)
    Path(stream.name).replace(file)
    return file
