"""The clock keeps to real time, and makes good no more than two beats."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import time

import pytest

from voice.media.clock import MOST_AT_ONCE, PERIOD, UNPRIVILEGED, Clock, settle_memory


async def _beats(clock: Clock, beats: list[int], until: int) -> None:
    clock.start()
    async with asyncio.timeout(20):
        while not beats or beats[-1] < until:
            await asyncio.sleep(0.005)
    clock.stop()


async def test_number_of_beats_is_the_time_that_passed() -> None:
    beats: list[int] = []
    clock = Clock(beats.append)
    started = time.monotonic()
    await _beats(clock, beats, 20)
    passed = (time.monotonic() - started) / PERIOD
    assert beats == sorted(set(beats))
    assert beats[-1] <= passed  # never ahead of time, whatever the machine does
    assert len(beats) + clock.left_out == beats[-1]


async def test_delay_is_made_good_by_two_beats_and_the_rest_left_out() -> None:
    rounds: list[list[int]] = [[]]

    def beat(number: int) -> None:
        rounds[-1].append(number)
        if number == 5:
            time.sleep(0.3)
            rounds.append([])

    clock = Clock(beat)
    clock.start()
    async with asyncio.timeout(20):
        while len(rounds) < 2 or not rounds[1]:
            await asyncio.sleep(0.001)
    clock.stop()
    assert 5 in rounds[0]
    assert len(rounds[1]) <= MOST_AT_ONCE
    assert rounds[1][-1] >= 5 + 0.3 / PERIOD - 1  # RTP time went on
    assert clock.left_out >= 10
    assert clock.latest >= 0.2


async def test_stopped_clock_is_still() -> None:
    beats: list[int] = []
    clock = Clock(beats.append)
    await _beats(clock, beats, 2)
    count = len(beats)
    await asyncio.sleep(3 * PERIOD)
    assert len(beats) == count
    clock.stop()


@pytest.mark.slow
def test_priority_is_raised_or_operators_are_told_what_to_do() -> None:
    code = (
        "import os; from voice.media.clock import *; print(raise_priority(), os.sched_getscheduler(0) & 3, os.nice(0))"
    )
    command = [sys.executable, "-c", code]
    said, scheduler, nice = subprocess.check_output(command, text=True).rpartition("\n")[0].rsplit(" ", 2)
    assert (said == "" and (int(scheduler) == os.SCHED_FIFO or int(nice) == -15)) or said == UNPRIVILEGED


def test_settled_memory_is_left_alone_and_new_garbage_is_not() -> None:
    try:
        settle_memory()
        assert gc.get_freeze_count() > 1000
        knot: list[object] = []
        knot.append(knot)
        del knot
        assert gc.collect() >= 1
    finally:
        gc.unfreeze()
