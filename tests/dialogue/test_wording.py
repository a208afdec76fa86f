"""The bot's own sentences: whole, and with nothing left open that can't be filled in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import NAMES
from bot.dialogue.wording import MESSAGES, load_wordings
from bot.knowledge.translations import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
FILE = MESSAGES / "ja.yaml"
GOOD = (ROOT / FILE).read_text(encoding="utf-8")


def written(root: Path, text: str) -> Path:
    file = root / FILE
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return root


def test_the_real_sentences_are_whole() -> None:
    wordings, findings = load_wordings(ROOT)
    assert set(wordings) == {"ja", *LANGUAGES}
    assert findings == []
    assert set(NAMES) == {"ja", "zh-Hant", *LANGUAGES}


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
    wordings, findings = load_wordings(written(tmp_path, GOOD.replace(old, new, 1)))
    assert wordings == {}
    assert code in {found.code for found in findings}
    assert code == "FAQ001" or line in {found.line for found in findings if found.code == code}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", "11月24日（火）午前8時30分"),
        ("en", "Tuesday, November 24, 8:30 a.m."),
        ("zh-Hans", "11月24日（周二）上午8:30"),
        ("ko", "11월 24일(화) 오전 8시 30분"),
        ("es", "martes, 24 de noviembre, a las 8:30"),
        ("vi", "thứ Ba, ngày 24 tháng 11, 8 giờ 30"),
        ("pt", "terça-feira, 24 de novembro, às 8:30"),
    ],
)
def test_a_moment_is_written_as_its_readers_do(lang: str, said: str) -> None:
    wordings, _ = load_wordings(ROOT)
    assert wordings[lang].moment.of(dt.datetime(2026, 11, 24, 8, 30, tzinfo=TOKYO)) == said


@pytest.mark.parametrize(("hour", "said"), [(0, "12:30 a.m."), (12, "12:30 p.m."), (17, "5:30 p.m.")])
def test_noon_and_midnight_are_told_apart(hour: int, said: str) -> None:
    wordings, _ = load_wordings(ROOT)
    assert wordings["en"].moment.of(dt.datetime(2026, 11, 24, hour, 30, tzinfo=TOKYO)).endswith(said)
