"""What the tests of reports share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from reported import filled, made, october

from bot.dialogue.published import Published
from bot.knowledge.models import Knowledge
from bot.report import excel, html
from bot.report.model import Report


@pytest.fixture(scope="session")
def knowledge(published: Published) -> Knowledge:
    """The content of the repository."""
    return published.engine.knowledge


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A database with the small October."""
    engine = filled(tmp_path_factory.mktemp("october") / "m.sqlite", october())
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def report(counted: sa.Engine, knowledge: Knowledge) -> Report:
    """Its report."""
    return made(counted, knowledge)


@pytest.fixture(scope="session")
def written(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with report.xlsx and report.html."""
    folder = tmp_path_factory.mktemp("written")
    excel.write(report, folder / "report.xlsx")
    html.write(report, folder / "report.html")
    return folder
