"""Accounts: who there is and what each may do. A change ends the sessions of the account and stands in the audit log,
all in one transaction."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.database.tables import staff, staff_sessions
from bot.staff.audit_log import SYSTEM, Actor, AuditLog, Clock, micros, moment
from bot.staff.passwords import Passwords, weakness

Role = Literal["viewer", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
ROLE_TITLES: Mapping[Role, str] = {"viewer": "閲覧", "editor": "編集", "admin": "管理"}
"""Each may do what those before it may: look and download; accept proposals and switch; manage accounts."""

NAME = re.compile(r"[\w.@-]{1,50}")
_UNLOCKED: Mapping[str, Any] = {"failures": 0, "locked_until": None}


class Refused(ValueError):
    """What was asked of an account can't be done. For staff: the text is Japanese and says what to do. `field`: which
    input it is about (name, role, password, old); "" if about none."""

    def __init__(self, said: str, field: str = "") -> None:
        super().__init__(said)
        self.field = field


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
    """The table `staff`. Every method that changes something is told who does it (`by`). Raises Refused, and
    SQLAlchemyError when the database is away."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords, audit: AuditLog) -> None:
        self._engine, self._clock, self._passwords, self._audit = engine, clock, passwords, audit

    def add(self, name: str, role: Role, password: str, must_change: bool = True, by: Actor = SYSTEM) -> Account:
        """A new account. `must_change`: somebody else chose the password, so the first thing to do is to change it."""
        known = self.free(name)
        self._must_be_good(password, known)
        row = {
            "name": known, "role": role, "password": self._passwords.hash(password), "must_change": must_change,
            "failures": 0, "created_at": micros(self._clock()),
        }  # fmt: skip
        try:
            with self._engine.begin() as database:
                database.execute(insert(staff).values(row))
                self._audit.add(by, "account_added", f"{known}（{ROLE_TITLES[role]}）", database)
        except IntegrityError:
            raise _taken(known) from None
        return self.named(known)

    def free(self, name: str) -> str:
        """The name as it is kept, if a new account can have it."""
        known = folded_name(name)
        if not NAME.fullmatch(known):
            raise Refused(
                f"「{_shown(known)}」は名前に使えません。文字・数字・「.」「-」「_」「@」で、50文字までです。", "name"
            )
        if any(each.name == known for each in self.all()):
            raise _taken(known)
        return known

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
            raise Refused(
                f"「{_shown(known)}」という名前の職員はいません。職員の一覧で、名前を確かめてください。", "name"
            )
        return account(row)

    def set_password(self, name: str, password: str, must_change: bool = True, by: Actor = SYSTEM) -> Account:
        """Give a new password; opens a locked account."""
        whose = self.named(name)
        self._must_be_good(password, whose.name)
        values = {"password": self._passwords.hash(password), "must_change": must_change, **_UNLOCKED}
        return self._change(whose, by, "account_password", whose.name, **values)

    def set_role(self, name: str, role: Role, by: Actor = SYSTEM) -> Account:
        """Give another role."""
        whose = self.named(name)
        what = f"{whose.name}: {ROLE_TITLES[whose.role]}から{ROLE_TITLES[role]}へ"
        return self._change(whose, by, "account_role", what, role=role)

    def disable(self, name: str, by: Actor = SYSTEM) -> Account:
        """Switch off. The row stays, because the audit log names it."""
        whose = self.named(name)
        return self._change(whose, by, "account_disabled", whose.name, disabled_at=micros(self._clock()))

    def enable(self, name: str, by: Actor = SYSTEM) -> Account:
        """Switch on again."""
        whose = self.named(name)
        return self._change(whose, by, "account_enabled", whose.name, disabled_at=None, **_UNLOCKED)

    def _must_be_good(self, password: str, name: str) -> None:
        if reason := weakness(password, name):
            raise Refused(reason, "password")

    def _change(self, whose: Account, by: Actor, act: str, what: str, **values: Any) -> Account:
        admins = select(staff.c.id).where(staff.c.role == "admin", staff.c.disabled_at.is_(None))
        with self._engine.begin() as database:
            before = database.execute(admins.with_for_update()).all()  # two admins must not take each other out at once
            database.execute(update(staff).where(staff.c.id == whose.id).values(values))
            if before and not database.execute(admins).first():
                raise Refused(
                    f"「{whose.name}」は、ただ1人の「{ROLE_TITLES['admin']}」です。"
                    f"先に、ほかの職員を「{ROLE_TITLES['admin']}」にしてください。"
                )
            end_sessions(database, whose.id)
            self._audit.add(by, act, what, database)
        return self.named(whose.name)


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


def checked_role(given: str) -> Role:
    """The role of that id. Raises Refused."""
    for role in ROLES:
        if role == given:
            return role
    raise Refused(f"「{_shown(given)}」という役割はありません。{'・'.join(ROLES)} から選んでください。", "role")


def _taken(name: str) -> Refused:
    return Refused(f"「{name}」という名前は、もう使われています。別の名前にしてください。", "name")


def _shown(typed: str) -> str:
    return (typed if typed.isprintable() else ascii(typed))[:60]
