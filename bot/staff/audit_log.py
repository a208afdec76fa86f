"""The audit log: who did what, when, from where. Rows are added and read, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, insert, select

from bot.database.tables import audit

Clock = Callable[[], dt.datetime]
"""Gives an instant with a zone."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

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
    "retention": "期限の過ぎた記録の削除",
    "refused": "権限のない操作",
}
"""What each act is called in Japanese."""


@dataclass(frozen=True)
class Actor:
    """Who does something: a member's name, "" for somebody who is not signed in; `address`: from where."""

    name: str
    address: str = ""


SYSTEM = Actor("system")
"""Somebody at the command line of the machine itself."""


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

    def add(self, by: Actor, act: str, what: str = "", within: Connection | None = None) -> None:
        """Keep an act, in the transaction that does it if there is one. `what` holds no words of residents."""
        row = {
            "at": micros(self._clock()), "who": by.name[:50], "act": act[:40], "what": what[:MAX_WHAT],
            "address": by.address[:45],
        }  # fmt: skip
        if within is not None:
            within.execute(insert(audit).values(row))
            return
        with self._engine.begin() as database:
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

    def last(self, act: str) -> dict[str, dt.datetime]:
        """When each last did it, by name."""
        query = select(audit.c.who, func.max(audit.c.at)).where(audit.c.act == act).group_by(audit.c.who)
        with self._engine.connect() as database:
            return {who: moment(at) for who, at in database.execute(query)}


def micros(moment: dt.datetime) -> int:
    """The instant for a table. `moment` has a zone."""
    return (moment - EPOCH) // _MICROSECOND


def moment(at: int) -> dt.datetime:
    """The instant of a table, in UTC."""
    return EPOCH + at * _MICROSECOND
