"""Rendering in low-priority worker processes that stay warm: publishing a changed answer takes a second, and never
touches the process that holds calls.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Event, Lock

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


class _Worker:
    """One process and its pipe. Nothing is shared with other workers: one that is killed, by us or by anybody, leaves
    no lock behind that `close` would wait for (a multiprocessing.Pool does)."""

    def __init__(self, task: Callable[[Segment, Path | None, str], Clip | str]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a threaded server may hang
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, task), name="madoguchi-speech", daemon=True)
        self.process.start()
        theirs.close()
        self.segment: Segment | None = None
        self.deadline = 0.0
        self.done = 0

    def give(self, segment: Segment, dictionary: Path | None, recordings: str, limit: float) -> None:
        """Let it make a segment. A dead worker says so by an empty answer."""
        self.segment, self.deadline = segment, time.monotonic() + limit
        with contextlib.suppress(OSError):
            self.pipe.send((segment, dictionary, recordings))

    def take(self) -> Clip | str | None:
        """What it made, or why it could not; None if it has died."""
        self.done += 1
        try:
            made: Clip | str = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return made

    def kill(self) -> None:
        """End it now, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Renderer:
    """Renders what a store lacks. One `render` at a time; `close` may be called from another thread and ends it."""

    def __init__(self, workers: int = WORKERS, limit_seconds: float = LIMIT_SECONDS) -> None:
        self._count, self._limit = workers, limit_seconds
        self._workers: list[_Worker] = []
        self._lock = Lock()  # guards the list
        self._closed = Event()
        self.failures: tuple[Failure, ...] = ()
        """What the last `render` could not do."""

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the workers, so that the first publication need not wait for them."""
        with self._lock:
            while len(self._workers) < self._count and not self._closed.is_set():
                self._workers.append(_Worker(make))

    def close(self) -> None:
        """End the workers now; a running `render` returns with what is done."""
        self._closed.set()
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.kill()

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
        while rendered + len(failures) < total and not self._closed.is_set():
            self._hand_out(waiting, dictionary, store.recordings.folder)
            for segment, made in self._collect():
                if isinstance(made, Clip):
                    store.put(segment, made)
                    rendered += 1
                else:
                    failures.append(Failure(segment, made))
                    log.warning("a prompt could not be rendered: %s", made)
                if progress:
                    progress(rendered + len(failures), total)
        self.failures = tuple(failures)
        return rendered

    def _hand_out(self, waiting: deque[Segment], dictionary: Path | None, recordings: str) -> None:
        for worker in list(self._workers):
            if worker.segment is None and not worker.process.is_alive():  # killed while it had nothing to do
                self._dismiss(worker)
        self.warm()
        for worker in list(self._workers):
            if worker.segment is None and waiting:
                worker.give(waiting.popleft(), dictionary, recordings, self._limit)

    def _collect(self) -> list[tuple[Segment, Clip | str]]:
        """What was made within the next moment, also what came to nothing."""
        busy = {worker.pipe: worker for worker in list(self._workers) if worker.segment is not None}
        try:
            ready = {busy[pipe] for pipe in wait(busy, timeout=0.1)}  # type: ignore[index]
        except (OSError, ValueError):  # closed meanwhile
            return []
        late = {worker for worker in busy.values() if time.monotonic() > worker.deadline} - ready
        return [one for worker in (*ready, *late) for one in self._result(worker, worker in late)]

    def _result(self, worker: _Worker, late: bool) -> list[tuple[Segment, Clip | str]]:
        if self._closed.is_set() or worker.segment is None:
            return []
        segment, worker.segment = worker.segment, None
        made = None if late else worker.take()
        if made is None or worker.done >= TASKS_PER_WORKER:
            self._dismiss(worker)
        return [(segment, made if made is not None else "時間内に終わらないか、合成が止まりました。")]

    def _dismiss(self, worker: _Worker) -> None:
        with self._lock:
            if worker in self._workers:
                self._workers.remove(worker)
        worker.kill()


def _work(pipe: Connection, task: Callable[[Segment, Path | None, str], Clip | str]) -> None:
    """A worker: make what comes through the pipe until nobody is at its other end."""
    prepare()
    while True:
        try:
            pipe.send(task(*pipe.recv()))
        except (EOFError, OSError):
            return


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
