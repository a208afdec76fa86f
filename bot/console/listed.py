"""Tables of single things for taking away: entries, unanswered questions, ratings, conversations and calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.analytics.archive import Archive
from bot.analytics.names import DOORS, OUTCOMES, WHY, name_of
from bot.analytics.period import Period
from bot.analytics.summary import Summary
from bot.analytics.talks import Search, Talk
from bot.console.japanese import language, when
from bot.console.table import Cell, Table, columns
from bot.knowledge.models import Knowledge

MOST = 50_000
"""Rows of one file: enough for a month of questions, little enough to be made while somebody waits."""
PAGE = 500


def entries(summary: Summary, knowledge: Knowledge, stale: Mapping[str, list[str]]) -> Table:
    """Every entry with its figures. `stale`: languages without a current translation, by entry."""
    names = ("answers", "direct", "chosen", "offered", "helpful", "unhelpful")
    tables = [summary.table(f"{name}_by_entry") for name in names]
    rows: list[list[Cell]] = []
    for entry in knowledge.entries.values():
        topic = knowledge.topic(entry.topic)
        counts = [table.get(entry.id, 0) for table in tables]
        rated = counts[-1] + counts[-2]
        rows.append([
            entry.id, entry.question, topic.title if topic else entry.topic, entry.category, *counts,
            counts[-2] / rated if rated else None, _date(entry.reviewed), _date(entry.valid.until),
            "、".join(map(language, stale.get(entry.id, []))),
        ])  # fmt: skip
    head = columns(
        "id", "質問", "話題", "対応分類", "答えた", "質問から直接", "選ばれて", "候補に出た", "役に立った",
        "役に立たなかった", "役に立った割合（%）", "確認した日", "公開の終わり", "いまの訳がない言語",
    )  # fmt: skip
    return Table("FAQごとの数字", head, rows)


def unanswered(archive: Archive, period: Period) -> Table:
    """Questions without an answer, most frequent first."""
    rows: list[list[Cell]] = [
        [asked.text, language(asked.lang), asked.count, name_of(WHY, asked.why), when(asked.last)]
        for asked in archive.unanswered(period, MOST)
    ]
    return Table("答えのなかった質問", columns("質問", "言語", "回数", "わけ", "最後"), rows)


def ratings(archive: Archive, period: Period, knowledge: Knowledge) -> Table:
    """Ratings with their reasons, newest first."""
    rows: list[list[Cell]] = []
    for rating in archive.ratings(period, limit=MOST):
        entry = knowledge.entries.get(rating.entry)
        verdict = "役に立った" if rating.helpful else "役に立たなかった"
        rows.append([when(rating.at), rating.entry, entry.question if entry else "", verdict, rating.text])
    return Table("評価", columns("時刻", "id", "質問", "評価", "理由"), rows)


def talks(archive: Archive, searches: Sequence[Search], title: str) -> Table:
    """Conversations or calls of each search, newest first, read a page at a time."""
    head = columns("番号", "始まり", "入口", "言語", "質問", "結果", "はじめの言葉")
    rows = (_talk(talk) for search in searches for talk in every(archive, search, MOST))
    return Table(title, head, rows, (f"一度に書き出すのは、入口ごとに新しいほうから{MOST:,}件までです。",))


def _talk(talk: Talk) -> list[Cell]:
    return [
        talk.id, when(talk.began), name_of(DOORS, talk.door), language(talk.lang), talk.questions,
        name_of(OUTCOMES, talk.outcome), talk.first_words,
    ]  # fmt: skip


def every(archive: Archive, search: Search, most: int) -> Iterator[Talk]:
    """Up to `most` conversations, newest first, a page at a time."""
    left = most
    while left > 0:
        found = archive.conversations(search, min(PAGE, left))
        yield from found
        left -= max(1, len(found))
        if not found.before:
            return
        search = replace(search, before=found.before)


def _date(date: dt.date | None) -> str | None:
    return date.isoformat() if date else None
