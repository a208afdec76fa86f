"""Accounts, signing in, locks, sessions and the audit log, on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.exc import SQLAlchemyError
from staffed import PASSWORD, Clock, cheap

from bot.database.opening import open_database
from bot.database.tables import audit, staff, staff_sessions
from bot.staff import Staff
from bot.staff.accounts import Refused
from bot.staff.audit_log import SYSTEM, Actor
from bot.staff.passwords import Passwords
from bot.staff.signing_in import BUSY, FAILURES, FAILURES_PER_ADDRESS, WAITING, TooMany

HERE, THERE = "192.0.2.7", "198.51.100.3"
OTHER = "まったく べつの 合言葉 です"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def office(database: sa.Engine, clock: Clock) -> Staff:
    made = Staff(database, clock, 30, cheap())
    made.accounts.add("hanako", "editor", PASSWORD, must_change=False)
    return made


def fail(office: Staff, times: int, name: str = "hanako", address: str = HERE) -> list[str]:
    """Wrong passwords; what was answered."""
    said = []
    for _ in range(times):
        with pytest.raises(Refused) as refused:
            office.door.sign_in(name, "ちがう 合言葉 です！！", address)
        said.append(str(refused.value))
    return said


# -- accounts ----------------------------------------------------------------------------------------------------------
def test_an_account_is_found_however_its_name_is_typed(office: Staff) -> None:
    for typed in ("hanako", " HANAKO ", "ｈａｎａｋｏ"):
        assert office.accounts.named(typed).name == "hanako"
    assert office.door.sign_in("Ｈanako", PASSWORD, HERE)


@pytest.mark.parametrize("name", ["", " ", "a b", "<b>", "x" * 51, "a\nb", "'; DROP TABLE staff; --", "a/b", "=cmd"])
def test_names_that_can_not_be_used(office: Staff, name: str) -> None:
    with pytest.raises(Refused, match="名前に使えません"):
        office.accounts.add(name, "viewer", PASSWORD)
    assert [each.name for each in office.accounts.all()] == ["hanako"]


@pytest.mark.parametrize("name", ["埼玉花子", "ミーティング_係", "taro.saitama@pref", "佐々木"])
def test_japanese_names(office: Staff, name: str) -> None:
    assert office.accounts.add(name, "viewer", PASSWORD).name == name


def test_a_name_is_given_once(office: Staff) -> None:
    with pytest.raises(Refused, match="もう使われています"):
        office.accounts.add("Hanako", "admin", PASSWORD)
    assert office.accounts.named("hanako").role == "editor"


def test_a_weak_password_makes_no_account(office: Staff) -> None:
    with pytest.raises(Refused, match="12文字以上"):
        office.accounts.add("taro", "viewer", "mijikai")
    with pytest.raises(Refused, match="taro"):
        office.accounts.named("taro")


@pytest.mark.parametrize(
    "change",
    [
        lambda office: office.accounts.set_password("hanako", OTHER),
        lambda office: office.accounts.set_role("hanako", "viewer"),
        lambda office: office.accounts.disable("hanako"),
    ],
)
def test_a_change_ends_all_sessions(office: Staff, change: Callable[[Staff], None]) -> None:
    office.accounts.add("taro", "viewer", PASSWORD)
    tokens = [office.door.sign_in("hanako", PASSWORD, HERE) for _ in range(2)]
    other = office.door.sign_in("taro", PASSWORD, HERE)
    change(office)
    assert [office.sessions.find(token) for token in tokens] == [None, None]
    assert office.sessions.find(other)


def test_a_disabled_account_stays_out_and_comes_back(office: Staff) -> None:
    office.accounts.disable("hanako")
    fail_said = fail(office, 1)
    with pytest.raises(Refused) as refused:
        office.door.sign_in("hanako", PASSWORD, HERE)
    assert [str(refused.value)] == fail_said
    office.accounts.enable("hanako")
    assert office.door.sign_in("hanako", PASSWORD, HERE)


# -- the last admin ----------------------------------------------------------------------------------------------------
LOSING = [
    lambda office, name: office.accounts.disable(name),
    lambda office, name: office.accounts.set_role(name, "editor"),
]


@pytest.mark.parametrize("lose", LOSING)
def test_the_last_admin_stays(office: Staff, lose: Callable[[Staff, str], None]) -> None:
    for name in ("ichiro", "jiro"):
        office.accounts.add(name, "admin", PASSWORD, must_change=False)
    lose(office, "ichiro")
    token = office.door.sign_in("jiro", PASSWORD, HERE)
    before = office.audit.read()
    with pytest.raises(Refused, match="ただ1人の「管理」"):
        lose(office, "jiro")
    assert office.sessions.find(token)
    assert office.audit.read() == before
    office.accounts.set_password("jiro", OTHER)  # that is no loss
    office.accounts.set_role("jiro", "admin")


def test_two_admins_can_not_take_each_other_out_at_once(office: Staff) -> None:
    for name in ("ichiro", "jiro"):
        office.accounts.add(name, "admin", PASSWORD)
    ready, refused = threading.Barrier(2), list[str]()

    def take_out(name: str) -> None:
        ready.wait()
        try:
            office.accounts.disable(name)
        except Refused:
            refused.append(name)

    threads = [threading.Thread(target=take_out, args=(name,)) for name in ("ichiro", "jiro")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = [each.name for each in office.accounts.all() if each.role == "admin" and each.disabled_at is None]
    assert left == refused
    assert len(left) == 1


def test_without_any_admin_everything_else_goes_on(office: Staff) -> None:
    office.accounts.disable("hanako")
    office.accounts.enable("hanako")
    office.accounts.set_role("hanako", "admin")


# -- locks -------------------------------------------------------------------------------------------------------------
def test_five_failures_lock_for_fifteen_minutes(office: Staff, clock: Clock) -> None:
    fail(office, FAILURES)
    with pytest.raises(Refused):
        office.door.sign_in("hanako", PASSWORD, THERE)
    clock.forward(minutes=14, seconds=59)
    with pytest.raises(Refused):
        office.door.sign_in("hanako", PASSWORD, THERE)
    clock.forward(seconds=1)
    assert office.door.sign_in("hanako", PASSWORD, THERE)


def test_failures_are_counted_in_a_row(office: Staff, clock: Clock) -> None:
    fail(office, FAILURES - 1)
    assert office.door.sign_in("hanako", PASSWORD, HERE)
    fail(office, FAILURES - 1)
    assert office.door.sign_in("hanako", PASSWORD, HERE)


def test_after_a_rest_there_are_five_tries_again(office: Staff, clock: Clock) -> None:
    fail(office, FAILURES)
    clock.forward(minutes=15)
    fail(office, FAILURES - 1, address=THERE)
    assert office.door.sign_in("hanako", PASSWORD, THERE)


def test_a_new_password_ends_a_lock(office: Staff) -> None:
    fail(office, FAILURES)
    office.accounts.set_password("hanako", OTHER)
    assert office.door.sign_in("hanako", OTHER, HERE)


def test_every_failure_sounds_alike(office: Staff) -> None:
    office.accounts.add("taro", "viewer", PASSWORD)
    office.accounts.disable("taro")
    said = fail(office, FAILURES + 1)
    for name in ("nobody", "taro", "' OR 1=1", "x" * 5000):
        said += fail(office, 1, name)
    assert len(set(said)) == 1


def test_a_name_that_does_not_exist_costs_the_same_work(office: Staff, database: sa.Engine) -> None:
    def work(name: str) -> tuple[int, int]:
        before, statements = office.passwords.checks, []
        listen = lambda *given: statements.append(given[2])  # noqa: E731
        sa.event.listen(database, "before_cursor_execute", listen)
        fail(office, 1, name)
        sa.event.remove(database, "before_cursor_execute", listen)
        return office.passwords.checks - before, len(statements)

    checks, statements = work("hanako")
    assert work("nobody") == (checks, statements)
    assert checks == 1


def test_one_address_may_fail_twenty_times_over_all_names(office: Staff) -> None:
    for n in range(FAILURES_PER_ADDRESS):
        fail(office, 1, f"somebody-{n}")
    with pytest.raises(TooMany):
        office.door.sign_in("hanako", PASSWORD, HERE)
    assert office.door.sign_in("hanako", PASSWORD, THERE)


def test_addresses_of_one_ipv6_connection_count_as_one(office: Staff) -> None:
    for n in range(FAILURES_PER_ADDRESS):
        fail(office, 1, f"somebody-{n}", f"2001:db8:1:2::{n + 1:x}")
    with pytest.raises(TooMany):
        office.door.sign_in("hanako", PASSWORD, "2001:db8:1:2:ffff::1")
    assert office.door.sign_in("hanako", PASSWORD, "2001:db8:1:3::1")


def at_once(office: Staff, tries: int) -> list[str]:
    """Wrong passwords for one account from as many addresses at the same moment; what was answered."""
    said: list[str] = []
    ready = threading.Barrier(tries)

    def one(address: str) -> None:
        ready.wait()
        said.extend(fail(office, 1, "hanako", address))

    threads = [threading.Thread(target=one, args=(f"192.0.2.{n}",)) for n in range(tries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_many_tries_at_once_are_all_counted(office: Staff, database: sa.Engine) -> None:
    before = office.passwords.checks
    at_once(office, WAITING)
    assert office.passwords.checks - before == WAITING
    with database.connect() as connection:
        row = connection.execute(sa.select(staff.c.failures, staff.c.locked_until)).one()
    assert row.failures == FAILURES
    assert row.locked_until is not None


def test_only_a_few_wait_for_their_turn(database: sa.Engine, clock: Clock) -> None:
    """A flood of sign-ins must not take all threads of the server, nor all its memory."""
    slow = Staff(database, clock, 30, Passwords(PasswordHasher(time_cost=1, memory_cost=16 * 1024, parallelism=1)))
    said = at_once(slow, 5 * WAITING)
    assert said.count(BUSY) >= 2 * WAITING
    assert slow.passwords.checks <= 3 * WAITING


# -- sessions ----------------------------------------------------------------------------------------------------------
def test_the_database_does_not_hold_the_token(office: Staff, database: sa.Engine) -> None:
    token = office.door.sign_in("hanako", PASSWORD, HERE)
    with database.connect() as connection:
        (row,) = connection.execute(sa.select(staff_sessions)).all()
    assert token not in map(str, row)
    assert len(token) == 43  # 256 bits
    assert office.sessions.find(row.token) is None


def test_a_session_ends_without_a_click(office: Staff, clock: Clock) -> None:
    token = office.door.sign_in("hanako", PASSWORD, HERE)
    clock.forward(minutes=29, seconds=59)
    session = office.sessions.find(token)
    assert session
    clock.forward(seconds=1)
    assert office.sessions.find(token) is None


def test_clicks_keep_a_session_for_ten_hours(office: Staff, clock: Clock) -> None:
    token = office.door.sign_in("hanako", PASSWORD, HERE)
    for _ in range(29):
        clock.forward(minutes=20)
        session = office.sessions.find(token)
        assert session
        office.sessions.touch(session)
    clock.forward(minutes=20)
    assert office.sessions.find(token) is None


def test_reading_pages_writes_once_a_minute_at_most(office: Staff, clock: Clock, database: sa.Engine) -> None:
    token = office.door.sign_in("hanako", PASSWORD, HERE)
    statements: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *given: statements.append(given[2].split()[0]))
    for _ in range(12):
        clock.forward(seconds=10)
        session = office.sessions.find(token)
        assert session
        office.sessions.touch(session)
    assert (statements.count("SELECT"), statements.count("UPDATE")) == (12, 2)


def test_old_sessions_are_deleted_when_somebody_signs_in(office: Staff, clock: Clock, database: sa.Engine) -> None:
    office.door.sign_in("hanako", PASSWORD, HERE)
    clock.forward(hours=1)
    office.door.sign_in("hanako", PASSWORD, HERE)
    with database.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(staff_sessions)) == 1


def test_a_new_password_of_ones_own_goes_on_with_another_token(office: Staff) -> None:
    here, there = (office.door.sign_in("hanako", PASSWORD, HERE) for _ in range(2))
    session = office.sessions.find(here)
    assert session
    fresh = office.door.change_password(session, PASSWORD, OTHER, HERE)
    assert office.sessions.find(fresh)
    assert office.sessions.find(here) is office.sessions.find(there) is None
    assert office.door.sign_in("hanako", OTHER, HERE)


def test_the_old_password_is_asked_for_and_guesses_are_counted(office: Staff) -> None:
    session = office.sessions.find(office.door.sign_in("hanako", PASSWORD, HERE))
    assert session
    for _ in range(FAILURES):
        with pytest.raises(Refused, match="いまのパスワードがちがいます"):
            office.door.change_password(session, "当てずっぽうの 合言葉", OTHER, HERE)
    with pytest.raises(Refused):
        office.door.change_password(session, PASSWORD, OTHER, HERE)


class Overtaken(Passwords):
    """While it checks a password, an admin gives another one."""

    office: Staff

    def check(self, kept: str | None, password: str) -> bool:
        self.office.accounts.set_password("hanako", OTHER)
        return super().check(kept, password)


def test_a_password_that_was_just_replaced_opens_nothing(office: Staff, database: sa.Engine, clock: Clock) -> None:
    session = office.sessions.find(office.door.sign_in("hanako", PASSWORD, HERE))
    assert session
    passwords = Overtaken(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords.office = office
    overtaken = Staff(database, clock, 30, passwords)
    with pytest.raises(Refused):
        overtaken.door.sign_in("hanako", PASSWORD, HERE)
    office.accounts.set_password("hanako", PASSWORD)
    with pytest.raises(Refused):
        overtaken.door.change_password(session, PASSWORD, "さらに べつの 合言葉 です", HERE)
    assert not office.sessions.of(session.member)
    assert office.door.sign_in("hanako", OTHER, HERE)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000, "' OR 1=1 --", "é" * 43])
def test_a_made_up_token_opens_nothing(office: Staff, token: str) -> None:
    office.door.sign_in("hanako", PASSWORD, HERE)
    assert office.sessions.find(token) is None


def test_a_password_is_hashed_anew_when_the_way_has_changed(office: Staff, database: sa.Engine, clock: Clock) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert Staff(database, clock, 30, stronger).door.sign_in("hanako", PASSWORD, HERE)
    with database.connect() as connection:
        assert "m=16,t=2" in connection.scalars(sa.select(staff.c.password)).one()
    assert office.door.sign_in("hanako", PASSWORD, HERE)


# -- the audit log, and a database that is away ------------------------------------------------------------------------
def test_signing_in_is_in_the_audit_log(office: Staff, clock: Clock) -> None:
    fail(office, FAILURES + 1)
    fail(office, 1, "my password by mistake", THERE)
    clock.forward(minutes=20)
    office.door.sign_in("hanako", PASSWORD, HERE)
    acts = office.audit.read()
    assert (acts[0].who, acts[0].act, acts[0].address) == ("hanako", "sign_in", HERE)
    assert (acts[1].who, acts[1].act, acts[1].address) == ("", "sign_in_failed", THERE)
    assert [act.what for act in acts[2:4]] == ["休止中", "パスワードのまちがい（5回目。15分休止）"]
    assert acts[0].at == clock.now.astimezone(dt.UTC)
    assert "my password" not in str(acts)


def test_every_change_of_an_account_is_in_the_audit_log(office: Staff) -> None:
    by = Actor("admin", HERE)
    office.accounts.add("taro", "viewer", PASSWORD, by=by)
    office.accounts.set_role("taro", "editor", by)
    office.accounts.set_password("taro", OTHER, by=by)
    office.accounts.disable("taro", by)
    office.accounts.enable("taro", by)
    kept = [(act.act, act.what) for act in reversed(office.audit.read("admin"))]
    assert kept == [
        ("account_added", "taro（閲覧）"), ("account_role", "taro: 閲覧から編集へ"), ("account_password", "taro"),
        ("account_disabled", "taro"), ("account_enabled", "taro"),
    ]  # fmt: skip
    assert {act.address for act in office.audit.read("admin")} == {HERE}
    assert all(act.title != act.act for act in office.audit.read())  # each has a Japanese name
    assert office.audit.last("account_added").keys() == {"admin", "system"}


def test_the_audit_log_is_read_in_pages(office: Staff) -> None:
    for n in range(7):
        office.audit.add(Actor("hanako" if n % 2 else "taro"), "download", f"{n}" * 600)
    newest = office.audit.read(limit=3)
    assert [act.what[0] for act in newest] == ["6", "5", "4"]
    assert [act.what[0] for act in office.audit.read(before=newest[-1].id, limit=3)] == ["3", "2", "1"]
    assert [act.what[0] for act in office.audit.read("hanako", ["download"])] == ["5", "3", "1"]
    assert {len(act.what) for act in newest} == {500}


def test_nothing_changes_the_audit_log(office: Staff, database: sa.Engine) -> None:
    statements: list[str] = []
    sa.event.listen(database, "before_cursor_execute", lambda *given: statements.append(given[2]))
    office.accounts.disable("hanako")
    office.audit.add(SYSTEM, "download", "x.csv")
    office.audit.read()
    touching = [each for each in statements if audit.name in each.split()]
    assert {each.split()[0] for each in touching} == {"INSERT", "SELECT"}


def test_a_database_that_is_away_is_an_error_and_never_a_welcome(tmp_path: object, clock: Clock) -> None:
    engine = open_database("postgresql+pg8000://nobody:secret@127.0.0.1:9/none")
    office = Staff(engine, clock, 30, cheap())
    for ask in (
        lambda: office.door.sign_in("hanako", PASSWORD, HERE),
        lambda: office.sessions.find("x" * 43),
        office.accounts.all,
    ):
        with pytest.raises(SQLAlchemyError) as raised:
            ask()
        assert "secret" not in str(raised.value)
    engine.dispose()
