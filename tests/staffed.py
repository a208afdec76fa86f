"""The real console in this process: the real app over a real database, with a clock that tests move."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from bot import assemble
from bot.analytics.archive import Archive
from bot.console.app import console
from bot.console.context import ConsoleContext, TelephoneTools
from bot.dialogue.desk import Desk
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.settings import Settings
from bot.staff import Staff
from bot.staff.accounts import Role
from bot.staff.audit_log import SYSTEM
from bot.staff.passwords import Passwords
from bot.tuning.accept import TuningTools
from bot.web.app import create_app

PASSWORD = "いつもの 長い 合言葉 です"
MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=TOKYO)
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


def cheap() -> Passwords:
    """Passwords that cost next to nothing: tests are about everything else."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def add_account(data: Path, name: str, role: Role = "viewer", password: str = PASSWORD) -> None:
    """An account of a server whose data are in `data`, as `madoguchi staff add --own` makes it."""
    with assemble.database(Settings(data=data)) as database:
        Staff(database).accounts.add(name, role, password, must_change=False)


@dataclass
class Clock:
    """Stands still until a test moves it."""

    now: dt.datetime = MONDAY

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **time: float) -> None:
        """Let time pass: `minutes=30`."""
        self.now += dt.timedelta(**time)


@dataclass
class House:
    """A console with an account for each role, named as the role."""

    app: FastAPI
    router: APIRouter
    staff: Staff
    clock: Clock
    engine: sa.Engine
    desk: Desk
    context: ConsoleContext
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, address: str = "192.0.2.7", site: str = "http://madoguchi.example") -> Visitor:
        """A browser."""
        self.visitors.append(Visitor(self.app, address, site))
        return self.visitors[-1]

    def member(self, name: str = "viewer", **where: str) -> Visitor:
        """A browser in which somebody has signed in."""
        visitor = self.visitor(**where)
        assert visitor.sign_in(name).status_code == 303
        return visitor

    def acts(self) -> list[tuple[str, str]]:
        """(who, act) of the audit log, oldest first; without those of the command line, which made the accounts."""
        acts = reversed(self.staff.audit.read(limit=1000))
        return [(act.who, act.act) for act in acts if act.who != SYSTEM.name]


class Visitor:
    """A browser, as far as forms and cookies go. It follows no redirect by itself."""

    def __init__(self, app: FastAPI, address: str, site: str) -> None:
        self.http = TestClient(app, base_url=site, client=(address, 40000), follow_redirects=False)
        self.csrf = ""

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page and remember the token of its forms."""
        answer: Any = self.http.get(path, **more)
        if found := CSRF.search(answer.text):
            self.csrf = found[1]
        return answer  # type: ignore[no-any-return]

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Send a form, with the token of the page before unless another is given."""
        answer: Any = self.http.post(path, data={"csrf": self.csrf, **fields}, headers=headers)
        return answer  # type: ignore[no-any-return]

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Open the form and send it; the answer to that."""
        self.get("/console/sign-in")
        answer = self.post("/console/sign-in", None, name=name, password=password, **more)
        if answer.status_code == 303:
            self.get("/console/account")
        return answer


@contextmanager
def house(
    published: Published,
    engine: sa.Engine,
    data: Path,
    telephone: TelephoneTools | None = None,
    tuning: TuningTools | None = None,
    **settings: Any,
) -> Iterator[House]:
    """The app of `serve`, all doors included, over an empty database."""
    given = Settings(data=data, watch=False, **settings)
    publisher = assemble.publisher(given)
    publisher.current = published
    clock = Clock()
    with assemble.desk(given, publisher) as opened:
        desk = Desk(publisher, opened.conversations, opened.events, clock)
        staff = Staff(engine, clock, given.console_minutes, cheap())
        for role in ("viewer", "editor", "admin"):
            staff.accounts.add(role, role, PASSWORD, must_change=False)
        context = ConsoleContext(
            desk=desk, archive=Archive(engine, clock), staff=staff, root=given.root, data=data,
            allowed=given.console_allowed, minutes=given.console_minutes, telephone=telephone,
            tuning=tuning,
        )  # fmt: skip
        router = console(context)
        made = House(create_app(desk, given, [router]), router, staff, clock, engine, desk, context)
        yield made
        for visitor in made.visitors:
            visitor.http.close()
