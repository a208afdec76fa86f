"""What is published now: all that a turn may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.dialogue.office_hours import OfficeHours
from bot.dialogue.reply import Choice
from bot.dialogue.wording import Wording
from bot.search.engine import Engine

ORIGINAL = "ja"
NAMES = {
    "ja": "日本語", "en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文", "ko": "한국어", "es": "Español",
    "vi": "Tiếng Việt", "pt": "Português",
}  # fmt: skip
"""Each language by its own name, for buttons."""


@dataclass(frozen=True)
class Edition:
    """What is published in one language: the search over its knowledge, and the bot's own sentences."""

    engine: Engine
    wording: Wording

    @cached_property
    def topics(self) -> tuple[Choice, ...]:
        """The first menu; made once, as every transcript holds it."""
        return tuple(map(Choice.topic, self.engine.knowledge.topics))

    @cached_property
    def entries(self) -> dict[str, Choice]:
        """The button of each entry."""
        return {id_: Choice.entry(entry) for id_, entry in self.engine.knowledge.entries.items()}


@dataclass(frozen=True)
class Published:
    """One edition a language, from one snapshot, and the calendar. Japanese is always there: everything else is made
    from it."""

    editions: Mapping[str, Edition]
    hours: OfficeHours

    def edition(self, lang: str) -> Edition:
        """The edition of a language; the Japanese one if that is not served."""
        return self.editions.get(lang, self.editions[ORIGINAL])

    def languages(self) -> dict[str, str]:
        """The languages that are served, by their own names."""
        return {code: name for code, name in NAMES.items() if code in self.editions}

    @property
    def engine(self) -> Engine:
        """The search in Japanese."""
        return self.editions[ORIGINAL].engine

    @property
    def wording(self) -> Wording:
        """The sentences in Japanese."""
        return self.editions[ORIGINAL].wording
