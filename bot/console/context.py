"""What the console is given by the composition root."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.dialogue.desk import Desk
from bot.staff import Staff

if TYPE_CHECKING:
    from bot.analytics.archive import Archive
    from bot.tuning.accept import TuningTools

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class CalendarDay:
    """What the telephone does on a day: `hours` in words, why it is unlike others, the titles of what is said then."""

    date: dt.date
    hours: str
    why: str
    notices: tuple[str, ...] = ()


class TelephoneTools(Protocol):
    """What pages may ask of the telephone, where it is installed."""

    def emergency_on(self) -> bool:
        """Whether the emergency announcement answers now."""
        ...

    def turn_emergency(self, on: bool, who: str, why: str) -> None:
        """Turn it on or off. Raises ValueError (nothing or too much written) and OSError."""
        ...

    def announcement(self) -> str:
        """What callers hear while it is on; "" while nothing is published."""
        ...

    def emergency_history(self) -> list[tuple[dt.datetime, bool, str, str]]:
        """(when, on, who, why), oldest first."""
        ...

    def calendar(self, year: int, month: int) -> list[CalendarDay]:
        """Every day of a month. Raises ValueError for a month that does not exist."""
        ...

    def spoken(self, entry_id: str) -> str | None:
        """What the telephone says for an entry; None if it says nothing of it."""
        ...

    def sound(self, text: str) -> bytes:
        """How that sounds: a WAV file; a safe sentence while the right sound is missing."""
        ...


@dataclass(frozen=True)
class ConsoleContext:
    """`root` holds the content, `data` what the service keeps. `allowed`: networks the console answers to, all if
    empty. `minutes`: idle time of a session, for words on pages. `telephone`: None where it is not installed.
    `states` tell how the parts of the service are. `tuning` works proposals out and writes accepted ones; None where a
    page can only show them."""

    desk: Desk
    archive: Archive
    staff: Staff
    root: Path
    data: Path
    allowed: tuple[Network, ...] = ()
    minutes: int = 30
    telephone: TelephoneTools | None = None
    states: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    tuning: TuningTools | None = None
