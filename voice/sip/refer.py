"""REFER: asks the peer to connect its caller to somebody else, and hears how that goes (RFC 3515, RFC 5589)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from sipmessage import Response

from voice.sip import fields

if TYPE_CHECKING:
    from voice.sip.call import Call
    from voice.sip.server_transactions import ServerTransaction

SIPFRAG = re.compile(rb"\s*SIP/2\.0\s+([1-6][0-9]{2})(?:\s|$)", re.IGNORECASE)
NOT_TAKEN = "not supported"
"""The peer does not take our REFER; the other reasons are those of the person it was to connect."""
REASONS = {
    486: "busy",
    600: "busy",
    408: "no answer",
    480: "no answer",
    487: "no answer",
    403: "refused",
    603: "refused",
    405: NOT_TAKEN,
    420: NOT_TAKEN,
    501: NOT_TAKEN,
}


def reason_of(status: int) -> str:
    """A word for the figures: "busy", "no answer", "refused", "not supported", else "unreachable"."""
    return REASONS.get(status, "unreachable")


class Referral:
    """One REFER. `done` is called once: (True, "") or (False, reason)."""

    def __init__(self, call: Call, target: str, done: Callable[[bool, str], None], seconds: float) -> None:
        """Sends it. `call` has a dialog."""
        assert call.dialog is not None
        self._call = call
        self._done: Callable[[bool, str], None] | None = done
        self._limit = call.exchange.pace.later(seconds, lambda: self._finish(False, "no answer"))
        request = call.dialog.request("REFER")
        request.headers.set("Refer-To", f"<{target}>")
        request.headers.set("Referred-By", call.exchange.transport.contact(call.peer))
        self.sequence = request.cseq.sequence
        call.send(request, self._answered, lambda: self._finish(False, "no answer"))

    def cancel(self, reason: str) -> None:
        """The call is over."""
        self._finish(False, reason)

    def notified(self, transaction: ServerTransaction) -> None:
        """A NOTIFY of the subscription that the REFER made (RFC 3515 2.4.4: its body is a status line)."""
        request = transaction.request
        match = SIPFRAG.match(request.body)
        if match is None and request.body:
            transaction.reply(400, "Bad Status Line")
            return
        transaction.reply(200)
        status = int(match[1]) if match else 100
        if status >= 200:
            self._finish(status < 300, "" if status < 300 else reason_of(status))
        elif (request.headers.get("Subscription-State") or "").strip().lower().startswith("terminated"):
            self._finish(False, "no answer")  # nothing more will be heard of it

    def _answered(self, response: Response) -> None:
        if response.code >= 300:  # whatever the status: nobody was asked to take the call
            self._finish(False, NOT_TAKEN)
        elif response.code >= 200 and "false" in fields.tokens(response, "Refer-Sub"):
            self._finish(True, "")  # RFC 4488: taken, and no report will come

    def _finish(self, done: bool, reason: str) -> None:
        tell, self._done = self._done, None
        self._limit.cancel()
        if self._call.referral is self:
            self._call.referral = None
        if tell is not None:
            asyncio.get_running_loop().call_soon(tell, done, reason)
