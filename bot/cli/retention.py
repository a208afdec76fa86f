"""The command `retention`: delete what is older than it may be, now instead of at the next turn of the day."""

from __future__ import annotations

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot import assemble
from bot.cli.app import FINDINGS, app, read_settings, stop


@app.command()
def retention() -> None:
    """残す日数（MADOGUCHI_RETENTION_DAYS）を過ぎた出来事を消して、数え直す（serve は毎日行います）。"""
    settings = read_settings()
    try:
        engine = assemble.database(settings)
        try:
            done = assemble.forget_old(settings, engine)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        stop(f"データベースを使えません（{type(error).__name__}）。MADOGUCHI_DATABASE を確かめてください。")
    typer.echo(done.told)
    if done.left:
        raise typer.Exit(FINDINGS)
