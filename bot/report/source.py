"""What a report is made from, read once from the Archive; and the rows that many of its tables share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.analytics.content import CONTENT_FIGURES, ContentChanges, ContentFigure
from bot.analytics.figures import FIGURES, Figure
from bot.analytics.names import name_of
from bot.analytics.period import Period, Span
from bot.analytics.questions import Unanswered
from bot.analytics.summary import Summary
from bot.knowledge.models import Knowledge
from bot.report.model import Amount, Cell, Column, Row, Table

ALL_FIGURES: tuple[Figure | ContentFigure, ...] = (*FIGURES, *CONTENT_FIGURES)
NOW = {Span.MONTH: "今月", Span.WEEK: "今週", Span.DAY: "この日", Span.DAYS: "この期間"}
BEFORE = {Span.MONTH: "前月", Span.WEEK: "前週", Span.DAY: "前日", Span.DAYS: "前の期間"}


@dataclass(frozen=True)
class Source:
    """All that was counted and said in a period. `days` are those that have come, `whole` is their sum. `before` is
    None where nothing was counted in the period before."""

    period: Period
    days: Mapping[dt.date, Summary]
    whole: Summary
    before: Summary | None
    knowledge: Knowledge
    unanswered: Sequence[Unanswered]
    changes: ContentChanges
    changes_before: ContentChanges

    @property
    def now(self) -> str:
        """今月"""
        return NOW[self.period.span]

    @property
    def earlier(self) -> str:
        """前月"""
        return BEFORE[self.period.span]

    def entry_title(self, entry_id: str) -> str:
        """The question of an entry; of one that is no longer there, its id."""
        entry = self.knowledge.entries.get(entry_id)
        return entry.question if entry else f"（いまはないFAQ：{entry_id}）"

    def category(self, entry_id: str) -> str:
        """The 対応分類 of an entry; empty for one that is no longer there."""
        entry = self.knowledge.entries.get(entry_id)
        return entry.category if entry else ""

    def topic_title(self, topic_id: str) -> str:
        """The title of a topic."""
        topic = self.knowledge.topic(topic_id)
        return topic.title if topic else topic_id or "（話題なし）"


def count(summary: Summary | None, table: str, key: str) -> int | None:
    """One number of a table; None without a summary."""
    return None if summary is None else int(summary.table(table).get(key, 0))


def share(part: float, whole: float) -> Amount:
    """A part of a whole; nothing where there is no whole."""
    return Amount(part / whole if whole else None, "%")


def difference(now: float | None, before: float | None, unit: str = "件") -> Amount:
    """How much more than before; of shares in points."""
    known = None if now is None or before is None else now - before
    return Amount(known, "ポイント" if unit == "%" else unit, signed=True)


def figure_row(source: Source, figure: Figure | ContentFigure) -> Row:
    """Title, unit, the number, that of the period before, the difference."""
    now: float | None = None
    before: float | None = None
    if isinstance(figure, Figure):
        now = figure.value(source.whole)
        before = figure.value(source.before) if source.before is not None else None
    else:
        now = figure.value(source.changes) if source.changes.known else None
        before = figure.value(source.changes_before) if source.changes_before.known else None
    unit = figure.unit
    return (figure.title, unit, Amount(now, unit), Amount(before, unit), difference(now, before, unit))


def figure_columns(source: Source) -> tuple[Column, ...]:
    """The heads over such rows."""
    widths = (("数字", 38), ("単位", 10), (source.now, 12), (source.earlier, 12), ("差", 13))
    return tuple(Column(*each) for each in widths)


def compared(source: Source, title: str, columns: tuple[str, int], keys: Sequence[str], table: str,
             name: Callable[[str], str] = str) -> Table:  # fmt: skip
    """Keys of a table of the summary: how many, which share, how many before, the difference. `columns`: the heading
    and width of the first one."""
    whole = sum(source.whole.table(table).values())
    rows: list[Row] = []
    for key in keys:
        now, before = count(source.whole, table, key), count(source.before, table, key)
        rows.append((name(key), Amount(now), share(now or 0, whole), Amount(before), difference(now, before)))
    before_whole = sum(source.before.table(table).values()) if source.before is not None else None
    total = ("合計", Amount(whole), share(whole, whole), Amount(before_whole), difference(whole, before_whole))
    heads = (Column(*columns), Column(source.now), Column("割合"), Column(source.earlier), Column("差"))
    return Table(title, heads, tuple(rows), total)


def by_count(source: Source, table: str) -> list[str]:
    """Keys of a table, most frequent first; those of before that are gone come last."""
    now = source.whole.table(table)
    gone = set(source.before.table(table)) - set(now) if source.before is not None else set()
    return sorted(now, key=lambda key: (-now[key], key)) + sorted(gone)


def named(names: Mapping[str, str]) -> Callable[[str], str]:
    """The Japanese name of a key."""
    return lambda key: name_of(names, key)


def amounts(summary: Summary, keys: Sequence[str]) -> tuple[Cell, ...]:
    """Totals of a summary as cells."""
    return tuple(Amount(summary.total(key)) for key in keys)
