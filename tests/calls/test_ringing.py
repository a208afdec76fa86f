"""A call that rings before it is answered: the service itself always answers at once, its SIP side need not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voice.media.media import Media
from voice.sip.server import Call, Refusal, SipConfig, SipServer

from . import process
from .sipp import Sipp

pytestmark = pytest.mark.slow


class Ended:
    """Keeps how a call ended."""

    def __init__(self) -> None:
        self.how: list[tuple[str, str]] = []

    def on_answered(self) -> None:
        """It never is."""

    def on_key(self, key: str) -> None:
        """Nobody can press one."""

    def on_ended(self, by: str, reason: str) -> None:
        """The caller gave up."""
        self.how.append((by, reason))


class Ringing:
    """A SIP server that lets every call ring."""

    def __init__(self) -> None:
        self.ended = Ended()
        self.media = Media("127.0.0.1", range(0))
        self.server = SipServer(SipConfig(port=process.port()), self.media, self._take)

    def _take(self, call: Call) -> Refusal | None:
        call.handler = self.ended
        call.ring()
        return None


@pytest.fixture
async def ringing() -> AsyncIterator[Ringing]:
    running = Ringing()
    await running.media.start()
    await running.server.start()
    yield running
    await running.server.close()
    await running.media.close()


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_a_caller_who_gives_up_while_it_rings_gets_487(ringing: Ringing, tmp_path: Path, tcp: bool) -> None:
    run = Sipp(tmp_path, "cancel", f"127.0.0.1:{ringing.server.port}", tcp=tcp, limit_secs=15)
    outcome = await asyncio.to_thread(run.outcome)
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    assert [by for by, _ in ringing.ended.how] == ["caller"]
    assert not ringing.server.calls
