"""The command `serve`: both doors."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from fastapi import FastAPI
from sqlalchemy.exc import ArgumentError

from bot import assemble
from bot.cli.app import app, read_settings, refuse, stop, telephone_installed
from bot.database.opening import open_database
from bot.dialogue.desk import Desk
from bot.dialogue.publisher import Publisher
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.assemble_console import ConsoleDoor, States
    from bot.console.context import TelephoneTools


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(help="待ち受けるポート")] = None,
    sip: Annotated[str | None, typer.Option(help="電話を待ち受けるアドレス（HOST:PORT）")] = None,
    no_sip: Annotated[bool, typer.Option("--no-sip", help="電話を待ち受けない")] = False,
    workers: Annotated[int, typer.Option(min=1, help="プロセスの数（会話をメモリーで覚えるあいだは1だけ）")] = 1,
) -> None:
    """チャットと電話の窓口を開く（Ctrl+C で終わる）。"""
    if workers > 1:
        stop("会話をメモリーで覚えているため、--workers は 1 だけです。")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    given = {"host": host, "port": port, "sip": "" if no_sip else sip}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    _try_to_write(settings.data)
    _read_address(settings)
    # As Ctrl+C does: uvicorn ends by raising the signal again, and SIGTERM would kill us before the desk closes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as opened:
        web = _with_telephone(settings, opened) if telephone_installed() else _chat_only(settings, opened)
        _run(web, settings)


def _try_to_write(folder: Path) -> None:
    """Everything that is told later leans on it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder):
        pass


def _read_address(settings: Settings) -> None:
    """Whether the database may be away is for later; its address must be one."""
    try:
        open_database(assemble.database_url(settings)).dispose()
    except (ArgumentError, ImportError):  # a driver that is not installed
        stop(
            "MADOGUCHI_DATABASE を使えません。「sqlite:////フォルダー/ファイル」か"
            "「postgresql+pg8000://名前:合言葉@サーバー/データベース」の形で書いてください。"
        )


def _with_telephone(settings: Settings, opened: ExitStack) -> FastAPI:
    from bot import assemble_telephone as telephone
    from bot.assemble_telephone_tools import telephone_tools
    from bot.web.app import create_app

    publishing = opened.enter_context(telephone.publishing(settings))
    desk = _desk(settings, opened, assemble.publisher(settings, publishing))
    states: dict[str, Callable[[], str]] = {"prompts": lambda: publishing.state}
    if settings.sip:
        calls = opened.enter_context(telephone.process(settings))
        states["telephone"] = lambda: calls.state
        typer.echo(f"電話は {settings.sip} で待ちます（様子は /readyz）")
    console = _console(settings, opened, desk, states, telephone_tools(settings, desk, publishing))
    doors = telephone.doors(settings, desk, publishing, console.is_staff if console else None)
    return create_app(desk, settings, [*doors, *([console.router] if console else [])], states)


def _chat_only(settings: Settings, opened: ExitStack) -> FastAPI:
    from bot.web.app import create_app

    if settings.sip:
        typer.echo(
            "電話の部品がないので、チャットだけを開きます。「pip install -e '.[telephone]'」で入ります。", err=True
        )
    desk = _desk(settings, opened, assemble.publisher(settings))
    console = _console(settings, opened, desk, {})
    return create_app(desk, settings, [console.router] if console else [])


def _console(
    settings: Settings, opened: ExitStack, desk: Desk, states: States, tools: TelephoneTools | None = None
) -> ConsoleDoor | None:
    if not settings.console:
        return None
    from bot.assemble_console import console_door

    return opened.enter_context(console_door(settings, desk, tools, states))


def _desk(settings: Settings, opened: ExitStack, publisher: Publisher) -> Desk:
    outcome = publisher.publish()
    if outcome.published is None:
        refuse(outcome.findings, "始められません")
    count = len(outcome.published.engine.knowledge.entries)
    typer.echo(f"http://{settings.host}:{settings.port}/ で待っています（FAQ {count}件）")
    return opened.enter_context(assemble.desk(settings, publisher))


def _run(web: FastAPI, settings: Settings) -> None:
    import uvicorn

    try:
        uvicorn.run(web, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False)
    except SystemExit:  # uvicorn's way to say that it could not start; its reason is in the log
        stop(f"{settings.host}:{settings.port} で待てません。ほかのプログラムが使っていないか確かめてください。")
