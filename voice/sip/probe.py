"""Asks a trunk now and then whether it is there (OPTIONS, RFC 3261 11), for trunks that know us by address alone.

It keeps the way through firewalls and an open connection alive too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from sipmessage import CSeq, Request, Response

from voice.sip.client_transactions import ClientTransaction, ClientTransactions, TooManyRequests
from voice.sip.dialog import MAX_FORWARDS, new_call_id, new_tag
from voice.sip.transport import Address
from voice.sip.uris import exact, resolve

SECONDS = 60.0  # between two questions; well below the idle time of connections and of usual firewalls over TCP


class Probe:
    """One trunk asked from `start` to `close`. `alive`: it answered the last question; None before the first one.

    Any answer is a sign of life, a refusal too: 405 and 404 come from a trunk that is well.
    """

    def __init__(
        self, clients: ClientTransactions, target: str, contact: Callable[[Address], str], seconds: float = SECONDS
    ) -> None:
        """`target` is the trunk's URI, `contact` makes our Contact (`Transport.contact`). Raises ValueError."""
        self._target = exact(target)
        self._clients = clients
        self._contact = contact
        self._seconds = seconds
        self._waiting: ClientTransaction | None = None
        self._task: asyncio.Task[None] | None = None
        self.alive: bool | None = None

    def start(self) -> None:
        """Begin to ask; needs a running loop. Calls after the first do nothing."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._waiting is not None:
            self._waiting.end()

    def describe(self) -> str:
        """How it stands, for operators."""
        if self.alive is None:
            return "確認中"
        return "応答しています" if self.alive else "応答がありません"

    async def _keep(self) -> None:
        while True:
            await self._ask()
            await asyncio.sleep(self._seconds * self._clients.pace.scale)

    async def _ask(self) -> None:
        try:
            to = await resolve(str(self._target))
            self._waiting = self._clients.send(self._request(to), to, self._heard, self._silence)
        except (ValueError, OSError):
            self.alive = False
        except TooManyRequests:
            return  # says nothing about the trunk

    def _heard(self, response: Response) -> None:
        if response.code >= 200:
            self.alive = response.code not in {408, 503}  # 408 and 503 are what a proxy says for a trunk that is away

    def _silence(self) -> None:
        self.alive = False

    def _request(self, to: Address) -> Request:
        contact = self._contact(to)
        request = Request("OPTIONS", self._target)
        headers = {
            "Max-Forwards": MAX_FORWARDS,
            "From": f"{contact};tag={new_tag()}",
            "To": f"<{self._target}>",
            "Call-ID": new_call_id(),
            "CSeq": str(CSeq(1, "OPTIONS")),
            "Contact": contact,
            "Accept": "application/sdp",
        }
        for name, value in headers.items():
            request.headers.set(name, value)
        return request
