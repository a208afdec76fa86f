"""The command `madoguchi`: the application, and what several commands share."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import assemble
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
