"""The staff as one part: what the console and the command line are given."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from bot.staff.accounts import Accounts, Clock
from bot.staff.audit_log import AuditLog
from bot.staff.passwords import Passwords
from bot.staff.signing_in import Sessions, SignIn


def now() -> dt.datetime:
    """The clock."""
    return dt.datetime.now(dt.UTC)


class Staff:
    """Accounts, sessions, signing in, the audit log over one database. Sessions end after `minutes` without a click."""

    def __init__(
        self, engine: Engine, clock: Clock = now, minutes: int = 30, passwords: Passwords | None = None
    ) -> None:
        kept = passwords or Passwords()
        self.passwords = kept
        self.accounts = Accounts(engine, clock, kept)
        self.sessions = Sessions(engine, clock, dt.timedelta(minutes=minutes))
        self.audit = AuditLog(engine, clock)
        self.door = SignIn(engine, clock, kept, self.sessions, self.audit)
