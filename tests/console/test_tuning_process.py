"""The process that works proposals out: it keeps them where the service keeps its data, and ends with the service."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import eventually

from bot.assemble_tuning import Tools
from bot.settings import Settings

pytestmark = pytest.mark.slow
MONTH = "2026-09"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """The settings say where things are seen from the folder of the service."""
    monkeypatch.chdir(tmp_path)
    return Tools(Settings(data=Path("data"), database="sqlite:///own.sqlite"))  # type: ignore[arg-type]


def test_relative_paths_mean_the_same_to_it(tools: Tools, tmp_path: Path) -> None:
    tools.start(MONTH)
    eventually(lambda: not tools.working_on(), 120)
    assert tools.failure(MONTH) == ""
    assert list((tmp_path / "data" / "tuning").glob(f"{MONTH}*"))
    assert (tmp_path / "own.sqlite").exists()


def test_it_ends_with_the_service(tools: Tools, tmp_path: Path) -> None:
    tools.start(MONTH)
    eventually(lambda: tools._process is not None, 10)
    tools.close()
    eventually(lambda: not tools.working_on(), 10)
    tools.start(MONTH)
    assert tools.working_on() == ""
    assert not (tmp_path / "data" / "tuning").exists()
