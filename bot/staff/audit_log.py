"""The audit log: who did what, when, from where. Rows are added and read, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from bot.database.tables import audit
from bot.staff.accounts import Clock, micros, moment

SYSTEM = "system"
MAX_WHAT = 500
ACTS = {
    "sign_in": "サインイン",
    "sign_in_failed": "サインインの失敗",
    "sign_out": "サインアウト",
    "sessions_ended": "ほかの画面を終わらせた",
    "password": "パスワードの変更",
    "account_added": "職員の追加",
    "account_password": "パスワードの再設定",
    "account_role": "役割の変更",
    "account_disabled": "利用の停止",
    "account_enabled": "利用の再開",
    "download": "資料の取り出し",
    "emergency": "緊急案内",
    "tuning": "改善の提案",
    "refused": "権限のない操作",
}
"""What each act is called in Japanese."""


@dataclass(frozen=True)
class Act:
    """One line of the log. `who`: a name, "system" for the command line, "" for somebody who is not signed in."""

    id: int
    at: dt.datetime
    who: str
    act: str
    what: str
    address: str

    @property
    def title(self) -> str:
        """The act in Japanese."""
        return ACTS.get(self.act, self.act)


class AuditLog:
    """The table `audit`. Raises SQLAlchemyError when the database is away."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def add(self, who: str, act: str, what: str = "", address: str = "") -> None:
        """Keep an act. `what` holds no words of residents."""
        with self._engine.begin() as database:
            self.add_with(database, who, act, what, address)

    def add_with(self, database: Connection, who: str, act: str, what: str = "", address: str = "") -> None:
        """Keep an act in the transaction that does it."""
        row = {
            "at": micros(self._clock()), "who": who[:50], "act": act[:40], "what": what[:MAX_WHAT],
            "address": address[:45],
        }  # fmt: skip
        database.execute(insert(audit).values(row))

    def read(self, who: str = "", acts: Collection[str] = (), before: int | None = None, limit: int = 100) -> list[Act]:
        """The newest acts first, of somebody, of some kinds, older than the one with the id `before`."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if who:
            query = query.where(audit.c.who == who)
        if acts:
            query = query.where(audit.c.act.in_(acts))
        if before is not None:
            query = query.where(audit.c.id < before)
        with self._engine.connect() as database:
            return [
                Act(row.id, moment(row.at), row.who, row.act, row.what, row.address) for row in database.execute(query)
            ]
