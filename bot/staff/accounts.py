"""Accounts: who there is and what each may do. What changes an account ends its sessions."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.database.tables import staff, staff_sessions
from bot.staff.passwords import Passwords, weakness

Clock = Callable[[], dt.datetime]
"""Gives an instant with a zone."""

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

Role = Literal["viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_TITLES: Mapping[Role, str] = {"viewer": "閲覧", "editor": "編集", "admin": "管理"}
"""Each may do what those before it may: look and download; accept proposals and switch; manage accounts."""

NAME = re.compile(r"[\w.@-]{1,50}")


class Refused(ValueError):
    """What was asked of an account can't be done. For staff: the text is Japanese and says what to do."""


@dataclass(frozen=True)
class Account:
    """One member of staff."""

    id: int
    name: str
    role: Role
    must_change: bool
    locked_until: dt.datetime | None
    created_at: dt.datetime
    disabled_at: dt.datetime | None

    def may(self, role: Role) -> bool:
        """Whether this role, or a higher one, was given."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Accounts:
    """The table `staff`. Raises Refused, and SQLAlchemyError when the database is away."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords) -> None:
        self._engine, self._clock, self._passwords = engine, clock, passwords

    def add(self, name: str, role: Role, password: str, must_change: bool = True) -> Account:
        """A new account. `must_change`: somebody else chose the password, so the first thing to do is to change it."""
        known = checked_name(name)
        self._must_be_good(password, known)
        row = {
            "name": known, "role": role, "password": self._passwords.hash(password), "must_change": must_change,
            "failures": 0, "created_at": micros(self._clock()),
        }  # fmt: skip
        try:
            with self._engine.begin() as database:
                database.execute(insert(staff).values(row))
        except IntegrityError:
            raise Refused(f"「{known}」という名前は、もう使われています。別の名前にしてください。") from None
        return self.named(known)

    def all(self) -> list[Account]:
        """Every account, also those that are switched off, by name."""
        with self._engine.connect() as database:
            return [account(row) for row in database.execute(select(staff).order_by(staff.c.name))]

    def none(self) -> bool:
        """Whether there is no account yet."""
        with self._engine.connect() as database:
            return database.scalar(select(func.count()).select_from(staff)) == 0

    def named(self, name: str) -> Account:
        """The account of a name."""
        known = folded_name(name)
        with self._engine.connect() as database:
            row = database.execute(select(staff).where(staff.c.name == known)).one_or_none()
        if row is None:
            raise Refused(f"「{known}」という名前の職員はいません。madoguchi staff list で確かめてください。")
        return account(row)

    def set_password(self, name: str, password: str, must_change: bool = True) -> None:
        """Give a new password; opens a locked account and ends all its sessions."""
        whose = self.named(name)
        self._must_be_good(password, whose.name)
        self._change(
            whose, password=self._passwords.hash(password), must_change=must_change, failures=0, locked_until=None
        )

    def set_role(self, name: str, role: Role) -> None:
        """Give another role; ends all sessions."""
        self._change(self.named(name), role=role)

    def disable(self, name: str) -> None:
        """Switch off; ends all sessions. Rows stay, because the audit log names them."""
        self._change(self.named(name), disabled_at=micros(self._clock()))

    def enable(self, name: str) -> None:
        """Switch on again."""
        self._change(self.named(name), disabled_at=None, failures=0, locked_until=None)

    def _must_be_good(self, password: str, name: str) -> None:
        if reason := weakness(password, name):
            raise Refused(reason)

    def _change(self, whose: Account, **values: Any) -> None:
        with self._engine.begin() as database:
            database.execute(update(staff).where(staff.c.id == whose.id).values(values))
            end_sessions(database, whose.id)


def end_sessions(database: Connection, staff_id: int) -> int:
    """End every session of an account; how many there were."""
    return database.execute(delete(staff_sessions).where(staff_sessions.c.staff == staff_id)).rowcount


def account(row: Row[Any]) -> Account:
    """The account of a row of `staff`."""
    return Account(
        id=row.id,
        name=row.name,
        role=row.role,
        must_change=row.must_change,
        locked_until=moment(row.locked_until) if row.locked_until is not None else None,
        created_at=moment(row.created_at),
        disabled_at=moment(row.disabled_at) if row.disabled_at is not None else None,
    )


def folded_name(name: str) -> str:
    """The same name however it is typed: width, capitals and spaces around it do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def checked_name(name: str) -> str:
    """The name to keep. Raises Refused."""
    known = folded_name(name)
    if not NAME.fullmatch(known):
        shown = known if known.isprintable() else ascii(known)
        raise Refused(f"「{shown[:60]}」は名前に使えません。文字・数字・「.」「-」「_」「@」で、50文字までです。")
    return known


def micros(moment: dt.datetime) -> int:
    """The instant for a table. `moment` has a zone."""
    return (moment - EPOCH) // _MICROSECOND


def moment(at: int) -> dt.datetime:
    """The instant of a table, in UTC."""
    return EPOCH + at * _MICROSECOND
