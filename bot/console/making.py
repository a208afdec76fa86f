"""Monthly reports on demand: made by a thread, one at a time, so that no page has to wait for a big month."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

FRESH = dt.timedelta(minutes=10)
"""How long a report is handed out again before it is made anew: figures of a running month change."""

Make = Callable[[Path], None]


@dataclass
class _Job:
    began: dt.datetime
    file: Path
    done: threading.Event = field(default_factory=threading.Event)
    failed: bool = False


class Workshop:
    """Makes files in `folder`. Old ones are thrown away when new ones are asked for."""

    def __init__(self, folder: Path, clock: Callable[[], dt.datetime]) -> None:
        self._folder, self._clock = folder, clock
        self._jobs: dict[str, _Job] = {}
        self._lock, self._one = threading.Lock(), threading.Lock()

    def file(self, name: str, make: Make, wait_secs: float) -> Path | None:
        """The file, made by `make` if there is no fresh one; None if that takes longer than this. Raises MakingFailed;
        asked again after that, it is tried again."""
        job = self._job(name, make)
        if not job.done.wait(wait_secs):
            return None
        if job.failed:
            with self._lock:
                self._jobs.pop(name, None)
            raise MakingFailed(name)
        return job.file

    def _job(self, name: str, make: Make) -> _Job:
        now = self._clock()
        with self._lock:
            self._forget(now)
            job = self._jobs.get(name)
            if job is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                job = self._jobs[name] = _Job(now, self._folder / name)
                threading.Thread(target=self._work, args=(job, make), name="report", daemon=True).start()
            return job

    def _forget(self, now: dt.datetime) -> None:
        old = [name for name, job in self._jobs.items() if job.done.is_set() and now - job.began >= FRESH]
        for name in old:
            self._jobs.pop(name).file.unlink(missing_ok=True)

    def _work(self, job: _Job, make: Make) -> None:
        try:
            with self._one:
                make(job.file)
        except Exception:  # the edge of the thread: the page says so, the log says why
            log.exception("a report could not be made: %s", job.file.name)
            job.failed = True
        finally:
            job.done.set()


class MakingFailed(Exception):
    """A report could not be made; the log says why."""
