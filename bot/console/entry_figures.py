"""What is known of each entry: its figures over a period, filtered and sorted as asked, and the same as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.analytics.summary import Summary
from bot.console.japanese import language
from bot.console.query import line
from bot.console.tables import Cell, Table, columns
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


EXPLAINS: Mapping[str, tuple[str, str]] = {
    "answers": ("答えた", "このFAQを答えとして見せた回数（直接と、選ばれての合計）"),
    "direct": ("直接", "質問への返事として、すぐに見せた回数"),
    "chosen": ("選ばれて", "候補・話題・ボタンから選ばれて見せた回数"),
    "offered": ("候補", "候補の1つとして見せた回数"),
    "helpful": ("役に立った", "「役に立った」÷（「役に立った」＋「役に立たなかった」）"),
}
"""The counted columns: title and how they are counted."""

KEYS: Mapping[str, Callable[[Row], tuple[float, ...]]] = {
    "answers": lambda row: (row.answers,),
    "direct": lambda row: (row.direct,),
    "chosen": lambda row: (row.chosen,),
    "offered": lambda row: (row.offered,),
    "helpful": lambda row: (-1.0 if row.helpful is None else row.helpful, row.rated),
    "reviewed": lambda row: ((row.entry.reviewed or dt.date.min).toordinal(),),
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
    entries = [entry for entry in knowledge.entries.values() if _fits(entry, knowledge, asked)]
    found = [row(entry, knowledge, summary, untranslated) for entry in sorted(entries, key=lambda entry: entry.id)]
    return sorted(found, key=KEYS[asked.sort], reverse=asked.down)


def row(entry: Entry, knowledge: Knowledge, summary: Summary, untranslated: Mapping[str, list[str]]) -> Row:
    """The figures of one entry."""

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
    if not asked.words:
        return True
    plain = _plain("\n".join((entry.id, entry.question, entry.answer, *knowledge.phrasings.get(entry.id, ()))))
    return all(normalise(word) in plain for word in asked.words.split())


@lru_cache(maxsize=1000)
def _plain(text: str) -> str:
    return normalise(text)


def entry_table(found: Iterable[Row]) -> Table:
    """Every row with its figures, for taking away."""
    written: list[list[Cell]] = []
    for each in found:
        entry = each.entry
        written.append([
            entry.id, entry.question, each.topic, entry.category, each.answers, each.direct, each.chosen, each.offered,
            each.rated, each.helpful, _date(entry.reviewed), _date(entry.valid.until),
            "、".join(map(language, each.untranslated)),
        ])  # fmt: skip
    *counted, helpful = [title for title, _ in EXPLAINS.values()]
    rest = ("評価の数", f"{helpful}（%）", "確認した日", "公開の終わり", "いまの訳がない言語")
    head = columns("id", "質問", "話題", "対応分類", *counted, *rest)
    return Table("FAQごとの数字", head, written, explains=tuple(EXPLAINS.values()))


def _date(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
