"""The bot's own sentences: whole, and with nothing left open that can't be filled in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.wording import MESSAGES, load_wording

ROOT = Path(__file__).resolve().parents[2]
GOOD = (ROOT / MESSAGES).read_text(encoding="utf-8")


def written(root: Path, text: str) -> Path:
    file = root / MESSAGES
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return root


def test_the_real_sentences_are_whole() -> None:
    wording, findings = load_wording(ROOT)
    assert wording is not None
    assert findings == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{topic}", "{topik}", "FAQ018"),
        ("{topic}", "{topic", "FAQ018"),
        ("{next}", "{つぎ}", "FAQ018"),
        ("greeting:", "greetings:", "FAQ002"),
        ("empty:", "# empty:", "FAQ001"),
    ],
)
def test_a_slip_is_told_with_its_line(tmp_path: Path, old: str, new: str, code: str) -> None:
    line = GOOD[: GOOD.index(old)].count("\n") + 1
    wording, findings = load_wording(written(tmp_path, GOOD.replace(old, new, 1)))
    assert wording is None
    assert code in {found.code for found in findings}
    assert code == "FAQ001" or line in {found.line for found in findings if found.code == code}
