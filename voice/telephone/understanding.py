"""What a spoken question means: the same search as at the chat, and only entries that can be spoken."""

from __future__ import annotations

import datetime as dt

from bot.dialogue.published import Published
from voice.flow.steps import Heard

OFFERED = 3  # what people can keep in mind over the telephone
MAX_WORDS = 500  # letters, as at the chat


def understand(published: Published, text: str, now: dt.datetime) -> Heard:
    """The entry that answers `text`, or up to three that may; none of them if nothing was said or found."""
    words = text.strip()[:MAX_WORDS]
    if not words:
        return Heard()
    day = now.date()
    result = published.engine.search(words, day)
    if result.band == "fallback":
        return Heard(words)
    served = [published.engine.knowledge.served(match.id, day) for match in result.matches]
    spoken = tuple(entry.id for entry in served if entry and entry.voice)[:OFFERED]
    sure = result.band == "answer" and spoken[:1] == (result.matches[0].id,)
    return Heard(words, spoken[:1] if sure else spoken, sure)
