"""What many tests share: the real content, published once, and the real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres
from served import Server, copy_content

from bot import assemble
from bot.database.opening import open_database, prepare
from bot.database.tables import metadata
from bot.dialogue.published import Published
from bot.settings import Settings


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder; once something was published with it, it holds what analysing all phrasings came to."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def published(analysed: Path) -> Published:
    """The content of the repository as residents get it."""
    current = assemble.publisher(Settings(data=analysed)).publish().published
    assert current is not None
    return current


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, analysed: Path, published: Published) -> Iterator[Server]:
    """One real server for all tests that only talk to it; a website on another origin embeds it."""
    data = tmp_path_factory.mktemp("server")
    shutil.copytree(analysed / "cache", data / "cache")  # or it would analyse all phrasings again
    running = Server(
        data,
        messages_per_minute="100000", allowed_origins='["https://www.pref.example.lg.jp"]', watch="false",
    )  # fmt: skip
    yield running
    running.stop()


@pytest.fixture
def serve(server: Server, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts more servers, each with the settings it is given and data of its own; ends them after the test."""
    running: list[Server] = []

    def start(**settings: str) -> Server:
        data = tmp_path / f"data-{len(running)}"
        shutil.copytree(server.data / "cache", data / "cache")  # or each would analyse all phrasings again
        running.append(Server(data, **settings))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content that a test may edit."""
    return copy_content(tmp_path / "content")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server for all tests; those that kill it start it again."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The URL of its database, as `MADOGUCHI_DATABASE` would say it."""
    return postgres.url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with its tables: once of either kind."""
    url: str = f"sqlite:///{tmp_path}/m.sqlite"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    engine = open_database(url)
    prepare(engine)
    if request.param == "postgres":
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.delete(table))
    engine.dispose()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """The same, opened."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()
