"""ACK and CANCEL, which belong to another request of ours and copy from it; how answers find their request."""

from __future__ import annotations

from sipmessage import CSeq, Request, Response

from voice.sip import fields

Key = tuple[str, str]
"""Branch and method: what an answer is matched by (RFC 3261 17.1.3)."""


def ack(invite: Request, refusal: Response) -> Request:
    """The ACK of a 3xx to 6xx: a part of the INVITE's own transaction, with the To of the answer (17.1.1.3)."""
    made = _beside(invite, "ACK")
    made.headers.set("To", refusal.headers.get("To") or invite.headers["To"])
    return made


def cancel(invite: Request) -> Request:
    """The CANCEL of an INVITE (9.1)."""
    made = _beside(invite, "CANCEL")
    made.headers.set("To", invite.headers["To"])
    return made


def branch(message: Request | Response) -> str:
    """The branch of the top Via, "" when there is none or it cannot be read."""
    try:
        hops = fields.values(message, "Via")
        return fields.via(hops[0]).parameters.get("branch", "") if hops else ""
    except ValueError:
        return ""


def key(response: Response) -> Key | None:
    """What the request of an answer is filed under; None when the answer does not say."""
    try:
        method = response.cseq.method
    except (KeyError, ValueError):
        return None
    found = branch(response)
    return (found, method) if found else None


def _beside(invite: Request, method: str) -> Request:
    made = Request(method, invite.uri)
    made.headers.setlist("Via", invite.headers.getlist("Via")[:1])
    if routes := invite.headers.getlist("Route"):
        made.headers.setlist("Route", list(routes))
    made.headers.set("Max-Forwards", "70")
    for name in ("From", "Call-ID"):
        made.headers.set(name, invite.headers[name])
    made.headers.set("CSeq", str(CSeq(invite.cseq.sequence, method)))
    return made
