"""The rows of the page of entries: what is known of each, filtered and sorted as asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.analytics.summary import Summary
from bot.console.asked import line
from bot.knowledge.models import Entry, Knowledge
from bot.search.text import normalise

MOST_WORDS = 100


@dataclass(frozen=True)
class Row:
    """An entry with its figures; `helpful` is a share, None without a rating; `untranslated`: languages."""

    entry: Entry
    topic: str
    answers: float
    direct: float
    chosen: float
    offered: float
    rated: float
    helpful: float | None
    untranslated: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """Which entries, in which order."""

    words: str = ""
    topic: str = ""
    category: str = ""
    sort: str = "answers"
    down: bool = True


LAST = dt.date.max
KEYS: Mapping[str, Callable[[Row], tuple[float, ...]]] = {
    "answers": lambda row: (row.answers,),
    "direct": lambda row: (row.direct,),
    "chosen": lambda row: (row.chosen,),
    "offered": lambda row: (row.offered,),
    "helpful": lambda row: (-1.0 if row.helpful is None else row.helpful, row.rated),
    "reviewed": lambda row: ((row.entry.reviewed or dt.date.min).toordinal(),),
    "until": lambda row: ((row.entry.valid.until or LAST).toordinal(),),
    "untranslated": lambda row: (len(row.untranslated),),
}
"""What the list can be sorted by; the columns of its head."""


def wanted(query: Mapping[str, str], knowledge: Knowledge, categories: tuple[str, ...]) -> Wanted:
    """What an address asks for; what there isn't counts as not asked."""
    topic, category, sort = query.get("topic", ""), query.get("category", ""), query.get("sort", "answers")
    return Wanted(
        line(query.get("words"), MOST_WORDS),
        topic if knowledge.topic(topic) else "",
        category if category in categories else "",
        sort if sort in KEYS else "answers",
        query.get("order") != "up",
    )


def rows(knowledge: Knowledge, summary: Summary, untranslated: Mapping[str, list[str]], asked: Wanted) -> list[Row]:
    """The entries that are wanted, in order."""
    found = [_row(entry, knowledge, summary, untranslated) for entry in knowledge.entries.values()]
    kept = [row for row in found if _fits(row.entry, knowledge, asked)]
    kept.sort(key=lambda row: row.entry.id)
    return sorted(kept, key=KEYS[asked.sort], reverse=asked.down)


def _row(entry: Entry, knowledge: Knowledge, summary: Summary, untranslated: Mapping[str, list[str]]) -> Row:
    def count(table: str) -> float:
        return summary.table(f"{table}_by_entry").get(entry.id, 0)

    topic = knowledge.topic(entry.topic)
    helpful, rated = count("helpful"), count("helpful") + count("unhelpful")
    return Row(
        entry, topic.title if topic else entry.topic, count("answers"), count("direct"), count("chosen"),
        count("offered"), rated, helpful / rated if rated else None, tuple(untranslated.get(entry.id, ())),
    )  # fmt: skip


def _fits(entry: Entry, knowledge: Knowledge, asked: Wanted) -> bool:
    if (asked.topic and entry.topic != asked.topic) or (asked.category and entry.category != asked.category):
        return False
    texts = (entry.id, entry.question, entry.answer, *knowledge.phrasings.get(entry.id, ()))
    plain = normalise("\n".join(texts))
    return all(normalise(word) in plain for word in asked.words.split())
