"""The queue: first come, first served, whoever gives up."""

from __future__ import annotations

import asyncio

from voice.telephone.line import Line


class Desk:
    """People who take a call when they are free; `offered` is the order of the offers."""

    def __init__(self, free: int) -> None:
        self.free, self.offered, self.taken = free, list[str](), list[str]()

    async def offer(self, caller: str) -> bool:
        self.offered.append(caller)
        await asyncio.sleep(0)
        if self.free == 0:
            return False
        self.free -= 1
        self.taken.append(caller)
        return True


async def _settled(desk: Desk, callers: int) -> None:
    for _ in range(1000):
        if len(desk.taken) >= callers:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(desk.taken)


async def test_callers_are_handed_on_in_the_order_in_which_they_came() -> None:
    desk = Desk(free=0)
    line = Line(desk.offer, retry_seconds=0.001)
    assert [line.join(name) for name in "abc"] == [1, 2, 3]
    await asyncio.sleep(0.02)
    assert set(desk.offered) == {"a"}, "nobody is offered before the one who waited longest"
    desk.free = 3
    await _settled(desk, 3)
    assert desk.taken == ["a", "b", "c"]
    assert len(line) == 0


async def test_who_gives_up_is_passed_over() -> None:
    desk = Desk(free=0)
    line = Line(desk.offer, retry_seconds=0.001)
    for name in "abc":
        line.join(name)
    line.leave("a")
    line.leave("a")
    desk.free = 2
    await _settled(desk, 2)
    assert desk.taken[-2:] == ["b", "c"]


async def test_joining_twice_keeps_the_place() -> None:
    desk = Desk(free=0)
    line = Line(desk.offer, retry_seconds=0.001)
    line.join("a")
    line.join("b")
    assert line.join("a") == 1
    assert len(line) == 2
    line.leave("a")
    line.leave("b")


async def test_the_line_serves_again_after_it_was_empty() -> None:
    desk = Desk(free=1)
    line = Line(desk.offer, retry_seconds=0.001)
    line.join("a")
    await _settled(desk, 1)
    desk.free = 1
    line.join("b")
    await _settled(desk, 2)
    assert desk.taken == ["a", "b"]
