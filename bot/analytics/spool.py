"""Rows that wait on disk while the database is away: files of JSON lines, kept through a crash and a power cut.

Each file is locked by the process that fills or empties it; the lock ends with the process, and the next one that looks
takes the file over. A file goes when all of it is in the database.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

from bot.analytics.event_rows import COLUMNS, Row
from bot.database.file_lock import try_lock
from bot.database.tables import events

log = logging.getLogger(__name__)

FULL = 8_000_000  # bytes; then a new file begins, so that what is in the database is soon gone from here
MOST = (
    2_000_000_000  # bytes of all files, some four million events: a database that nobody mends must not fill the disk
)
_READ = 1_000_000  # bytes at once


class _File:
    """A file that is ours. Rows before `read` are in the database, what is behind `size` was never finished."""

    def __init__(self, path: Path, handle: FileIO) -> None:
        self.path, self.handle = path, handle
        self.read, self.next = 0, 0
        self.size, self.rows = self._measure()

    def _measure(self) -> tuple[int, int]:
        """Where the last whole line ends, and how many there are."""
        size = lines = position = 0
        self.handle.seek(0)
        while part := self.handle.read(_READ):
            lines += part.count(b"\n")
            if b"\n" in part:
                size = position + part.rindex(b"\n") + 1
            position += len(part)
        return size, lines

    def append(self, data: bytes, rows: int) -> None:
        """Whole lines, on disk when it returns. Raises OSError; then nothing was added."""
        self.handle.truncate(self.size)
        self.handle.seek(self.size)
        written = 0
        while written < len(data):
            written += self.handle.write(data[written:])
        os.fsync(self.handle.fileno())
        self.size += len(data)
        self.rows += rows

    def lines(self, limit: int) -> list[bytes]:
        """The next whole lines."""
        want = _READ
        while True:
            self.handle.seek(self.read)
            data = self.handle.read(min(want, self.size - self.read))
            if b"\n" in data or self.read + len(data) >= self.size:
                break
            want *= 2
        lines = data.split(b"\n")[:-1][:limit]
        self.next = self.read + sum(len(line) + 1 for line in lines)
        return lines


class Spool:
    """All files of `folder` that are ours, oldest first. Two threads may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[_File] = []
        self._taken = 0  # rows of the first file that `first` gave
        self._lock = threading.RLock()
        with suppress(OSError):  # `keep` will tell
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(file.rows for file in list(self._files))

    def keep(self, rows: Sequence[Row]) -> None:
        """Append these. Raises OSError, also at `MOST` bytes; then none of them is kept."""
        data = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        with self._lock:
            if sum(file.size for file in self._files) + len(data) > MOST:
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
            if not self._files or self._files[-1].size >= FULL or not self._files[-1].path.exists():
                self._files.append(self._new())
            self._files[-1].append(data, len(rows))

    def first(self, limit: int) -> list[Row]:
        """The oldest rows; lines that can't be read are passed over. Raises OSError."""
        with self._lock:
            lines = self._files[0].lines(limit) if self._files else []
            self._taken = len(lines)
            return [row for line in lines if (row := _read(line))]

    def done(self) -> None:
        """What `first` gave is in the database. Raises OSError."""
        with self._lock:
            file = self._files[0]
            file.read = file.next
            file.rows -= self._taken
            if file.read >= file.size:
                file.path.unlink(missing_ok=True)
                file.handle.close()
                del self._files[0]

    def adopt(self) -> None:
        """Take over what processes left that are gone."""
        with self._lock, suppress(OSError):
            ours = {file.path for file in self._files}
            for path in sorted(set(self._folder.glob("*.jsonl")) - ours):
                handle = FileIO(path, "r+")
                if not try_lock(handle) or not os.fstat(handle.fileno()).st_nlink:  # at work, or just emptied
                    handle.close()
                    continue
                file = _File(path, handle)
                log.info("%d events of an earlier process are waiting in %s", file.rows, path.name)
                self._files.append(file)
            self._files.sort(key=lambda file: file.path.name)

    def close(self) -> None:
        """Leave everything to the next process."""
        with self._lock:
            for file in self._files:
                file.handle.close()
            self._files.clear()

    def _new(self) -> _File:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}.jsonl"
        handle = FileIO(path, "x+")
        try_lock(handle)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # or a power cut takes the name
        finally:
            os.close(folder)
        return _File(path, handle)


def _read(line: bytes) -> Row | None:
    try:
        told = json.loads(line)
        row = {name: told.get(name) for name in COLUMNS}  # also of a version that knew fewer
    except (ValueError, AttributeError, RecursionError):
        row = {}
    if not row.get("uid") or not all(
        _fits(name, value) for name, value in row.items()
    ):  # the database would refuse all of them
        log.error("a line of the spool can't be read and is left out")
        return None
    return row


def _fits(name: str, value: object) -> bool:
    column = events.c[name]
    return bool(column.nullable) if value is None else type(value) is column.type.python_type
