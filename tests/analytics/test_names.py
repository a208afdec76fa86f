"""Everything that figures are divided by has a Japanese name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.analytics.names import DOORS, LANGUAGES, OUTCOMES, SITUATIONS, name_of
from bot.dialogue import language
from bot.dialogue.language import supported

SOURCE = Path(language.__file__).read_text(encoding="utf-8")


def test_every_language_that_can_be_told_has_a_name() -> None:
    scripts = re.findall(r'"[A-Z]+": "([a-z]+)"', SOURCE)
    assert len(scripts) >= 10
    for code in (*scripts, *language._LATIN, *language._STRANGERS, supported("zh-TW"), supported("ja-easy")):
        assert re.search("[語]", LANGUAGES[code]), code


@pytest.mark.parametrize(
    ("names", "key", "name"),
    [
        (LANGUAGES, "vi", "ベトナム語"), (LANGUAGES, "xx", "ほかの言語（xx）"), (LANGUAGES, "", "わからない"),
        (DOORS, "sip", "電話（SIP）"), (DOORS, "new", "new"), (SITUATIONS, "", "わからない"),
        (OUTCOMES, "resolved", "解決"),
    ],
)  # fmt: skip
def test_names(names: dict[str, str], key: str, name: str) -> None:
    assert name_of(names, key) == name
