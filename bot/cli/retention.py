"""The command `retention`: delete what is older than it may be, now instead of at the next turn of the day."""

from __future__ import annotations

import typer

from bot import assemble
from bot.cli.app import FINDINGS, app, database_of, read_settings


@app.command()
def retention() -> None:
    """残す日数（MADOGUCHI_RETENTION_DAYS）を過ぎた出来事を消して、数え直す（serve は毎日行います）。"""
    settings = read_settings()
    with database_of(settings) as database:
        done = assemble.forget_old(settings, database)
    typer.echo(done.told)
    if done.left:
        raise typer.Exit(FINDINGS)
