"""What many tests share: the real content, published once, and the real server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from served import Server, copy_content

from bot import assemble
from bot.dialogue.published import Published
from bot.settings import Settings


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The content of the repository as residents get it."""
    current = assemble.publisher(Settings(data=tmp_path_factory.mktemp("data"))).publish().published
    assert current is not None
    return current


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for all tests that only talk to it; a website on another origin embeds it."""
    running = Server(
        tmp_path_factory.mktemp("server"),
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
