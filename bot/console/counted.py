"""Tables of counts over a stretch of days, for the page of trends and for taking away. From summaries alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from bot.analytics.figures import FIGURES
from bot.analytics.names import DEVICES, DOORS, SITUATIONS
from bot.analytics.period import Period, Span
from bot.analytics.summary import Number, Summary, added_up
from bot.console.asked import Stretch
from bot.console.japanese import WEEKDAYS, day, language
from bot.console.table import Column, Table, columns
from bot.knowledge.models import Category, Knowledge

HOURS = tuple(f"{hour:02}" for hour in range(24))
WEEK = [f"{weekday}曜" for weekday in WEEKDAYS]
RATES = ("answered_rate", "choices_rate", "fallback_rate", "resolved_rate")


@dataclass(frozen=True)
class Counts:
    """What was counted on each day of a stretch; days without anything may be missing."""

    stretch: Stretch
    days: Mapping[dt.date, Summary]
    knowledge: Knowledge

    @cached_property
    def whole(self) -> Summary:
        """All of it."""
        return added_up(self.days.values())

    @cached_property
    def pieces(self) -> list[tuple[Period, Summary]]:
        """Each day, week or month of the stretch, in order."""
        return [(piece, self._of(piece)) for piece in self.stretch.pieces()]

    def _of(self, period: Period) -> Summary:
        found = [self.days[date] for date in period if date in self.days]
        return found[0] if len(found) == 1 else added_up(found)

    @property
    def labels(self) -> list[str]:
        """The pieces, short enough for an axis."""
        return [label(piece) for piece, _ in self.pieces]

    def by_weekday_and_hour(self, table: str) -> list[list[Number]]:
        """Counts of a table by hour, a row a weekday from Monday."""
        grid: list[list[Number]] = [[0] * 24 for _ in WEEK]
        for date, summary in self.days.items():
            for hour, count in summary.table(table).items():
                if hour in HOURS:
                    grid[date.weekday()][int(hour)] += count
        return grid


def label(piece: Period) -> str:
    """11/21, 11/16〜, 2026/11"""
    first = piece.first
    if piece.span is Span.MONTH:
        return f"{first.year}/{first.month}"
    return f"{first.month}/{first.day}" + ("〜" if piece.span is Span.WEEK else "")


def figures(counts: Counts) -> Table:
    """Every figure of every piece."""
    head = (Column("期間", width=26), *(Column(f"{f.title}（{f.unit}）", share=f.unit == "%") for f in FIGURES))
    rows = [[long_label(piece), *(f.value(summary) for f in FIGURES)] for piece, summary in counts.pieces]
    return Table("期間ごとの数字", head, rows)


def long_label(piece: Period) -> str:
    """2026年11月21日（土）, 2026年11月16日〜22日, 2026年11月"""
    return day(piece.first) if piece.first == piece.last else piece.title


def course(counts: Counts) -> Table:
    """Questions and what became of them, piece by piece."""
    names = ("questions", "answered", "choices", "fallback")
    rows = [[long_label(piece), *map(summary.total, names)] for piece, summary in counts.pieces]
    return Table("質問と返事", columns("期間", "質問", "答えた", "候補を出した", "答えなし"), rows)


def calls(counts: Counts) -> Table:
    """Calls, piece by piece."""
    names = ("calls_counted", "calls_office_hours", "calls_after_hours", "calls_cut_short", "transferred")
    rows = [[long_label(piece), *map(summary.total, names)] for piece, summary in counts.pieces]
    head = columns(
        "期間", "着信（5秒以内に切れたものを除く）", "受付時間内", "時間外", "5秒以内に切れた", "人につないだ"
    )
    return Table("電話", head, rows)


def languages(counts: Counts) -> Table:
    """Conversations and questions by language, most used first."""
    names = ("conversations_by_language", "questions_by_language", "answered_by_language", "fallback_by_language")
    head = columns("言語", "会話", "質問", "答えた", "答えなし")
    return Table("言語", head, [[language(key), *row] for key, row in _side_by_side(counts.whole, names)])


def devices(counts: Counts) -> Table:
    """Conversations by what they were held on."""
    return _shares(counts, "利用した機器", "機器", "conversations_by_device", DEVICES)


def doors(counts: Counts) -> Table:
    """Conversations by the door they came through."""
    return _shares(counts, "入口", "入口", "conversations_by_door", DOORS)


def pages(counts: Counts) -> Table:
    """Conversations by the page of the website."""
    return _shares(counts, "チャットを開いたページ", "ページ", "conversations_by_page", {})


def situations(counts: Counts) -> Table:
    """Calls by what answered them."""
    return _shares(counts, "電話に出た案内", "案内", "calls_by_situation", SITUATIONS)


def topics(counts: Counts) -> Table:
    """Answers by topic, in the order of the menu."""
    titles = {topic.id: topic.title for topic in counts.knowledge.topics}
    return _shares(counts, "話題ごとの答え", "話題", "answers_by_topic", titles, all_of=titles)


def categories(counts: Counts) -> Table:
    """Answers by the thirteen reporting classes."""
    names: tuple[str, ...] = get_args(Category)
    return _shares(counts, "対応分類ごとの答え", "対応分類", "answers_by_category", {}, all_of=names)


def call_topics(counts: Counts) -> Table:
    """Topics of the telephone: chosen, and heard to the end."""
    pairs = _side_by_side(counts.whole, ("call_topics_chosen", "call_topics_heard"))
    head = columns("話題", "選ばれた", "最後まで聞かれた")
    return Table("電話の話題", head, [[key or "（名前なし）", *row] for key, row in pairs])


def hours(counts: Counts) -> Table:
    """Questions by weekday and hour."""
    return _grid(counts, "曜日と時間ごとの質問", "questions_by_hour")


def call_hours(counts: Counts) -> Table:
    """Calls by weekday and hour."""
    return _grid(counts, "曜日と時間ごとの電話", "calls_by_hour")


def day_hours(counts: Counts) -> Table:
    """Questions and calls of each hour of each day."""
    rows = [
        [day(date), *(summary.table("questions_by_hour").get(h, 0) for h in HOURS),
         *(summary.table("calls_by_hour").get(h, 0) for h in HOURS)]
        for date, summary in sorted(counts.days.items())
    ]  # fmt: skip
    head = columns("日", *(f"質問 {int(h)}時" for h in HOURS), *(f"電話 {int(h)}時" for h in HOURS))
    return Table("日と時間ごとの数", head, rows)


def _grid(counts: Counts, title: str, table: str) -> Table:
    rows = [[name, *row] for name, row in zip(WEEK, counts.by_weekday_and_hour(table), strict=True)]
    return Table(title, columns("曜日", *(f"{int(hour)}時" for hour in HOURS)), rows)


def _side_by_side(summary: Summary, names: Iterable[str]) -> list[tuple[str, list[Number]]]:
    tables = [summary.table(name) for name in names]
    keys = {key for table in tables for key in table}
    rows = [(key, [table.get(key, 0) for table in tables]) for key in keys]
    return sorted(rows, key=lambda row: ([-count for count in row[1]], row[0]))


def _shares(
    counts: Counts, title: str, head: str, table: str, titles: Mapping[str, str], all_of: Iterable[str] = ()
) -> Table:
    """A count and its share by key, most first; with `all_of` every key in that order, also those without any."""
    found = counts.whole.table(table)
    whole = sum(found.values())
    fixed = list(all_of)
    keys = [*fixed, *sorted(found.keys() - set(fixed), key=lambda key: (-found[key], key))]
    rows = [
        [titles.get(key, key or "不明"), found.get(key, 0), found.get(key, 0) / whole if whole else None]
        for key in keys
    ]
    return Table(title, columns(head, "件数", "割合（%）"), rows)


def rates(counts: Counts) -> Table:
    """How well it goes, piece by piece."""
    chosen = [figure for figure in FIGURES if figure.id in RATES]
    head = (Column("期間", width=26), *(Column(f"{figure.title}（%）", share=True) for figure in chosen))
    rows = [[long_label(piece), *(f.value(summary) for f in chosen)] for piece, summary in counts.pieces]
    return Table("割合の推移", head, rows)
