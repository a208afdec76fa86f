"""The bot's own sentences, from `faq/messages/<lang>.yaml`: every key must be there, none is written in code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from bot.dialogue.office_hours import OfficeHours, spoken
from bot.knowledge.models import Strict, Words

Variants = Annotated[tuple[Words, ...], Field(min_length=2)]


class Titles(Strict):
    """Words on buttons."""

    menu: Words
    none: Words
    more: Words
    back: Words


class Errors(Strict):
    """What a door says when something is off."""

    invalid: Words
    not_found: Words
    too_many: Words
    broken: Words
    not_ready: Words


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
        return self.closed_now.format(next=spoken(hours.next_opening(now)))


def load_wording(messages: Mapping[str, object]) -> Wording:
    """Check the messages of the knowledge. Raises pydantic.ValidationError."""
    return Wording.model_validate(messages)
