"""Our calling side for tests: the real transport and the real transactions on a port of 127.0.0.1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sipmessage import Request, Response

from voice.sip import wire
from voice.sip.client_transactions import ClientTransactions
from voice.sip.pace import Pace
from voice.sip.transport import Address, Transport

QUICK = 0.01  # seconds of T1: 64*T1 pass in 0.64 s


class End:
    """Transport, transactions, and what arrived that nobody waited for."""

    def __init__(self, t1: float = QUICK, limit: int = 100) -> None:
        pace = Pace(t1)
        self.transport = Transport("127.0.0.1", 0, self._receive, pace=pace)
        self.clients = ClientTransactions(self.transport.send, self.transport.via, pace, limit)
        self.strays: list[Request | Response] = []

    def _receive(self, data: bytes, _source: Address) -> bool:
        message = wire.read(data)
        if not isinstance(message, Response) or not self.clients.receive(message):
            self.strays.append(message)
        return True


@asynccontextmanager
async def end(t1: float = QUICK, limit: int = 100) -> AsyncIterator[End]:
    """An end for one test."""
    made = End(t1, limit)
    await made.transport.start()
    try:
        yield made
    finally:
        made.clients.close()
        await made.transport.close()
