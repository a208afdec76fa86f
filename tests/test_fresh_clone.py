"""A new user's first minutes: clone, install, ask."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_a_fresh_clone_installs_and_answers(tmp_path: Path) -> None:
    clone = tmp_path / "madoguchi"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    subprocess.run(["make", "--silent", ".venv/served"], cwd=clone, check=True, capture_output=True)
    asked = subprocess.run(
        [clone / ".venv/bin/madoguchi", "ask", "納付書をなくしました"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "0570-012-229" in asked.stdout
    whole = _size(clone / ".venv")
    [packages] = (clone / ".venv" / "lib").glob("python*/site-packages")
    telephone = sum(_size(packages / name) for name in ("pyopenjtalk", "soxr", "sipmessage"))
    report = _size(packages / "typst")
    assert whole - telephone - report <= 450 * 2**20, "what the chat and the console need"
    assert whole - report <= 500 * 2**20, "the telephone's dictionary and voice are 140 MB"
    assert whole <= 600 * 2**20, "the PDF of the report: typst is 77 MB"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
