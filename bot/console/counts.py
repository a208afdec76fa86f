"""Tables of counts over chosen days, for the page of trends and for taking away. From summaries alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

from bot.analytics.figures import FIGURES, figure
from bot.analytics.names import DEVICES, DOORS, HOURS, SITUATIONS
from bot.analytics.period import WEEKDAYS, Period, Span
from bot.analytics.summary import Number, Summary, added_up
from bot.console.japanese import day, language
from bot.console.query import ChosenPeriod
from bot.console.tables import Column, Table, columns
from bot.knowledge.models import Category, Knowledge

WEEK = [f"{weekday}曜" for weekday in WEEKDAYS]


@dataclass(frozen=True)
class Counts:
    """What was counted on each of the chosen days; days without anything may be missing."""

    chosen: ChosenPeriod
    days: Mapping[dt.date, Summary]
    knowledge: Knowledge

    @cached_property
    def whole(self) -> Summary:
        """All of it."""
        return added_up(self.days.values())

    @cached_property
    def pieces(self) -> list[tuple[Period, Summary]]:
        """Each day, week or month of them, in order."""
        return [(piece, self._of(piece)) for piece in self.chosen.pieces()]

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


def long_label(piece: Period) -> str:
    """2026年11月21日（土）, 2026年11月16日〜22日, 2026年11月"""
    return day(piece.first) if piece.first == piece.last else piece.title


# -- figures, piece by piece -----------------------------------------------------------------------------------------
def figures(counts: Counts) -> Table:
    """Every figure."""
    return _over_time(counts, "期間ごとの数字", [each.id for each in FIGURES], units=True)


def questions(counts: Counts) -> Table:
    """Questions and what became of them."""
    return _over_time(counts, "質問と返事", ["questions", "answered", "choices", "fallback"])


def rates(counts: Counts) -> Table:
    """How well it goes."""
    return _over_time(counts, "割合の推移", ["answered_rate", "choices_rate", "fallback_rate", "resolved_rate"])


def calls(counts: Counts) -> Table:
    """Calls."""
    ids = ["calls_counted", "calls_office_hours", "calls_after_hours", "calls_cut_short", "transferred"]
    return _over_time(counts, "電話", ids)


def _over_time(counts: Counts, title: str, ids: Iterable[str], units: bool = False) -> Table:
    """A column a figure, headed by its title; `explains` says how each is counted."""
    chosen = [figure(id_) for id_ in ids]
    head = [
        Column(f"{each.title}（{each.unit}）" if units or each.unit == "%" else each.title, share=each.unit == "%")
        for each in chosen
    ]
    rows = [[long_label(piece), *(each.value(summary) for each in chosen)] for piece, summary in counts.pieces]
    explains = tuple((each.title, each.formula) for each in chosen)
    return Table(title, (Column("期間", width=26), *head), rows, explains=explains)


# -- by name ---------------------------------------------------------------------------------------------------------
def languages(counts: Counts) -> Table:
    """Conversations and questions by language, most used first."""
    names = ("conversations_by_language", "questions_by_language", "answered_by_language", "fallback_by_language")
    head = columns("言語", "会話", "質問", "答えた質問", "答えられなかった質問")
    explains = (("言語", "会話は、最後に使われた言語。質問は、書かれた言語（対応していない言語も入れる）"),)
    rows = [[language(key), *row] for key, row in _side_by_side(counts.whole, names)]
    return Table("言語", head, rows, explains=explains)


def devices(counts: Counts) -> Table:
    """Conversations by what they were held on."""
    explains = "会話が始まったときの機器ごとの会話の数"
    return _shares(counts, ("利用した機器", "機器"), "conversations_by_device", explains, DEVICES)


def doors(counts: Counts) -> Table:
    """Conversations by the door they came through."""
    return _shares(counts, ("入口", "入口"), "conversations_by_door", "入口ごとの会話の数", DOORS)


def pages(counts: Counts) -> Table:
    """Conversations by the page of the website."""
    explains = "チャットを開いたページごとの会話の数"
    return _shares(counts, ("チャットを開いたページ", "ページ"), "conversations_by_page", explains, {})


def situations(counts: Counts) -> Table:
    """Calls by what answered them."""
    explains = "電話を受けたときの状態ごとの着信総数"
    return _shares(counts, ("電話を受けたときの状態", "状態"), "calls_by_situation", explains, SITUATIONS)


def topics(counts: Counts) -> Table:
    """Answers by topic, in the order of the menu."""
    titles = {topic.id: topic.title for topic in counts.knowledge.topics}
    explains = "見せた答えを、FAQの話題で分けた数"
    return _shares(counts, ("話題ごとの答え", "話題"), "answers_by_topic", explains, titles, fixed=True)


def categories(counts: Counts) -> Table:
    """Answers by the thirteen reporting classes."""
    titles: dict[str, str] = {name: name for name in get_args(Category)}
    explains = "見せた答えを、FAQの対応分類で分けた数"
    return _shares(counts, ("対応分類ごとの答え", "対応分類"), "answers_by_category", explains, titles, fixed=True)


def call_topics(counts: Counts) -> Table:
    """Topics of the telephone: chosen, and heard to the end."""
    pairs = _side_by_side(counts.whole, ("call_topics_chosen", "call_topics_heard"))
    chosen, heard = figure("topics_chosen"), figure("topics_heard")
    head = columns("話題", chosen.title, heard.title)
    explains = ((chosen.title, chosen.formula), (heard.title, heard.formula))
    return Table("電話の話題", head, [[key or "（名前なし）", *row] for key, row in pairs], explains=explains)


def _side_by_side(summary: Summary, names: Iterable[str]) -> list[tuple[str, list[Number]]]:
    tables = [summary.table(name) for name in names]
    keys = {key for table in tables for key in table}
    rows = [(key, [table.get(key, 0) for table in tables]) for key in keys]
    return sorted(rows, key=lambda row: ([-count for count in row[1]], row[0]))


def _shares(
    counts: Counts, named: tuple[str, str], table: str, explains: str, titles: Mapping[str, str], fixed: bool = False
) -> Table:
    """A count and its share by key, most first; `fixed`: every key of `titles` in their order, also those without any.
    `named`: the titles of the table and of its first column."""
    title, head = named
    found = counts.whole.table(table)
    whole = sum(found.values())
    first = list(titles) if fixed else []
    keys = [*first, *sorted(found.keys() - set(first), key=lambda key: (-found[key], key))]
    rows = [
        [titles.get(key, key or "わからない"), found.get(key, 0), found.get(key, 0) / whole if whole else None]
        for key in keys
    ]
    return Table(title, columns(head, "件数", "割合（%）"), rows, explains=((head, explains),))


# -- by hour ---------------------------------------------------------------------------------------------------------
def hours(counts: Counts) -> Table:
    """Questions by weekday and hour."""
    return _grid(counts, "曜日と時間ごとの質問", "questions_by_hour", figure("questions").formula)


def call_hours(counts: Counts) -> Table:
    """Calls by weekday and hour."""
    return _grid(counts, "曜日と時間ごとの電話", "calls_by_hour", "着信総数を、受けた曜日と時間で分けた数")


def _grid(counts: Counts, title: str, table: str, explains: str) -> Table:
    rows = [[name, *row] for name, row in zip(WEEK, counts.by_weekday_and_hour(table), strict=True)]
    head = columns("曜日", *(f"{int(hour)}時" for hour in HOURS))
    return Table(title, head, rows, explains=(("件数", explains),))


def day_hours(counts: Counts) -> Table:
    """Questions and calls of each hour of each day."""
    rows = [
        [day(date), *(summary.table("questions_by_hour").get(h, 0) for h in HOURS),
         *(summary.table("calls_by_hour").get(h, 0) for h in HOURS)]
        for date, summary in sorted(counts.days.items())
    ]  # fmt: skip
    head = columns("日", *(f"質問 {int(h)}時" for h in HOURS), *(f"電話 {int(h)}時" for h in HOURS))
    return Table("日と時間ごとの数", head, rows)


TABLES: dict[str, Callable[[Counts], Table]] = {
    "figures": figures, "questions": questions, "rates": rates, "calls": calls, "hours": hours,
    "call-hours": call_hours, "day-hours": day_hours, "topics": topics, "categories": categories,
    "languages": languages, "devices": devices, "doors": doors, "pages": pages, "call-topics": call_topics,
    "situations": situations,
}  # fmt: skip
"""Every table of counts, by the name of its file."""
