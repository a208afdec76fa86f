"""A spoken question reaches the worker process and what it made of it reaches the call, whatever goes wrong."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from voice.flow.steps import Heard
from voice.media.media import Media
from voice.media.stream import RemoteMedia, Stream
from voice.speech.safe import safe_clip
from voice.telephone.listening import Ear, Listening

pytestmark = pytest.mark.slow


def _measuring() -> Ear:
    """Tells how long the question was: what arrives in the worker is what was said."""
    return lambda sound: Heard(f"{len(sound) / 16_000:.0f}")


def _dying() -> Ear:
    def die(_: bytes) -> Heard:
        os.kill(os.getpid(), signal.SIGKILL)
        return Heard("too late")

    return die


@pytest.fixture
async def line() -> AsyncIterator[tuple[Stream, Stream]]:
    """Two streams that talk to each other: the caller's and ours."""
    media = Media("127.0.0.1", range(0))
    await media.start()
    caller, ours = media.open(), media.open()
    caller.connect(RemoteMedia("127.0.0.1", ours.port))
    ours.connect(RemoteMedia("127.0.0.1", caller.port))
    yield caller, ours
    await media.close()


async def _heard(make: Callable[[], Ear] | None, line: tuple[Stream, Stream], seconds: float, speaks: bool) -> Heard:
    caller, ours = line
    ear = Listening(make)
    told: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
    ear.hear(ours, seconds, told.set_result)
    if speaks:
        caller.play([safe_clip()], lambda: None)
    try:
        return await asyncio.wait_for(told, 60)
    finally:
        ear.close()
        assert ours.on_audio is None


async def test_a_question_is_heard_to_its_end(line: tuple[Stream, Stream]) -> None:
    heard = await _heard(_measuring, line, 20, speaks=True)
    assert float(heard.text) == pytest.approx(safe_clip().seconds, abs=2)


async def test_silence_is_nothing_understood(line: tuple[Stream, Stream]) -> None:
    assert await _heard(_measuring, line, 1, speaks=False) == Heard()


async def test_nobody_listens_without_a_model(line: tuple[Stream, Stream]) -> None:
    assert await _heard(None, line, 3, speaks=True) == Heard()


async def test_a_worker_that_dies_costs_the_question_and_not_the_call(line: tuple[Stream, Stream]) -> None:
    assert await _heard(_dying, line, 5, speaks=True) == Heard()


async def test_stopped_listening_tells_nothing(line: tuple[Stream, Stream]) -> None:
    _, ours = line
    ear, told = Listening(partial(_measuring)), list[Heard]()
    stop = ear.hear(ours, 0.3, told.append)
    stop()
    await asyncio.sleep(0.6)
    assert told == []
    assert ours.on_audio is None
    ear.close()
