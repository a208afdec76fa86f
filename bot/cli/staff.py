"""The command `staff`: accounts for the console."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import FINDINGS, Json, app, database_of, print_json, read_settings, stop

if TYPE_CHECKING:
    from bot.staff import Staff
    from bot.staff.accounts import Account
    from bot.staff.audit_log import Actor

commands = typer.Typer(help="職員の画面（/console）を使う人を登録する。", no_args_is_help=True)
app.add_typer(commands, name="staff")

Name = Annotated[str, typer.Argument(help="名前（文字・数字・. - _ @ で50文字まで）", metavar="名前")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="パスワードを標準入力の1行目から読む")]
Own = Annotated[bool, typer.Option("--own", help="自分で使う名前。はじめのサインインで、パスワードの変更を求めない")]
ROLE_HELP = (
    "viewer（見る・資料を取り出す）、editor（加えて、提案を採用する・緊急案内を入れる）、"
    "admin（加えて、職員を登録する・操作の記録を見る）"
)
TRIES = 3


@commands.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=f"役割。{ROLE_HELP}", metavar="役割")] = "viewer",
    password_stdin: FromStdin = False,
    own: Own = False,
) -> None:
    """職員を登録する。例: madoguchi staff add 佐藤 --role admin --own"""
    from bot.staff.accounts import ROLE_TITLES, checked_role

    with _staff() as staff:
        chosen, known = checked_role(role), staff.accounts.free(name)
        added = staff.accounts.add(known, chosen, _password(password_stdin, known), must_change=not own, by=operator())
    typer.echo(f"「{added.name}」を「{ROLE_TITLES[added.role]}」の役割で登録しました。{_first(own)}")


@commands.command()
def password(name: Name, password_stdin: FromStdin = False, own: Own = False) -> None:
    """パスワードを決め直す。休止していた人も、すぐに使えるようになる。"""
    with _staff() as staff:
        whose = staff.accounts.named(name)
        new = _password(password_stdin, whose.name)
        staff.accounts.set_password(whose.name, new, must_change=not own, by=operator())
    typer.echo(f"「{whose.name}」のパスワードを変えました。開いていた画面はサインアウトしました。{_first(own)}")


@commands.command()
def role(name: Name, new: Annotated[str, typer.Argument(help=ROLE_HELP, metavar="役割")]) -> None:
    """役割を変える。開いている画面は、サインアウトする。"""
    from bot.staff.accounts import ROLE_TITLES, checked_role

    with _staff() as staff:
        whose = staff.accounts.set_role(name, checked_role(new), operator())
    typer.echo(f"「{whose.name}」の役割を「{ROLE_TITLES[whose.role]}」にしました。")


@commands.command()
def disable(name: Name) -> None:
    """利用を停止する。開いている画面も、すぐに終わる。"""
    with _staff() as staff:
        whose = staff.accounts.disable(name, operator())
    typer.echo(f"「{whose.name}」の利用を停止しました。")


@commands.command()
def enable(name: Name) -> None:
    """停止した人の利用を再開する。"""
    with _staff() as staff:
        whose = staff.accounts.enable(name, operator())
    typer.echo(f"「{whose.name}」の利用を再開しました。")


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """登録されている職員を出す。"""
    with _staff() as staff:
        accounts, seen = staff.accounts.all(), staff.audit.last("sign_in")
    if as_json:
        print_json(
            [
                {
                    "name": each.name, "role": each.role, "disabled": each.disabled_at is not None,
                    "must_change": each.must_change, "created_at": each.created_at.isoformat(timespec="seconds"),
                    "signed_in_at": seen[each.name].isoformat(timespec="seconds") if each.name in seen else None,
                }
                for each in accounts
            ]
        )  # fmt: skip
        return
    for each in accounts:
        last = f"{seen[each.name].astimezone():%Y-%m-%d %H:%M}" if each.name in seen else "なし"
        typer.echo(f"{each.name}\t{_role_and_state(each)}\t最後のサインイン {last}")
    if not accounts:
        typer.echo("まだ登録されていません。madoguchi staff add 名前 --role admin --own で登録します。")


def _role_and_state(account: Account) -> str:
    from bot.staff.accounts import ROLE_TITLES

    state = "停止中" if account.disabled_at else "はじめのパスワード" if account.must_change else "利用中"
    return f"{ROLE_TITLES[account.role]}（{account.role}）\t{state}"


@contextmanager
def _staff() -> Iterator[Staff]:
    """The staff of this installation; ends the program with a sentence where it can't be done."""
    from bot.staff import Staff
    from bot.staff.accounts import Refused

    settings = read_settings()
    with database_of(settings) as database:
        try:
            yield Staff(database, minutes=settings.console_minutes)
        except Refused as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(FINDINGS) from None


def operator() -> Actor:
    """Who is at the machine, for the audit log: the account of the operating system."""
    from bot.staff.audit_log import SYSTEM, Actor

    try:
        return Actor(SYSTEM.name, f"端末 {os.environ.get('SUDO_USER') or getpass.getuser()}")
    except (KeyError, OSError):  # a container may have no name for its account
        return SYSTEM


def _password(from_stdin: bool, name: str) -> str:
    """The password: a line of the input, or typed twice; what is too weak is asked for again."""
    from bot.staff.accounts import Refused
    from bot.staff.passwords import weakness

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        stop("パスワードを聞けません（端末ではありません）。--password-stdin を付けて、標準入力から渡してください。")
    for _ in range(TRIES):
        typed = getpass.getpass("パスワード（12文字以上。画面には出ません）: ")
        if said := weakness(typed, name):
            typer.echo(said, err=True)
        elif getpass.getpass("もう一度: ") == typed:
            return typed
        else:
            typer.echo("2つのパスワードがちがいます。", err=True)
    raise Refused("パスワードが決まらなかったので、何も変えていません。もう一度、はじめから入れてください。")


def _first(own: bool) -> str:
    return "" if own else "はじめのサインインで、本人がパスワードを変えます。"
