"""Signing in, and sessions: one answer for every failure, a lock after five, the same work for unknown names."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from bot.database.tables import staff, staff_sessions
from bot.staff.accounts import Account, Refused, account, end_sessions, folded_name
from bot.staff.audit_log import Actor, AuditLog, Clock, micros, moment
from bot.staff.passwords import Passwords, folded, weakness

LIFE = dt.timedelta(hours=10)  # a working day; then one signs in again however busy one was
SEEN_EVERY = dt.timedelta(minutes=1)  # so that reading a page does not write each time
TOKEN_BYTES = 32
MAX_TOKEN = 100

FAILURES = 5  # in a row; then the account rests
REST = dt.timedelta(minutes=15)
FAILURES_PER_ADDRESS = 20  # in the same time, over all names
WAITING = 8  # sign-ins that wait for their turn; each holds a thread that the widget's files need too

WRONG = (
    "サインインできません。名前かパスワードがちがうか、続けてまちがえたために休止しています。"
    "大文字と小文字を確かめてください。5回続けてまちがえると、15分のあいだ使えません。"
)
"""The one answer to every failure: it must not tell which names exist, nor which are locked."""
TOO_MANY = "この接続元から、サインインの失敗が続いています。15分ほどたってから、もう一度お試しください。"
BUSY = "サインインが混み合っています。少したってから、もう一度お試しください。"
NOT_THIS = "いまのパスワードがちがいます。5回続けてまちがえると、15分のあいだ使えません。"


@dataclass(frozen=True)
class Session:
    """Somebody signed in at one browser. `csrf` is what forms must bring along."""

    key: str
    member: Account
    csrf: str
    began_at: dt.datetime
    seen_at: dt.datetime


class Sessions:
    """The table `staff_sessions`. Raises SQLAlchemyError when the database is away."""

    def __init__(self, engine: Engine, clock: Clock, idle: dt.timedelta) -> None:
        self._engine, self._clock, self._idle = engine, clock, idle

    def begin(self, database: Connection, staff_id: int) -> str:
        """Open a session with a token that nobody held before; the token."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), micros(self._clock())
        self._forget_old(database)
        row = {
            "token": _key(token), "staff": staff_id, "csrf": secrets.token_urlsafe(TOKEN_BYTES), "began_at": now,
            "seen_at": now,
        }  # fmt: skip
        database.execute(insert(staff_sessions).values(row))
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, unless it is over or its member may no longer come in."""
        if not 0 < len(token) <= MAX_TOKEN:
            return None
        now = self._clock()
        with self._engine.connect() as database:
            row = database.execute(
                select(staff, staff_sessions.c.token, staff_sessions.c.csrf, staff_sessions.c.began_at,
                       staff_sessions.c.seen_at)
                .join(staff_sessions, staff_sessions.c.staff == staff.c.id)
                .where(staff_sessions.c.token == _key(token), staff.c.disabled_at.is_(None))
            ).one_or_none()  # fmt: skip
        if row is None:
            return None
        found = Session(row.token, account(row), row.csrf, moment(row.began_at), moment(row.seen_at))
        over = now - found.began_at >= LIFE or now - found.seen_at >= self._idle
        return None if over else found

    def touch(self, session: Session) -> None:
        """Somebody is there: the idle time begins anew. While another writer keeps the database busy, the next click
        does it."""
        now = self._clock()
        if now - session.seen_at >= SEEN_EVERY:
            mine = staff_sessions.c.token == session.key
            with suppress(OperationalError), self._engine.begin() as database:
                database.execute(update(staff_sessions).where(mine).values(seen_at=micros(now)))

    def of(self, member: Account) -> list[Session]:
        """The open sessions of a member, the newest first."""
        mine = select(staff_sessions).where(staff_sessions.c.staff == member.id, ~self._over())
        with self._engine.connect() as database:
            rows = database.execute(mine.order_by(staff_sessions.c.began_at.desc())).all()
        return [Session(row.token, member, row.csrf, moment(row.began_at), moment(row.seen_at)) for row in rows]

    def end(self, session: Session) -> None:
        """Sign out."""
        with self._engine.begin() as database:
            database.execute(delete(staff_sessions).where(staff_sessions.c.token == session.key))

    def end_others(self, session: Session) -> int:
        """End all other sessions of the same member; how many there were."""
        others = staff_sessions.c.token != session.key
        with self._engine.begin() as database:
            return database.execute(
                delete(staff_sessions).where(staff_sessions.c.staff == session.member.id, others)
            ).rowcount

    def _forget_old(self, database: Connection) -> None:
        database.execute(delete(staff_sessions).where(self._over()))

    def _over(self) -> ColumnElement[bool]:
        now = self._clock()
        return or_(
            staff_sessions.c.began_at <= micros(now - LIFE), staff_sessions.c.seen_at <= micros(now - self._idle)
        )


class TooMany(Refused):
    """Too many failures from one address, or too many people at once."""


class SignIn:
    """The only way to a session. Raises Refused, and SQLAlchemyError when the database is away."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords, sessions: Sessions, audit: AuditLog) -> None:
        self._engine, self._clock, self._passwords = engine, clock, passwords
        self._sessions, self._audit = sessions, audit
        self._limit = RateLimitItemPerMinute(FAILURES_PER_ADDRESS, int(REST.total_seconds() // 60))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._queue = threading.BoundedSemaphore(WAITING)
        self._turn = threading.Lock()  # a check takes 64 MiB and a processor that telephone calls need too

    def sign_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session."""
        member, kept = self._checked(name, password, address, WRONG)
        with self._engine.begin() as database:
            _write_if_still(database, member, kept, WRONG, failures=0)
            token = self._sessions.begin(database, member.id)
            self._audit.add(Actor(member.name, address), "sign_in", within=database)
        return token

    def change_password(self, session: Session, old: str, new: str, address: str) -> str:
        """A member's own new password: all sessions end; the token of the one that goes on."""
        member = session.member
        if reason := weakness(new, member.name):
            raise Refused(reason, "password")
        member, kept = self._checked(member.name, old, address, NOT_THIS)
        if folded(old) == folded(new):
            raise Refused("いまと同じパスワードです。別のパスワードにしてください。", "password")
        made = self._passwords.hash(new)
        with self._engine.begin() as database:
            _write_if_still(database, member, kept, NOT_THIS, password=made, must_change=False)
            end_sessions(database, member.id)
            token = self._sessions.begin(database, member.id)
            self._audit.add(Actor(member.name, address), "password", within=database)
        return token

    def _checked(self, name: str, password: str, address: str, wrong: str) -> tuple[Account, str]:
        """The member of whom this is the password, and what is kept of it. One after the other, so that many tries at
        once can't slip past the limits."""
        if not self._queue.acquire(blocking=False):
            raise TooMany(BUSY)
        try:
            with self._turn:
                return self._check(name, password, address, wrong)
        finally:
            self._queue.release()

    def _check(self, name: str, password: str, address: str, wrong: str) -> tuple[Account, str]:
        source = _network(address)
        if not self._limiter.test(self._limit, source):
            raise TooMany(TOO_MANY)
        known = folded_name(name)
        with self._engine.connect() as database:
            row = database.execute(select(staff).where(staff.c.name == known)).one_or_none()
        allowed = self._count(row.id if row else 0)
        matches = self._passwords.check(row.password if row else None, password)
        if row is not None and allowed and matches and row.disabled_at is None:
            return account(row), self._welcome(row.id, row.password, password)
        self._limiter.hit(self._limit, source)
        self._audit.add(Actor(row.name if row else "", address), "sign_in_failed", _why(row, allowed))
        raise Refused(wrong, "old")

    def _count(self, staff_id: int) -> bool:
        """Count a try before it is made, in one statement, so that no two tries are counted as one; False while the
        account rests. Success takes the count back."""
        now = self._clock()
        rested = staff.c.locked_until.is_not(None)
        last = and_(staff.c.locked_until.is_(None), staff.c.failures + 1 >= FAILURES)
        counted = (
            update(staff)
            .where(staff.c.id == staff_id, or_(staff.c.locked_until.is_(None), staff.c.locked_until <= micros(now)))
            .values(
                failures=case((rested, 1), else_=staff.c.failures + 1),
                locked_until=case((last, micros(now + REST)), else_=None),
            )
        )
        with self._engine.begin() as database:
            return database.execute(counted).rowcount == 1

    def _welcome(self, staff_id: int, kept: str, password: str) -> str:
        """What is kept of the password from now on."""
        now = self._passwords.hash(password) if self._passwords.outdated(kept) else kept
        values = {"failures": 0, "locked_until": None, "password": now}
        with self._engine.begin() as database:
            database.execute(update(staff).where(staff.c.id == staff_id, staff.c.password == kept).values(values))
        return now


def _write_if_still(database: Connection, member: Account, kept: str, wrong: str, **values: object) -> None:
    """Write to the account, in the transaction that opens a session. Raises Refused if since the check somebody gave
    another password, or switched the account off: that ended all sessions, and no new one may come after it."""
    still = and_(staff.c.id == member.id, staff.c.password == kept, staff.c.disabled_at.is_(None))
    if database.execute(update(staff).where(still).values(values)).rowcount != 1:
        raise Refused(wrong, "old")


def _why(row: Row[Any] | None, allowed: bool) -> str:
    """For the audit log. What was typed as a name stays out of it: it may be a password in the wrong field."""
    if row is None:
        return "登録のない名前"
    if row.disabled_at is not None:
        return "停止中の職員"
    if not allowed:
        return "休止中"
    last = row.locked_until is None and row.failures + 1 >= FAILURES
    return f"パスワードのまちがい（{FAILURES}回目。15分休止）" if last else "パスワードのまちがい"


def _network(address: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 that one IPv6 connection is given."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
