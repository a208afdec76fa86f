"""How things are, for staff: the content that is published, the telephone, the parts of the service."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from bot.analytics.period import TOKYO
from bot.console.context import ConsoleContext
from bot.dialogue.office_hours import spoken
from bot.dialogue.published import ORIGINAL, Published
from bot.knowledge.findings import Finding
from bot.knowledge.models import Entry, Knowledge

_STALE = "TRN003"
_ID = re.compile(r"「([a-z0-9-]+)」")


def untranslated(published: Published) -> dict[str, list[str]]:
    """Languages in which an entry is answered in Japanese, by entry; without those that a script makes from others."""
    languages: dict[str, list[str]] = {}
    for lang, edition in published.editions.items():
        if lang != ORIGINAL:
            for id_ in sorted(edition.engine.knowledge.untranslated):
                languages.setdefault(id_, []).append(lang)
    return languages


def stale(findings: Iterable[Finding]) -> dict[str, list[str]]:
    """Entries whose translation is of an older Japanese text, by language (the folder of the finding)."""
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.code == _STALE and (match := _ID.search(finding.what)):
            found.setdefault(finding.path.split("/")[2], []).append(match[1])
    return found


def ending(knowledge: Knowledge, today: dt.date, within: int) -> list[Entry]:
    """Entries that will not be served any more in so many days, soonest first; those that have ended come first."""
    limit = today + dt.timedelta(days=within)
    ends = [entry for entry in knowledge.entries.values() if entry.valid.until and entry.valid.until <= limit]
    return sorted(ends, key=lambda entry: (entry.valid.until or limit, entry.id))


def unreviewed(knowledge: Knowledge) -> list[Entry]:
    """Entries that nobody has reviewed."""
    return [entry for entry in knowledge.entries.values() if entry.reviewed is None]


def unasked(knowledge: Knowledge, today: dt.date, answers: Mapping[str, float]) -> list[Entry]:
    """Entries that are served today and were not given once."""
    return [e for e in knowledge.entries.values() if e.valid.contains(today) and not answers.get(e.id)]


PARTS = {
    "events": "記録", "conversations": "会話の控え", "prompts": "電話の音声", "telephone": "電話",
}  # fmt: skip

TROUBLE = ("ません", "待っています", "失いました", "止ま", "お待ち", "not ", "error")
"""Words of a state that somebody should look at."""


def office_state(context: ConsoleContext) -> str:
    """受付時間内, or 時間外 with the next opening."""
    hours, now = context.desk.published.hours, context.desk.clock().astimezone(TOKYO)
    if hours.is_open(now):
        return "受付時間内"
    try:
        return f"時間外（次は{spoken(hours.next_opening(now))}）"
    except LookupError:
        return "時間外"


def emergency_state(context: ConsoleContext) -> str:
    """Whether the emergency announcement answers."""
    if context.telephone is None:
        return "電話なし"
    return "入っています" if context.telephone.emergency_on() else "切れています"


def part_states(context: ConsoleContext) -> list[tuple[str, str, bool]]:
    """(part, how it is, whether that is well) for each part that tells of itself; what is only for engineers (`ok`,
    `memory: 5`) is left out where all is well."""
    told = {"events": context.desk.events.state, "conversations": context.desk.conversations.state}
    told |= {name: state() for name, state in context.states.items()}
    found = [(PARTS.get(name, name), state, not any(word in state for word in TROUBLE)) for name, state in told.items()]
    return [(part, "" if well and state.isascii() else state, well) for part, state, well in found]
