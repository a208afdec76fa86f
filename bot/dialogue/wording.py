"""The bot's own sentences, from `faq/messages/<lang>.yaml`: every key must be there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import Field

from bot.dialogue.office_hours import TOKYO, OfficeHours
from bot.knowledge.findings import Finding, errors, finding
from bot.knowledge.models import Strict, Words
from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import Place, Text, read

ORIGINAL = "ja"
Variants = Annotated[tuple[Words, ...], Field(min_length=2)]


class Titles(Strict):
    """Words on buttons."""

    menu: Words
    none: Words
    more: Words


class Errors(Strict):
    """What a door says when something is off."""

    invalid: Words
    not_found: Words
    too_many: Words
    too_large: Words
    no_page: Words
    no_method: Words
    broken: Words


class Moment(Strict):
    """How a day and time are written: `format` holds {month} {day} {weekday} {half} {hour} {minute}; `weekdays` from
    Monday, `months` from January, `halves`: before and after noon. Hours count to 12, or to 24 without {half}."""

    format: Words
    weekdays: tuple[Words, ...] = Field(min_length=7, max_length=7)
    months: tuple[Words, ...] = Field((), max_length=12)
    halves: tuple[Words, ...] = Field((), max_length=2)

    def of(self, moment: dt.datetime) -> str:
        """An instant, in Tokyo."""
        local = moment.astimezone(TOKYO)
        hour = (local.hour % 12 or 12) if self.halves else local.hour
        return self.format.format(
            month=self.months[local.month - 1] if self.months else local.month, day=local.day,
            weekday=self.weekdays[local.weekday()], half=self.halves[local.hour >= 12] if self.halves else "",
            hour=hour, minute=f"{local.minute:02}",
        )  # fmt: skip


class Wording(Strict):
    """All sentences of one language. Lists are used in turn, so that none is repeated word for word."""

    greeting: Words
    menu: Words
    topic: Words
    choices: Variants
    both: Words
    more: Words
    not_sure: Variants
    out_of_scope: Variants
    none_of_these: Variants
    hand_over: Variants
    open_now: Words
    closed_now: Words
    moment: Moment
    untranslated: Words
    unsupported: Words
    empty: Words
    no_words: Words
    too_long: Words
    unknown_choice: Words
    withdrawn: Words
    nothing_to_repeat: Words
    choose_one: Words
    expired: Words
    thanks_rating: Words
    titles: Titles
    errors: Errors

    def contact(self, hours: OfficeHours, now: dt.datetime) -> str:
        """The telephone line, and whether somebody answers it now."""
        if hours.is_open(now):
            return self.open_now
        return self.closed_now.format(next=self.moment.of(hours.next_opening(now)))


MESSAGES = Path("faq") / "messages"
_NAMES = (
    "topic",
    "question",
    "next",
    "limit",
    "length",
    "field",
    "seconds",
    "month",
    "day",
    "weekday",
    "half",
    "hour",
    "minute",
)  # what a sentence may leave open


def load_wordings(root: Path) -> tuple[dict[str, Wording], list[Finding]]:
    """Read `faq/messages/<lang>.yaml` below `root`: the sentences of each language."""
    wordings, findings = dict[str, Wording](), list[Finding]()
    files = {file.stem: file for file in (root / MESSAGES).glob("*.yaml") if not file.name.startswith(".")}
    for lang, file in sorted({ORIGINAL: root / MESSAGES / f"{ORIGINAL}.yaml", **files}.items()):
        wording, found = load_wording(root, file)
        findings += found
        if wording:
            wordings[lang] = wording
    return wordings, findings


def load_wording(root: Path, file: Path) -> tuple[Wording | None, list[Finding]]:
    """Read one language, and try every sentence with what it leaves open."""
    document, findings = read(file, root)
    if document is None:
        return None, findings
    wording, found = validate(Wording, document.data, document)
    for place, line in document.lines.items():
        text = _at(document.data, place)
        if isinstance(text, str) and (wrong := _misfit(text)):
            allowed = "、".join(f"{{{name}}}" for name in _NAMES)
            found.append(finding("FAQ018", document.path, line, found=wrong, allowed=allowed))
    return (None if errors(found) else wording), [*findings, *found]


def _at(data: Text, place: Place) -> Text:
    for part in place:
        data = data[part]  # type: ignore[index]
    return data


def _misfit(text: str) -> str:
    """What in a sentence can't be filled in; empty if everything can."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return "{"
    return next((f"{{{name}}}" for name in names if name not in _NAMES), "")
