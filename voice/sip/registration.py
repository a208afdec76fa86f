"""Keeps us registered at a trunk or exchange (RFC 3261 10.2), and says in Japanese how that stands.

A trunk must never be flooded: attempts that fail are repeated after a growing, random pause. Secrets are never logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from sipmessage import CSeq, Request, Response

from voice.sip import fields
from voice.sip.client_transactions import ClientTransactions, TooManyRequests
from voice.sip.dialog import MAX_FORWARDS, new_call_id, new_tag
from voice.sip.digest import Secret
from voice.sip.login import Login
from voice.sip.transport import Address
from voice.sip.uris import exact, literal, resolve, user

log = logging.getLogger(__name__)

REFRESH = 0.8  # of what was granted: time for two more attempts before it ends
SHORTEST = 5.0  # seconds between two attempts, whatever happens
FIRST_PAUSE = 10.0  # seconds, doubled with every failure; the wait is 50 to 100 % of it (RFC 5626 4.5)
LONGEST_PAUSE = 300.0  # seconds; also after a refused password, so that the account is not locked
LONGEST_OBEYED = 3600.0  # seconds of Retry-After: a slip of the other side must not keep us away for days
LONGEST_EXPIRY = 86_400  # seconds
GOODBYE = 2.0  # seconds the removal may take when we stop


class State(enum.Enum):
    """How the registration stands."""

    STARTING = "starting"
    REGISTERED = "registered"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Account:
    """What a trunk gave us: `registrar` is the URI asked, `address` our address of record, `expires` in seconds."""

    registrar: str
    address: str
    secret: Secret
    expires: int = 3600


class Registration:
    """One account kept registered from `start` to `close`."""

    def __init__(
        self,
        clients: ClientTransactions,
        account: Account,
        contact: Callable[[Address, str], str],
        jitter: random.Random,
    ) -> None:
        """`contact` makes our Contact value for a peer and a user (`Transport.contact`). Raises ValueError for URIs
        that cannot be used."""
        self._registrar = exact(account.registrar)
        exact(account.address)
        self._clients = clients
        self._pace = clients.pace
        self._account = account
        self._contact = contact
        self._jitter = jitter
        self._expires = account.expires
        self._call_id = new_call_id()
        self._tag = new_tag()
        self._cseq = 0
        self._failures = 0
        self._reason = ""
        self._until = 0.0
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self.state = State.STARTING
        self.registrar: Address | None = None
        self.on_found: Callable[[Address], None] = lambda _: None  # told the registrar's address before each attempt

    def start(self) -> None:
        """Begin to register; needs a running loop. Calls after the first do nothing."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep())

    async def close(self) -> None:
        """Stop, and take our contact back; waits at most `GOODBYE` seconds for the answer."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        registered, self.state = self.state is State.REGISTERED, State.CLOSED
        if registered and self.registrar is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE * self._pace.scale):
                    await self._ask(self.registrar, 0)

    def lost(self, to: Address) -> None:
        """The transport lost its connection to `to`: if that is our registrar, it cannot reach us any more either."""
        if to == self.registrar and self.state is State.REGISTERED:
            self._hurry.set()

    @property
    def registered(self) -> bool:
        """Whether calls can reach us this way."""
        return self.state is State.REGISTERED and self._pace.now() < self._until

    def describe(self) -> str:
        """How it stands, for operators."""
        if self.registered:
            return f"登録済み（あと {int(self._until - self._pace.now())} 秒）"
        if self.state is State.STARTING:
            return "登録中"
        if self.state is State.CLOSED:
            return "登録を終えました"
        return f"登録できません: {self._reason or '期限切れ'}"

    # -- the loop --------------------------------------------------------------------------------------------------
    async def _keep(self) -> None:
        while True:
            try:
                pause = await self._attempt()
            except Exception as error:  # an edge: nobody awaits this task, it would end unseen
                log.error("registering failed: %s", type(error).__name__)
                pause = self._failed("内部の誤り", LONGEST_PAUSE)
            self._hurry.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause * self._pace.scale):
                    await self._hurry.wait()
                    await asyncio.sleep(SHORTEST * self._jitter.uniform(0.5, 1.0) * self._pace.scale)

    async def _attempt(self) -> float:
        """Register once; gives the seconds until the next attempt."""
        try:
            self.registrar = await resolve(self._account.registrar)
        except ValueError:
            return self._failed("登録先の書き方が違います", LONGEST_PAUSE)
        except OSError:
            return self._failed("登録先の名前から番地を調べられません")
        self.on_found(self.registrar)
        response = await self._ask(self.registrar, self._expires)
        if response is not None and response.code == 423 and (longer := _seconds(response, "Min-Expires")):
            self._expires = min(longer, LONGEST_EXPIRY)
            response = await self._ask(self.registrar, self._expires)
        return self._judged(response)

    def _judged(self, response: Response | None) -> float:
        if response is None:
            return self._failed("応答がありません")
        if response.code < 300:
            return self._granted(response)
        if response.code in {401, 403, 407}:
            return self._failed("認証（利用者名かパスワードが違います）", LONGEST_PAUSE)
        retry = min(_seconds(response, "Retry-After") or 0, LONGEST_OBEYED)
        return self._failed(f"応答 {response.code}", retry)

    def _granted(self, response: Response) -> float:
        granted = self._expiry(response)
        if granted <= 0:
            return self._failed("登録先が期限を 0 秒としました")
        self._failures, self._reason = 0, ""
        self.state = State.REGISTERED
        self._until = self._pace.now() + granted
        return max(granted * REFRESH, min(SHORTEST, granted / 2))

    def _failed(self, reason: str, least: float = 0.0) -> float:
        self._reason = reason
        if not self.registered:  # what was granted before is good until it ends
            self.state = State.FAILED
        bound = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return max(SHORTEST, least, bound * self._jitter.uniform(0.5, 1.0))

    # -- one request -----------------------------------------------------------------------------------------------
    async def _ask(self, to: Address, expires: int) -> Response | None:
        """Send a REGISTER; gives the final answer, None when none came."""
        answer: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()

        def heard(response: Response) -> None:
            if response.code >= 200 and not answer.done():
                answer.set_result(response)

        def silence() -> None:
            if not answer.done():
                answer.set_result(None)

        login = Login(self._clients, self._account.secret, self._next_cseq)
        try:
            login.send(self._request(to, expires), to, heard, silence)
            return await answer
        except TooManyRequests:
            return None
        finally:
            login.end()

    def _request(self, to: Address, expires: int) -> Request:
        request = Request("REGISTER", self._registrar)
        headers = {
            "Max-Forwards": MAX_FORWARDS,
            "From": f"<{self._account.address}>;tag={self._tag}",
            "To": f"<{self._account.address}>",
            "Call-ID": self._call_id,  # the same for all (10.2)
            "CSeq": str(CSeq(self._next_cseq(), "REGISTER")),
            "Contact": f"{self._our_contact(to)};expires={expires}",
            "Expires": str(expires),
        }
        for name, value in headers.items():
            request.headers.set(name, value)
        return request

    def _our_contact(self, to: Address) -> str:
        return self._contact(to, user(self._account.address))

    def _next_cseq(self) -> int:
        self._cseq += 1
        return self._cseq

    def _expiry(self, response: Response) -> int:
        """Seconds granted to our contact: its own parameter, else the Expires field, else what we asked (10.2.4).

        A registrar lists every contact of the account. One that rewrote ours (a border controller) is taken at the
        shortest it names: refreshing early does no harm.
        """
        default = _seconds(response, "Expires")
        default = self._expires if default is None else default
        try:
            listed = [fields.name_addr(value) for value in fields.values(response, "Contact")]
        except ValueError:
            return default
        assert self.registrar is not None  # an answer came, so it was asked
        mine = _identity(fields.name_addr(self._our_contact(self.registrar)).uri)
        ours = [one for one in listed if _identity(one.uri) == mine] or listed
        return min((_number(one.parameters.get("expires")) or default for one in ours), default=default)


def _identity(uri: str) -> tuple[str, Address | None]:
    return user(uri), literal(uri)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _seconds(response: Response, name: str) -> int | None:
    """Seconds of Expires, Min-Expires or Retry-After, which may be followed by a comment or parameters (20.33)."""
    words = (response.headers.get(name) or "").replace(";", " ").replace("(", " ").split()
    return _number(words[0]) if words else None
