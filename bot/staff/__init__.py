"""Who may use the console: accounts, signing in, sessions, the audit log. It knows nothing of web pages."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from bot.staff.accounts import Accounts
from bot.staff.audit_log import AuditLog, Clock
from bot.staff.passwords import Passwords
from bot.staff.signing_in import Sessions, SignIn

__all__ = ["Staff", "now"]


def now() -> dt.datetime:
    """The clock."""
    return dt.datetime.now(dt.UTC)


class Staff:
    """All of it over one database: what the console and the command line are given. Sessions end after `minutes`
    without a click."""

    def __init__(
        self, engine: Engine, clock: Clock = now, minutes: int = 30, passwords: Passwords | None = None
    ) -> None:
        self.passwords = passwords or Passwords()
        self.audit = AuditLog(engine, clock)
        self.accounts = Accounts(engine, clock, self.passwords, self.audit)
        self.sessions = Sessions(engine, clock, dt.timedelta(minutes=minutes))
        self.door = SignIn(engine, clock, self.passwords, self.sessions, self.audit)
