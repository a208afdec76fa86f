"""The queue of callers for one desk: first come, first served (domain.md 12-5, 混雑案内).

The first in line is offered to the desk; when nobody takes the call the offer is repeated. One offer at a time keeps
the order: nobody is handed on before somebody who waited longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

RETRY_SECONDS = 5.0

T = TypeVar("T")


class Line(Generic[T]):
    """Callers of type T in the order in which they came. `offer` tries to hand one over: True if a person took it."""

    def __init__(self, offer: Callable[[T], Awaitable[bool]], retry_seconds: float = RETRY_SECONDS) -> None:
        self._offer, self._retry = offer, retry_seconds
        self._waiting: list[T] = []
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, caller: T) -> int:
        """Stand at the end; the place from 1. Joining twice changes nothing."""
        if caller not in self._waiting:
            self._waiting.append(caller)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._serve())
        return self._waiting.index(caller) + 1

    def leave(self, caller: T) -> None:
        """Stop waiting; nothing happens if it was not in line."""
        if caller in self._waiting:
            self._waiting.remove(caller)

    async def _serve(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            if await self._offer(first):
                self.leave(first)
            elif first in self._waiting:
                await asyncio.sleep(self._retry)
