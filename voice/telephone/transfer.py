"""Hand a call to a person: by REFER where the trunk takes it, else by a second leg that we bridge."""

from __future__ import annotations

import asyncio
from typing import Literal

from voice.media.media import NoPortLeft
from voice.sip.call import Call
from voice.sip.refer import NOT_TAKEN
from voice.sip.server import SipServer

By = Literal["auto", "refer", "bridge"]


class Transfer:
    """One attempt to hand `call` to `target`. After a bridge the two legs live and end together."""

    def __init__(self, server: SipServer, call: Call, target: str, no_refer: set[str]) -> None:
        """`no_refer`: hosts that are known not to take a REFER; grows."""
        self._server, self._call, self._target, self._no_refer = server, call, target, no_refer
        self._result: asyncio.Future[tuple[bool, str]] = asyncio.get_running_loop().create_future()
        self._leg: Call | None = None

    async def run(self, by: By, ring_seconds: float) -> tuple[bool, str]:
        """(True, way) when a person has the call, else (False, reason). Raises nothing; cancel it to give up."""
        try:
            if by == "bridge" or (by == "auto" and self._call.source[0] in self._no_refer):
                return await self._bridge(ring_seconds)
            done, reason = await self._refer()
            if reason == NOT_TAKEN and by == "auto":
                self._no_refer.add(self._call.source[0])  # it is not asked again: some take a second REFER amiss
                return await self._bridge(ring_seconds)
            return done, "refer" if done else reason
        except asyncio.CancelledError:
            self.give_up()
            raise

    async def _refer(self) -> tuple[bool, str]:
        answered: asyncio.Future[tuple[bool, str]] = asyncio.get_running_loop().create_future()

        def done(taken: bool, reason: str) -> None:
            if not answered.done():
                answered.set_result((taken, reason))

        self._call.refer(self._target, done)
        return await answered

    async def _bridge(self, ring_seconds: float) -> tuple[bool, str]:
        try:
            self._leg = self._server.dial(self._target, self, ring_seconds)
        except NoPortLeft:
            return False, "unreachable"
        return await self._result

    def give_up(self) -> None:
        """The caller hung up, or left the line: nobody needs to answer any more."""
        if self._leg is not None:
            self._leg.hang_up()

    # -- the second leg tells (CallHandler) --------------------------------------------------------------------

    def on_answered(self) -> None:
        """The person answered: connect the two."""
        assert self._leg is not None
        self._call.stream.stop()  # what is played goes before what is bridged
        self._call.stream.bridge(self._leg.stream)
        self._settle(True, "bridge")

    def on_key(self, key: str) -> None:
        """Keys of the person mean nothing to us; the caller hears them."""

    def on_ended(self, by: str, reason: str) -> None:  # noqa: ARG002 - the protocol of handlers
        """The person hung up, or never answered."""
        if self._result.done() and self._result.result()[0]:
            self._call.stream.bridge(None)
            self._call.hang_up("the other side hung up")
        self._settle(False, reason)

    def _settle(self, done: bool, reason: str) -> None:
        if not self._result.done():
            self._result.set_result((done, reason))
