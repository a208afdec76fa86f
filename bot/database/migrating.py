"""Alembic, without its command and its file of settings: the steps in `migrations/versions/` lead to `tables.py`."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: sa.Connection) -> None:
    """Take every step that is missing, in the transaction of `connection`. Raises SQLAlchemyError."""
    command.upgrade(_config(connection), "head")


def knows(revision: str) -> bool:
    """Whether there is a step of this name."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except CommandError:
        return False


def head() -> str | None:
    """The newest step."""
    return ScriptDirectory.from_config(_config()).get_current_head()
