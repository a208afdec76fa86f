"""Open the database and bring its schema up to date: SQLite or PostgreSQL, by its URL.

SQLAlchemy's errors never hold what was to be written (`hide_parameters`), so they may be logged by name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError

from bot.database.file_lock import wait_for_lock

HEAD = "r0001"
"""The newest revision below `migrations/versions/`; a test compares. Known here so that a start needs no Alembic."""

BUSY_SECONDS = 5.0  # that one writer of a SQLite file waits for another
ANSWER_SECONDS = 60.0  # without a byte from PostgreSQL, before its connection is given up
_ADVISORY_LOCK = 0x6D61646F  # any number of our own


class UnknownSchema(SQLAlchemyError):
    """The database was made by a newer version of this program."""


def open_database(url: str, busy_seconds: float = BUSY_SECONDS, answer_seconds: float = ANSWER_SECONDS) -> sa.Engine:
    """The database behind `sqlite:////file` or `postgresql+pg8000://user:password@host/name`. Makes no connection yet.
    Raises sqlalchemy.exc.ArgumentError."""
    parsed = sa.make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+pg8000")
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed, hide_parameters=True, pool_pre_ping=True, connect_args={"timeout": answer_seconds}
        )
        event.listen(engine, "handle_error", _hide_row)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise ArgumentError(
            f"「{parsed.drivername}」は使えません。sqlite か postgresql+pg8000 の URL を書いてください。"
        )
    engine = sa.create_engine(parsed, hide_parameters=True, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _set_up)
    if parsed.database:
        file = Path(parsed.database)
        with suppress(OSError):  # the first connection will tell
            file.parent.mkdir(parents=True, exist_ok=True)
        _follow(engine, file)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")  # what retention deletes is overwritten
    cursor.close()


def _hide_row(context: sa.ExceptionContext) -> None:
    """PostgreSQL's error tells the row that it refuses."""
    told = context.original_exception.args[0] if context.original_exception.args else None
    if isinstance(told, dict) and told.pop("D", None) and context.sqlalchemy_exception:
        context.sqlalchemy_exception.args = (f"{told.get('C')} {told.get('M')}",)


def _follow(engine: sa.Engine, file: Path) -> None:
    """Never write to a file that was moved away, deleted or replaced by a backup while a connection to it was kept."""

    def remember(_connection: object, record: Any) -> None:
        record.info["inode"] = _inode(file)

    def compare(_connection: object, record: Any, _proxy: object) -> None:
        if record.info.get("inode") != _inode(file):
            raise DisconnectionError

    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", compare)


def _inode(file: Path) -> int:
    try:
        return os.stat(file).st_ino
    except OSError:
        return 0


def prepare(engine: sa.Engine) -> None:
    """Bring the schema up to date unless it is. Safe for several processes at once. Raises SQLAlchemyError."""
    with engine.connect() as connection:
        found = _revision(connection)
    if found == HEAD:
        return
    from bot.database.migrating import knows, upgrade  # noqa: PLC0415 Alembic takes a while, and is rarely needed

    if found and not knows(found):
        raise UnknownSchema(
            f"データベースの形（{found}）は、このプログラム（{HEAD} まで）より新しいものです。"
            "新しい版の madoguchi で開くか、控えから戻してください。"
        )
    with _alone(engine) as connection:
        if _revision(connection) != HEAD:
            upgrade(connection)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other process can be in at the same time."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
            yield connection
        return
    with Path(f"{engine.url.database}.lock").open("a") as lock, engine.connect() as connection:
        wait_for_lock(lock)
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # sqlite3 by itself begins none before CREATE TABLE
        yield connection
        connection.commit()
