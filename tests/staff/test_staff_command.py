"""`madoguchi staff`: the first admin, everybody after, and what an operator reads when something can't be done."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from served import ROOT
from staffed import PASSWORD
from typer.testing import CliRunner

from bot import assemble
from bot.cli.app import app
from bot.database.tables import audit
from bot.settings import Settings
from bot.staff import Staff

OTHER = "まったく べつの 合言葉 です"
Run = Callable[..., Result]


def command(data: Path) -> Run:
    """`madoguchi staff …` with a line for its standard input."""
    here = {"MADOGUCHI_DATA": str(data), "MADOGUCHI_DATABASE": ""}
    return lambda *words, given="", **more: CliRunner(env=here | more).invoke(
        app, ["staff", *words], input=f"{given}\n"
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Over an empty database."""
    return command(tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sa.Engine]:
    """The same database."""
    with assemble.database(Settings(data=tmp_path)) as opened:
        yield opened


@pytest.fixture(scope="module")
def one_admin(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Over a database with one admin, 佐藤."""
    run = command(tmp_path_factory.mktemp("one"))
    add(run)
    return run


def add(run: Run, name: str = "佐藤", role: str = "admin", *more: str) -> Result:
    return run("add", name, "--role", role, "--password-stdin", *more, given=PASSWORD)


def test_the_first_admin_signs_in(run: Run, database: sa.Engine) -> None:
    assert "まだ登録されていません。madoguchi staff add 名前 --role admin --own" in run("list").output
    done = add(run, "佐藤", "admin", "--own")
    assert (done.exit_code, done.output) == (0, "「佐藤」を「管理」の役割で登録しました。\n")
    staff = Staff(database)
    session = staff.sessions.find(staff.door.sign_in("佐藤", PASSWORD, "127.0.0.1"))
    assert session
    assert not session.member.must_change
    assert "佐藤\t管理（admin）\t利用中\t最後のサインイン 2" in run("list").output


def test_who_is_added_for_somebody_else_must_change_the_password(run: Run, database: sa.Engine) -> None:
    assert "はじめのサインインで、本人がパスワードを変えます" in add(run).output
    assert Staff(database).accounts.named("佐藤").must_change
    assert "はじめのパスワード" in run("list").output


def test_an_account_from_beginning_to_end(run: Run, database: sa.Engine) -> None:
    add(run)
    add(run, "suzuki", "viewer")
    accounts = Staff(database).accounts
    assert run("role", "Suzuki", "editor").output == "「suzuki」の役割を「編集」にしました。\n"
    assert accounts.named("suzuki").role == "editor"
    assert run("password", "suzuki", "--password-stdin", "--own", given=OTHER).exit_code == 0
    assert Staff(database).door.sign_in("suzuki", OTHER, "127.0.0.1")
    assert run("disable", "suzuki").exit_code == 0
    assert accounts.named("suzuki").disabled_at
    (told,) = [each for each in json.loads(run("list", "--json").output) if each["name"] == "suzuki"]
    assert (told["role"], told["disabled"], bool(told["signed_in_at"])) == ("editor", True, True)
    assert run("enable", "suzuki").exit_code == 0
    with database.connect() as connection:
        rows = connection.execute(sa.select(audit).where(audit.c.act != "sign_in").order_by(audit.c.id)).all()
    assert [row.act for row in rows] == [
        "account_added", "account_added", "account_role", "account_password", "account_disabled", "account_enabled",
    ]  # fmt: skip
    assert {row.who for row in rows} == {"system"}
    assert all(row.address.startswith("端末 ") for row in rows)  # which account of the machine it was


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        (["add", "佐藤", "--password-stdin"], PASSWORD, 1, "もう使われています"),
        (["add", "a b", "--password-stdin"], PASSWORD, 1, "名前に使えません"),
        (["add", "suzuki", "--password-stdin"], "mijikai", 1, "12文字以上"),
        (["add", "suzuki", "--password-stdin"], "", 1, "0文字です"),
        (["add", "suzuki", "--role", "boss", "--password-stdin"], PASSWORD, 1, "viewer・editor・admin から選んで"),
        (["add", "suzuki"], PASSWORD, 2, "--password-stdin を付けて"),
        (["role", "佐藤", "boss"], "", 1, "「boss」という役割はありません"),
        (["role", "佐藤", "viewer"], "", 1, "ただ1人の「管理」"),
        (["disable", "佐藤"], "", 1, "ただ1人の「管理」"),
        (["disable", "鈴木"], "", 1, "「鈴木」という名前の職員はいません"),
        (["password", "鈴木", "--password-stdin"], PASSWORD, 1, "「鈴木」という名前の職員はいません"),
        (["password", "佐藤", "--password-stdin"], "password2026!", 1, "当てられやすい"),
    ],
)
def test_what_can_not_be_done_is_said_in_japanese(
    one_admin: Run, words: list[str], given: str, code: int, said: str
) -> None:
    before = one_admin("list", "--json").output
    done = one_admin(*words, given=given)
    assert done.exit_code == code
    assert said in done.output
    assert "Traceback" not in done.output
    assert one_admin("list", "--json").output == before


@pytest.mark.parametrize("url", ["postgresql+pg8000://u:secret@127.0.0.1:9/x", "mysql://u:secret@h/x"])
def test_a_database_that_is_away(run: Run, url: str) -> None:
    done = run("list", MADOGUCHI_DATABASE=url)
    assert done.exit_code == 2
    assert "データベースを使えません" in done.output
    assert "secret" not in done.output


@pytest.mark.slow
def test_a_password_is_asked_for_at_the_terminal_and_not_shown(tmp_path: Path) -> None:
    """Too weak, then two that differ, then well: each is told, nothing is echoed."""
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "bot", "staff", "add", "佐藤", "--role", "admin", "--own"]
    environment = {**os.environ, "MADOGUCHI_DATA": str(tmp_path), "MADOGUCHI_DATABASE": ""}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=other, stdout=other, stderr=other, start_new_session=True
    )
    os.close(other)
    shown = ""
    for asked, answer in (
        ("パスワード（", "mijikai"),
        ("12文字以上にしてください", ""),
        ("パスワード（", PASSWORD),
        ("もう一度", OTHER),
        ("2つのパスワードがちがいます", ""),
        ("パスワード（", PASSWORD),
        ("もう一度", PASSWORD),
        ("登録しました", ""),
    ):
        while asked not in shown:
            shown += os.read(terminal, 4096).decode(errors="replace")
        shown = shown.split(asked, 1)[1]
        assert "合言葉" not in shown
        if answer:
            os.write(terminal, f"{answer}\n".encode())
    assert process.wait(timeout=20) == 0
    os.close(terminal)
