"""Requests of the peer within a call: end, hold, resume, refresh, keys, transfer reports (RFC 3261 12.2.2, 14, 15)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from sipmessage import Request, Response

from voice.sip import bodies, checks, fields, session_timer
from voice.sip.acceptance import Acceptance
from voice.sip.answers import ALLOW, answer
from voice.sip.offer_answer import Unacceptable
from voice.sip.session_timer import Agreement

if TYPE_CHECKING:
    from voice.sip.call import Call
    from voice.sip.server_transactions import ServerTransaction


def handle(call: Call, request: Request, transaction: ServerTransaction) -> None:
    """Answer `request`, which is no ACK and no CANCEL."""
    if call.dialog is None or not call.dialog.accepts(request):
        transaction.reply(500, "CSeq Out Of Order")
        return
    if call.ended and request.method != "BYE":
        transaction.reply(481)
        return
    refused = checks.first_of(request)
    if refused is not None:
        transaction.refuse(refused)
        return
    if request.method == "OPTIONS":
        transaction.reply(200, Allow=ALLOW, Accept=bodies.SDP, Supported="timer")
    else:
        ANSWERS[request.method](call, transaction)


def success(call: Call, request: Request, body: bytes = b"", agreement: Agreement | None = None) -> Response:
    """A 2xx to INVITE or UPDATE, as RFC 3261 13.3.1.4 and RFC 4028 9 want it."""
    assert call.dialog is not None
    response = answer(request, 200, tag=call.dialog.local_tag)
    if routes := request.headers.getlist("Record-Route"):
        response.headers.setlist("Record-Route", list(routes))
    response.headers.set("Contact", call.dialog.contact)
    response.headers.set("Allow", ALLOW)
    response.headers.set("Supported", "timer")
    response.headers.set("Server", call.exchange.config.server_name)
    if agreement is not None:
        agreement.write(response, we_are_client=False)
    if body:
        response.headers.set("Content-Type", bodies.SDP)
        response.body = body
    return response


def await_ack(call: Call, transaction: ServerTransaction, offered: bool) -> None:
    """Repeat the 2xx until its ACK; `offered`: the ACK brings the answer to our offer. Without an ACK the call ends."""

    def acked(ack: Request) -> None:
        if offered:
            try:
                call.session.accept(bodies.description(ack) or b"")
            except (Unacceptable, bodies.Unreadable):
                call.hang_up("no common audio", by="failure")
                return
        call.connect()  # not before: the ACK proves that whoever gave the address for audio sees our answers
        call.talk()

    call.acceptance = Acceptance(
        call.exchange.pace,
        transaction.request.cseq.sequence,
        again=transaction.again,
        acked=acked,
        lost=lambda: call.hang_up("no ACK", by="failure"),
    )


def _invite(call: Call, transaction: ServerTransaction) -> None:
    """A re-INVITE: new audio address, hold, resume, or a refresh."""
    if call.refresh.pending:
        transaction.reply(491)
        return
    if transaction_open(call):
        transaction.reply(500, Retry_After=str(random.randint(0, 10)))  # RFC 3261 14.2
        return
    body = bodies.description(transaction.request)
    answered = _negotiated(call, transaction, body)
    if answered is None:
        return
    transaction.respond(answered)
    await_ack(call, transaction, offered=body is None)


def _update(call: Call, transaction: ServerTransaction) -> None:
    """RFC 3311: as a re-INVITE, without ACK; also before the call is answered, then without a description."""
    body = bodies.description(transaction.request)
    if body is not None and (call.refresh.pending or transaction_open(call)):
        pending = call.refresh.pending
        transaction.reply(491 if pending else 500, **({} if pending else {"Retry_After": str(random.randint(0, 10))}))
        return
    answered = _negotiated(call, transaction, body, offer=False)
    if answered is not None:
        transaction.respond(answered)


def transaction_open(call: Call) -> bool:
    """Whether an INVITE of the peer is still without its final answer or its ACK."""
    return not call.answered or (call.acceptance is not None and call.acceptance.open)


def _negotiated(call: Call, transaction: ServerTransaction, body: bytes | None, offer: bool = True) -> Response | None:
    """The 2xx to a re-INVITE or UPDATE, its audio already followed; None when it has been refused."""
    assert call.dialog is not None
    request = transaction.request
    try:
        agreement = session_timer.asked(request, call.exchange.config.session_seconds)
        ours = call.session.answer(body) if body is not None else call.session.description if offer else b""
    except session_timer.TooShort:
        transaction.reply(422, Min_SE=str(session_timer.LEAST))
        return None
    except Unacceptable as error:
        transaction.reply(488, Warning=error.warning)
        return None
    call.dialog.refresh_target(request)
    if request.headers.getlist("Allow"):
        call.allow = fields.tokens(request, "Allow")
    if body is not None:
        call.connect()
    call.refresh.run(agreement)
    return success(call, request, ours, agreement)


def _bye(call: Call, transaction: ServerTransaction) -> None:
    transaction.reply(200)
    call.left()


def _info(call: Call, transaction: ServerTransaction) -> None:
    """Keys by INFO. An empty one is a sign of life (RFC 6086 4.2.2: 200); others we can't read."""
    key = bodies.key(transaction.request)
    if key is None:
        transaction.reply(415, Accept=", ".join(bodies.DTMF))
        return
    transaction.reply(200)
    if key and call.answered:
        call.key(key)


def _notify(call: Call, transaction: ServerTransaction) -> None:
    event = (transaction.request.headers.get("Event") or "").partition(";")[0].strip().lower()
    if event != "refer":
        transaction.reply(489)
    elif call.referral is not None:
        call.referral.notified(transaction)
    elif call.referred:
        transaction.reply(200)  # the subscription's last words, after we had heard enough
    else:
        transaction.reply(481)


ANSWERS: dict[str, Callable[[Call, ServerTransaction], None]] = {
    "INVITE": _invite,
    "UPDATE": _update,
    "BYE": _bye,
    "INFO": _info,
    "NOTIFY": _notify,
}
