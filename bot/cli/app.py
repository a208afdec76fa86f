"""The command `madoguchi`: the application, and what several commands share."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot import assemble
from bot.analytics.period import Period
from bot.dialogue.published import ORIGINAL, Published
from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge
from bot.settings import Settings

FINDINGS, COULD_NOT_RUN = 1, 2

app = typer.Typer(
    help="自動車税のFAQチャットボットと自動音声案内。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,  # Rich cuts long Japanese help off
)  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="プログラムが読む形（JSON）で出す")]


def telephone_installed() -> bool:
    """Whether the extra `telephone` is there."""
    return importlib.util.find_spec("pyopenjtalk") is not None


def read_settings(**given: Any) -> Settings:
    """The settings, with what the command line gives; ends the program with a sentence where a value is off."""
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}（{e['input']}）" for e in error.errors()]
        stop(f"設定の値を使えません: {'、'.join(wrong)}。docs/運用手順書.md の一覧を見てください。")
    except SettingsError as error:
        stop(f'設定を読めません（{error}）。一覧は ["…"] の形で書きます。')


@contextmanager
def needs_database() -> Iterator[None]:
    """Ends the program with a sentence where the database can't be used."""
    try:
        yield
    except SQLAlchemyError as error:
        stop(
            f"記録のデータベースを使えません（{type(error).__name__}）。"
            "MADOGUCHI_DATABASE と MADOGUCHI_DATA、データベースが動いているかを確かめてください。"
        )


@contextmanager
def database_of(settings: Settings) -> Iterator[Engine]:
    """The database of the settings, closed afterwards; ends the program with a sentence where it can't be used."""
    with needs_database(), assemble.database(settings) as opened:
        yield opened


def read_month(text: str) -> Period:
    """The month; ends the program with a sentence where it is none."""
    try:
        return Period.read_month(text)
    except ValueError:
        stop(f"「{text}」を月として読めません。2026-10 の形で書いてください。")


def published_now() -> Published:
    """What would be served now; ends the program with the findings if nothing can be."""
    outcome = assemble.publisher(read_settings()).publish()
    if outcome.published is None:
        refuse(outcome.findings, "答えられません")
    return outcome.published


def knowledge_of(root: Path, foreign: bool = False) -> dict[str, Knowledge]:
    """The knowledge below `root` in each language; ends the program with the findings if it can't be read."""
    loaded = load(root, foreign)
    if loaded.knowledge is None:
        refuse(loaded.findings, "続けられません")
    return {ORIGINAL: loaded.knowledge, **loaded.editions}


def refuse(findings: Iterable[Finding], what: str) -> NoReturn:
    """End the program because of what editors must mend."""
    show(errors(findings))
    stop(f"内容に直すところがあるため、{what}。上から順に直してください。")


def show(findings: Iterable[Finding]) -> None:
    """Print findings."""
    for found in findings:
        typer.echo(str(found))


def print_json(body: object) -> None:
    """Print for programs."""
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1))


def stop(message: str) -> NoReturn:
    """End the program: it could not run."""
    typer.echo(message, err=True)
    sys.exit(COULD_NOT_RUN)
