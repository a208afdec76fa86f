"""`madoguchi tune` at the edges: months that can't be, months with nothing in them, proposals that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADOGUCHI_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["2099-01"], "まだ始まっていません"),
        (["2026-13"], "月として読めません"),
        (["10月"], "2026-10 の形"),
        (["2026-09", "--accept", "1"], "まだありません"),
        (["2026-09", "--show", "a-1"], "先に「madoguchi tune 2026-09」"),
    ],
)
def test_what_cannot_be(data: Path, asked: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, ["tune", *asked])
    assert ended.exit_code == 2
    assert told in ended.output
    assert not (data / "tuning").exists()


@pytest.mark.slow
def test_a_month_with_nothing_in_it(data: Path) -> None:
    ended = CliRunner().invoke(app, ["tune", "2026-09"])
    assert ended.exit_code == 0, ended.output
    assert "質問の記録はありません" in ended.output
    assert (data / "tuning" / "2026-09.json").is_file()
    assert CliRunner().invoke(app, ["tune", "2026-09", "--accept", "1"]).exit_code == 2
