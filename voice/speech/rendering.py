"""Rendering in low-priority worker processes that stay warm: publishing a changed answer takes a second, and never
touches the process that holds calls.

A Pool is used rather than an executor because its workers can be ended while one of them hangs.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from threading import Event

from voice.g711 import Clip
from voice.speech import japanese
from voice.speech.dictionary import build_dictionary
from voice.speech.prompts import PromptStore
from voice.speech.segments import Segment
from voice.speech.synthesis import NotSpoken, Synthesis

WORKERS = 2
NICE = 10  # audio of running calls comes first
LIMIT_SECONDS = 60.0  # a segment takes 0.5 s; workers and their engine start meanwhile
TASKS_PER_WORKER = 2000  # an engine grows slowly (86 MB at first, 220 MB after long use, voice.md 3.1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A segment that could not be rendered, and why (Japanese)."""

    segment: Segment
    why: str


class Renderer:
    """Renders what a store lacks. One `render` at a time; `close` may be called from another thread and ends it."""

    def __init__(self, workers: int = WORKERS, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._workers, self._limit = workers, limit_seconds
        self._pool: Pool | None = None
        self._closed = Event()
        self.failures: tuple[Failure, ...] = ()
        """What the last `render` could not do."""

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the workers, so that the first publication need not wait for them."""
        if self._pool is None and not self._closed.is_set():
            context = multiprocessing.get_context("spawn")  # a fork of a threaded server may hang
            self._pool = context.Pool(self._workers, prepare, maxtasksperchild=TASKS_PER_WORKER)

    def close(self) -> None:
        """End the workers now; a running `render` returns with what is done."""
        self._closed.set()
        self._end_workers()

    def render(
        self,
        segments: Iterable[Segment],
        store: PromptStore,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Render `segments` into the store, the first ones first; `progress(done, of)` after each. Returns how many
        were rendered; one that fails is in `failures` and stops no other. Raises SpeechError (Japanese) if the table of
        readings can't be compiled, OSError if the store can't be written."""
        waiting = deque(segments)
        total, rendered, failures = len(waiting), 0, list[Failure]()
        self.failures = ()
        dictionary = build_dictionary(store.pronunciation, store.folder / "dictionary") if waiting else None
        while waiting and not self._closed.is_set():
            for segment, result in self._start(waiting, dictionary, store.recordings.folder):
                clip = self._wait(result)
                if self._closed.is_set():
                    break
                waiting.popleft()
                if isinstance(clip, Clip):
                    store.put(segment, clip)
                    rendered += 1
                else:
                    failures.append(Failure(segment, clip or "時間内に終わりませんでした。"))
                    log.warning("a prompt could not be rendered: %s", failures[-1].why)
                if progress:
                    progress(rendered + len(failures), total)
                if clip is None:  # its worker hangs or has died: start afresh with the rest
                    self._end_workers()
                    break
        self.failures = tuple(failures)
        return rendered

    def _start(
        self, segments: Iterable[Segment], dictionary: Path | None, recordings: str
    ) -> list[tuple[Segment, AsyncResult[Clip | str]]]:
        self.warm()
        pool = self._pool
        if pool is None:  # closed
            return []
        try:
            return [(one, pool.apply_async(make, (one, dictionary, recordings))) for one in list(segments)]
        except ValueError:  # closed meanwhile
            return []

    def _wait(self, result: AsyncResult[Clip | str]) -> Clip | str | None:
        """The sound, or why there is none, or None if nothing came in time."""
        deadline = time.monotonic() + self._limit
        while not result.ready():
            if self._closed.is_set() or time.monotonic() > deadline:
                return None
            result.wait(0.1)
        return result.get()

    def _end_workers(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()
            pool.join()


def prepare() -> None:
    """The start of a worker: step back behind everything else, and have the engine ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        japanese.Japanese().sound("テスト", 1.0)
    except Exception:  # an initializer that fails is started again for ever; `make` will say what is wrong
        log.exception("the speech engine does not start")


@lru_cache(maxsize=1)
def _synthesis(dictionary: Path | None, recordings: str) -> Synthesis:
    return Synthesis(dictionary, recordings)


def make(segment: Segment, dictionary: Path | None, recordings: str) -> Clip | str:
    """A worker's task: the sound of a segment, or why there is none."""
    try:
        return Clip.of(_synthesis(dictionary, recordings).samples(segment))
    except NotSpoken as error:
        return str(error)
    except Exception as error:  # of a foreign engine, at the edge of this process: one segment, not the publication
        log.exception("a segment could not be spoken")
        return f"「{segment.words[:30]}」を音声にできませんでした（{type(error).__name__}）。"
