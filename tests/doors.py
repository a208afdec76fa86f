"""The real content behind a door over HTTP, with a clock that stands still until a test moves it, and short sounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.dialogue.events import Event
from bot.dialogue.office_hours import TOKYO, load_office_hours
from bot.knowledge.loader import load
from voice.calendar import situation
from voice.door import DoorContext
from voice.flow.loading import load_telephone
from voice.flow.model import Telephone
from voice.flow.steps import Heard, Situation
from voice.g711 import Clip

ROOT = Path(__file__).resolve().parents[1]
SATURDAY = dt.datetime(2026, 11, 21, 20, 0, tzinfo=TOKYO)
TUESDAY = dt.datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)


@cache
def shipped() -> Telephone:
    """The telephone of the content in the repository."""
    loaded, (hours, _) = load(ROOT), load_office_hours(ROOT)
    assert loaded.knowledge is not None
    assert hours is not None
    telephone, findings = load_telephone(ROOT, loaded.knowledge, hours)
    assert telephone is not None, findings
    return telephone


@dataclass
class FakeHouse:
    """What `DoorContext` asks for. Sounds last `seconds_a_sign` for each sign of their text."""

    published: Telephone | None = field(default_factory=shipped)
    now: dt.datetime = SATURDAY
    seconds_a_sign: float = 0.1
    numbers: dict[str, str] = field(default_factory=dict)
    emergency: bool = False
    busy: bool = False
    understand: Callable[[str, str], Heard] | None = None
    events: list[Event] = field(default_factory=list)

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += dt.timedelta(seconds=seconds)

    def names(self) -> list[str]:
        """The names of the events so far."""
        return [str(event.name) for event in self.events]

    def facts(self, name: str) -> list[dict[str, object]]:
        """The facts of the events of a name."""
        return [dict(event.facts) for event in self.events if event.name == name]

    def context(self) -> DoorContext:
        """For a door."""
        return DoorContext(
            telephone=lambda: self.published, clip=lambda text, _: self._clip(text), situation=self._situation,
            emit=self._emit, clock=lambda: self.now, caller_hash=lambda number: f"hash-{len(number)}",
            number=lambda desk: self.numbers.get(desk, ""), understand=self.understand,
        )  # fmt: skip

    def _clip(self, text: str) -> Clip:
        return Clip.silence(round(len(text) * self.seconds_a_sign, 2))

    def _situation(self, now: dt.datetime) -> Situation:
        assert self.published is not None
        return situation(now, self.published.hours, self.emergency, self.busy)

    def _emit(self, events: Sequence[Event]) -> None:
        self.events += events
