"""What is published now: all that a turn may look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot.dialogue.office_hours import OfficeHours
from bot.dialogue.reply import Choice
from bot.dialogue.wording import Wording
from bot.search.engine import Engine


@dataclass(frozen=True)
class Published:
    """Everything a turn may look at: the search over one knowledge snapshot, its words, the calendar."""

    engine: Engine
    wording: Wording
    hours: OfficeHours

    @cached_property
    def topics(self) -> tuple[Choice, ...]:
        """The first menu; made once, as every transcript holds it."""
        return tuple(map(Choice.topic, self.engine.knowledge.topics))

    @cached_property
    def entries(self) -> dict[str, Choice]:
        """The button of each entry."""
        return {id_: Choice.entry(entry) for id_, entry in self.engine.knowledge.entries.items()}
