"""The telephone as a process of its own: started, watched and ended by the process that serves the web.

Publishing and search in the other process never disturb the 20 ms of the audio (voice.md 1.3).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from voice.media.clock import raise_priority
from voice.telephone.config import TelephoneConfig
from voice.telephone.listening import Listening
from voice.telephone.switchboard import Events, Switchboard

log = logging.getLogger(__name__)

RESTART_SECONDS = 1.0
TELL_SECONDS = 0.5


class TelephoneProcess:
    """Keeps one telephone process alive. `events` makes, over there, the place where events go."""

    def __init__(
        self, config: TelephoneConfig, events: Callable[[], Events], listening: Callable[[], Listening]
    ) -> None:
        self._given = (config, events, listening)
        self._drain = config.drain_seconds
        self._stopping = threading.Event()
        self._state = "始めています"
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._thread = threading.Thread(target=self._watch, name="telephone", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """How it is, for an operator."""
        return self._state

    def stop(self) -> None:
        """Take no new calls, let the calls end, then end the process."""
        self._stopping.set()
        if self._pipe is not None:
            with contextlib.suppress(OSError):  # it has ended already
                self._pipe.send("stop")
        self._thread.join(timeout=self._drain + 15)
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    def _watch(self) -> None:
        context = multiprocessing.get_context("spawn")
        while not self._stopping.is_set():
            ours, theirs = context.Pipe()
            self._pipe = ours
            process = context.Process(target=_run, args=(*self._given, theirs), name="madoguchi-telephone")
            process.start()
            theirs.close()
            self._process = process
            self._listen(ours)
            process.join()
            if not self._stopping.is_set():
                self._state = "止まりました。もう一度始めています"
                log.error("the telephone process ended (%s) and is started again", process.exitcode)
                self._stopping.wait(RESTART_SECONDS)

    def _listen(self, pipe: Connection) -> None:
        try:
            while True:
                self._state = pipe.recv()
        except (EOFError, OSError):
            return


def _run(
    config: TelephoneConfig, events: Callable[[], Events], listening: Callable[[], Listening], pipe: Connection
) -> None:
    """The telephone process; ends when it is told to, or when the other end of the pipe is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches both processes; the other one tells us when
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    refused = raise_priority()
    if refused:
        log.warning("%s", refused)
    asyncio.run(_serve(config, events, listening, pipe))


async def _serve(
    config: TelephoneConfig, events: Callable[[], Events], listening: Callable[[], Listening], pipe: Connection
) -> None:
    sink, ear = events(), listening()
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), gone.set)
    switchboard = await _open(config, sink, ear, pipe, gone)
    while switchboard is not None and not gone.is_set():
        _tell(pipe, switchboard.state())
        try:
            await asyncio.wait_for(gone.wait(), TELL_SECONDS)
        except TimeoutError:
            continue
    if switchboard is not None:
        await switchboard.stop()
    ear.close()
    close = getattr(sink, "close", None)
    if close is not None:
        close()


async def _open(
    config: TelephoneConfig, events: Events, listening: Listening, pipe: Connection, gone: asyncio.Event
) -> Switchboard | None:
    """Try until the address is free; None if we are to end before that."""
    while not gone.is_set():
        switchboard = Switchboard(config, events, listening)
        try:
            await switchboard.start()
            return switchboard
        except OSError as error:
            where = f"{config.sip.host}:{config.sip.port}"
            _tell(
                pipe,
                f"{where} で電話を待てません（{error.strerror}）。ほかのプログラムが使っていないか確かめてください",
            )
            log.error("the telephone can't wait at %s: %s", where, error.strerror)
            await switchboard.stop()
        try:
            await asyncio.wait_for(gone.wait(), 5)
        except TimeoutError:
            continue
    return None


def _tell(pipe: Connection, state: str) -> None:
    try:
        pipe.send(state)
    except OSError:
        return
