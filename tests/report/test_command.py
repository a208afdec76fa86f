"""`madoguchi report` as staff type it: what is refused and how, and what is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from happenings import answered, asked, talk
from reported import filled, rows, sheets
from served import ROOT
from typer.testing import CliRunner

from bot.cli.app import app

OCTOBER = talk("a", "2025-10-06T09:10", asked("2025-10-06T09:11", "いつまで", "answer"),
               answered("2025-10-06T09:11", "due-date"))  # fmt: skip


def command(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it; what it says is in stdout and stderr."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    given = {f"MADOGUCHI_{name.upper()}": value for name, value in ({"data": str(data)} | settings).items()}
    return subprocess.run(
        [sys.executable, "-m", "bot", "report", *words],
        cwd=ROOT, env={**ours, **given, "COLUMNS": "200"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("2026-13", "「2026-13」を月として読めません。2026-10 の形で書いてください。"),
        ("10月", "「10月」を月として読めません。2026-10 の形で書いてください。"),
        ("2026-10-05", "月次の報告は、2026-10 のように月を書いてください。"),
        ("2026-02-30 --daily", "「2026-02-30」という日はありません。"),
        ("2199-10", "2199-10 は、まだ始まっていません。今日（"),
        ("2199-10-05 --weekly", "2199-10-05 は、まだ始まっていません。今日（"),
        ("2026-10 --daily --weekly", "--daily と --weekly は、どちらか1つだけ書いてください。"),
    ],
)
def test_what_cannot_be_reported_is_told_in_a_sentence(words: str, said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", *words.split(), "--out", str(tmp_path / "out")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, ["report", "2025-10", "--out", str(tmp_path / "file" / "out")])
    assert done.exit_code == 2
    assert f"フォルダー「{tmp_path}/file/out」に書けません" in done.stderr


@pytest.mark.slow
def test_a_month_is_written_in_three_formats_the_same_each_time(tmp_path: Path) -> None:
    filled(tmp_path / "madoguchi.sqlite", OCTOBER, synthetic=True).dispose()
    for folder in ("one", "two"):
        done = command(tmp_path, "2025-10", "--out", str(tmp_path / folder / "new"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[-1] == "2025年10月：合成データ（架空の利用）"
    for form in ("xlsx", "html", "pdf"):
        one, two = (tmp_path / folder / "new" / f"report-2025-10.{form}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    assert rows(sheets(tmp_path / "one" / "new" / "report-2025-10.xlsx")["概要"], "数字")["質問"][1] == 1


@pytest.mark.slow
def test_weeks_of_a_month_and_a_single_day(tmp_path: Path) -> None:
    filled(tmp_path / "madoguchi.sqlite", OCTOBER).dispose()
    assert command(tmp_path, "2025-10", "--weekly", "--out", str(tmp_path / "out")).returncode == 0
    assert command(tmp_path, "2025-10-06", "--daily", "--out", str(tmp_path / "out")).returncode == 0
    assert {file.stem for file in (tmp_path / "out").glob("*.pdf")} == {
        "report-2025-10-06", "report-2025-10-06-week", "report-2025-10-13-week", "report-2025-10-20-week",
        "report-2025-10-27-week",
    }  # fmt: skip


@pytest.mark.slow
def test_a_month_without_records_asks_whether_the_place_is_right(tmp_path: Path) -> None:
    done = command(tmp_path, "2025-05", "--out", str(tmp_path / "out"))
    assert done.returncode == 0
    assert "2025年5月：この期間の記録はありません" in done.stdout
    assert "MADOGUCHI_DATA" in done.stdout
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.slow
def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    away = "postgresql+pg8000://madoguchi:secret@127.0.0.1:1/madoguchi"
    done = command(tmp_path, "2025-05", "--out", str(tmp_path / "out"), database=away)
    assert done.returncode == 2
    assert "記録のデータベースを使えません" in done.stderr
    assert "secret" not in done.stderr
