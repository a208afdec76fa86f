"""The schema comes into being once, whoever comes first, and is what tables.py says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import Postgres

from bot.database import migrating
from bot.database.opening import HEAD, UnknownSchema, open_database, prepare
from bot.database.tables import events, metadata

OPEN = """
import sys
from bot.database.opening import open_database, prepare
engine = open_database(sys.argv[1])
prepare(engine)
print("alembic" in sys.modules)
engine.dispose()
"""


def opened_elsewhere(url: str, processes: int = 1) -> list[str]:
    """What processes say that open the database, all at the same time."""
    running = [
        subprocess.Popen([sys.executable, "-c", OPEN, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * processes, said
    return [out.strip() for out, _ in said]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/folder/m.sqlite"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    server = open_database(postgres.url)
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE DATABASE fresh")
        yield postgres.url.replace("/postgres", "/fresh")
        connection.exec_driver_sql("DROP DATABASE fresh WITH (FORCE)")
    server.dispose()


def test_tables_and_migrations_agree(database: sa.Engine) -> None:
    with database.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_the_newest_revision_is_known_without_alembic() -> None:
    assert migrating.head() == HEAD


def test_processes_that_come_at_the_same_time_make_the_schema_once(empty_url: str) -> None:
    assert "True" in opened_elsewhere(empty_url, processes=3)
    engine = open_database(empty_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_alembic_is_not_loaded_when_all_is_up_to_date(database_url: str) -> None:
    assert opened_elsewhere(database_url) == ["False"]


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(database: sa.Engine) -> None:
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'r9999'"))
    try:
        with pytest.raises(UnknownSchema, match=r"r9999.*より新しい"):
            prepare(database)
    finally:
        with database.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


def test_a_step_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    engine = open_database(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE staff_sessions (x INTEGER)")  # in the way of the last tables
    for _ in range(2):
        with pytest.raises(sa.exc.SQLAlchemyError):
            prepare(engine)
        assert sa.inspect(engine).get_table_names() == ["staff_sessions"]
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE staff_sessions")
    prepare(engine)
    assert set(metadata.tables) < set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_a_database_that_is_away_is_an_error_of_sqlalchemy(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for url in (f"sqlite:///{tmp_path}/folder", "postgresql+pg8000://nobody@127.0.0.1:1/none"):
        engine = open_database(url)
        with pytest.raises(sa.exc.SQLAlchemyError):
            prepare(engine)
        engine.dispose()


def test_the_plain_name_of_postgresql_is_enough() -> None:
    assert open_database("postgresql://a:b@localhost/c").dialect.driver == "pg8000"


@pytest.mark.parametrize("url", ["", "sqlite", "oracle://", "nothing://"])
def test_an_address_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(sa.exc.ArgumentError):
        open_database(url)


def test_a_file_that_was_replaced_is_not_written_to_any_more(tmp_path: Path) -> None:
    file = tmp_path / "m.sqlite"
    engine = open_database(f"sqlite:///{file}")
    prepare(engine)
    row: dict[str, object] = {
        "version": 1,
        "name": "n",
        "at": 1,
        "day": "2026-11-21",
        "conversation": "",
        "facts": "{}",
    }
    row["synthetic"] = False
    with engine.begin() as connection:
        connection.execute(sa.insert(events), {"uid": "1", **row})
    file.rename(tmp_path / "old.sqlite")
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(events), {"uid": "2", **row})
        assert connection.scalars(sa.select(events.c.uid)).all() == ["2"]
    engine.dispose()


def test_no_error_holds_what_was_to_be_written(database: sa.Engine) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as raised, database.begin() as connection:
        connection.execute(sa.insert(events), {"uid": "1", "text": "ひみつ"})
    assert "ひみつ" not in str(raised.value)
