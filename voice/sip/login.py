"""A request that is sent again with credentials when the peer asks for them (RFC 3261 22.2)."""

from __future__ import annotations

import copy
from collections.abc import Callable

from sipmessage import CSeq, Request, Response

from voice.sip.auth import CHALLENGES, authorise, is_stale
from voice.sip.client_transactions import ClientTransaction, ClientTransactions, OnResponse, OnTimeout
from voice.sip.digest import Secret
from voice.sip.transport import Address


class Login:
    """One request and its repetition. A first challenge is answered, a second only when it says the nonce was stale;
    any other goes up to `on_response` as the refusal it is. Without a secret every challenge is a refusal."""

    def __init__(self, transactions: ClientTransactions, secret: Secret | None, next_cseq: Callable[[], int]) -> None:
        """`next_cseq` gives the number of a repetition, and remembers it where requests are numbered (a dialog)."""
        self._transactions = transactions
        self._secret = secret
        self._next_cseq = next_cseq
        self._tries = 0
        self._current: ClientTransaction | None = None
        self._over = False

    @property
    def request(self) -> Request | None:
        """What was sent last, None before `send`."""
        return self._current.request if self._current else None

    def send(self, request: Request, to: Address, on_response: OnResponse, on_timeout: OnTimeout) -> None:
        """Send it. Raises TooManyRequests."""

        def heard(response: Response) -> None:
            if not self._over and (again := self._answered(request, response)):
                self.send(again, to, on_response, on_timeout)
            else:
                on_response(response)

        self._tries += 1
        self._current = self._transactions.send(request, to, heard, on_timeout)

    def cancel(self) -> None:
        """Take an INVITE back; a challenge that is on its way is not answered any more."""
        self._over = True
        if self._current is not None:
            self._current.cancel()

    def end(self) -> None:
        """Forget it; nobody is called any more."""
        self._over = True
        if self._current is not None:
            self._current.end()

    def _answered(self, request: Request, response: Response) -> Request | None:
        if self._secret is None or response.code not in CHALLENGES or self._tries > 2:
            return None
        if self._tries == 2 and not is_stale(response):
            return None
        again = copy.deepcopy(request)
        again.headers.set("CSeq", str(CSeq(self._next_cseq(), request.method)))
        return again if authorise(again, response, self._secret) else None
