"""The command `staff`: accounts for the console."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot import assemble
from bot.cli.app import FINDINGS, Json, app, print_json, read_settings, stop

if TYPE_CHECKING:
    from bot.staff.staff import Staff

commands = typer.Typer(help="職員の画面（/console）を使う人を登録する。", no_args_is_help=True)
app.add_typer(commands, name="staff")

Name = Annotated[str, typer.Argument(help="名前（文字・数字・. - _ @ で50文字まで）")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="パスワードを標準入力の1行目から読む")]
Own = Annotated[bool, typer.Option("--own", help="自分で使う名前。はじめのサインインで、パスワードの変更を求めない")]
ROLE_HELP = "役割。viewer（見る）・editor（提案を受け入れる、緊急案内）・admin（職員の登録、操作の記録）"


@commands.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help=ROLE_HELP)] = "viewer",
    password_stdin: FromStdin = False,
    own: Own = False,
) -> None:
    """職員を登録する。"""
    from bot.staff.accounts import ROLE_TITLES, ROLES

    chosen = next((each for each in ROLES if each == role), None)
    if chosen is None:
        stop(f"「{role}」という役割はありません。{'・'.join(ROLES)} から選んでください。")
    with _staff() as staff:
        added = staff.accounts.add(name, chosen, _password(password_stdin), must_change=not own)
        staff.audit.add("system", "account_added", f"{added.name}（{ROLE_TITLES[added.role]}）")
    typer.echo(f"「{added.name}」を「{ROLE_TITLES[added.role]}」の役割で登録しました。{_first(own)}")


@commands.command()
def passwd(name: Name, password_stdin: FromStdin = False, own: Own = False) -> None:
    """パスワードを決め直す。休止していた人も、すぐに使えるようになる。"""
    with _staff() as staff:
        whose = staff.accounts.named(name)
        staff.accounts.set_password(whose.name, _password(password_stdin), must_change=not own)
        staff.audit.add("system", "account_password", whose.name)
    typer.echo(f"「{whose.name}」のパスワードを変えました。開いていた画面はサインアウトしました。{_first(own)}")


@commands.command("list")
def list_(as_json: Json = False) -> None:
    """登録されている職員を出す。"""
    from bot.staff.accounts import ROLE_TITLES

    with _staff() as staff:
        accounts = staff.accounts.all()
    if as_json:
        print_json(
            [
                {
                    "name": each.name, "role": each.role, "disabled": each.disabled_at is not None,
                    "must_change": each.must_change, "created_at": each.created_at.isoformat(timespec="seconds"),
                }
                for each in accounts
            ]
        )  # fmt: skip
        return
    for each in accounts:
        state = "停止中" if each.disabled_at else "はじめのパスワード" if each.must_change else "利用中"
        typer.echo(f"{each.name}\t{ROLE_TITLES[each.role]}（{each.role}）\t{state}")
    if not accounts:
        typer.echo("まだ登録されていません。madoguchi staff add 名前 --role admin で登録します。")


@commands.command()
def disable(name: Name) -> None:
    """利用を停止する。開いている画面も、すぐに終わる。"""
    with _staff() as staff:
        whose = staff.accounts.named(name)
        staff.accounts.disable(whose.name)
        staff.audit.add("system", "account_disabled", whose.name)
    typer.echo(f"「{whose.name}」の利用を停止しました。")


@commands.command()
def enable(name: Name) -> None:
    """停止した人の利用を再開する。"""
    with _staff() as staff:
        whose = staff.accounts.named(name)
        staff.accounts.enable(whose.name)
        staff.audit.add("system", "account_enabled", whose.name)
    typer.echo(f"「{whose.name}」の利用を再開しました。")


@commands.command()
def role(name: Name, new: Annotated[str, typer.Argument(help=ROLE_HELP)]) -> None:
    """役割を変える。"""
    from bot.staff.accounts import ROLE_TITLES, ROLES

    chosen = next((each for each in ROLES if each == new), None)
    if chosen is None:
        stop(f"「{new}」という役割はありません。{'・'.join(ROLES)} から選んでください。")
    with _staff() as staff:
        whose = staff.accounts.named(name)
        staff.accounts.set_role(whose.name, chosen)
        staff.audit.add("system", "account_role", f"{whose.name}: {ROLE_TITLES[whose.role]}から{ROLE_TITLES[chosen]}へ")
    typer.echo(f"「{whose.name}」の役割を「{ROLE_TITLES[chosen]}」にしました。開いていた画面はサインアウトしました。")


@contextmanager
def _staff() -> Iterator[Staff]:
    """The staff of this installation; ends the program with a sentence where it can't be done."""
    from bot.staff.accounts import Refused
    from bot.staff.staff import Staff

    settings = read_settings()
    try:
        engine = assemble.database(settings)
    except SQLAlchemyError as error:
        stop(f"データベースを開けません（{type(error).__name__}）。MADOGUCHI_DATABASE を確かめてください。")
    try:
        yield Staff(engine, minutes=settings.console_minutes)
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(FINDINGS) from None
    except SQLAlchemyError as error:
        stop(f"データベースに書けません（{type(error).__name__}）。動いているか確かめてください。")
    finally:
        engine.dispose()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        stop("パスワードを聞けません（端末ではありません）。--password-stdin を付けて、標準入力から渡してください。")
    password = getpass.getpass("パスワード（12文字以上。画面には出ません）: ")
    if getpass.getpass("もう一度: ") != password:
        stop("2つのパスワードがちがいます。もう一度、はじめから入れてください。")
    return password


def _first(own: bool) -> str:
    return "" if own else "はじめのサインインで、本人がパスワードを変えます。"
