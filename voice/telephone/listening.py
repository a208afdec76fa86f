"""Hear a spoken question: the caller's words go to a worker process that recognises them and searches for an answer.

Only where a speech model is installed; `off` elsewhere: then every flow goes on with keys alone (voice.md 4).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from voice.flow.steps import Heard
from voice.media.stream import Stream

log = logging.getLogger(__name__)

Ear = Callable[[bytes], Heard]
"""16-bit PCM at 8 kHz of one question → what came of it."""

_ear: Ear | None = None


def _start(make: Callable[[], Ear]) -> None:
    global _ear  # noqa: PLW0603 - one for this worker process, loaded once
    _ear = make()


def _hear(sound: bytes) -> Heard:
    assert _ear is not None
    return _ear(sound)


class Listening:
    """Ears for all calls. `make` makes, in the worker process, what recognises and searches; None: nobody listens."""

    def __init__(self, make: Callable[[], Ear] | None) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if make is not None:
            self._pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_start, initargs=(make,))

    @classmethod
    def off(cls) -> Listening:
        """Keys only."""
        return cls(None)

    def hear(self, stream: Stream, seconds: float, understood: Callable[[Heard], None]) -> Callable[[], None]:
        """Listen to a call for at most `seconds`, then tell what was understood, once. Gives a function that stops."""
        from voice.speech.endpointing import Utterance  # noqa: PLC0415 - the extra `recognition`

        utterance = Utterance(seconds)
        loop = asyncio.get_running_loop()
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            stream.on_audio = None
            limit.cancel()

        def finish(heard: Heard) -> None:
            if not stopped:
                stop()
                understood(heard)

        def take(frame: bytes) -> None:
            if utterance.add(frame):
                stream.on_audio = None
                asyncio.ensure_future(self._recognise(utterance.sound)).add_done_callback(
                    lambda task: finish(task.result())
                )

        limit = loop.call_later(seconds + 10, finish, Heard())  # a worker that hangs must not hang the call
        stream.on_audio = take
        return stop

    async def _recognise(self, sound: bytes) -> Heard:
        if self._pool is None or not sound:
            return Heard()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _hear, sound)
        except Exception as error:  # the worker's troubles: the call goes on with keys
            log.error("not recognised: %s", type(error).__name__)
            return Heard()

    def close(self) -> None:
        """End the worker."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
