"""What a report is made of: sections of tables and charts, titled and in order. The three formats only write it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.analytics.period import Period, Span

DASH = "–"
"""Shown where there is nothing to count or to compare: not the same as 0."""


@dataclass(frozen=True)
class Amount:
    """A number and its unit: 件, 問, % (0 to 1), ポイント (of such shares), 秒, ミリ秒, 時間 (given in seconds).
    `signed` amounts are differences. None: there is nothing."""

    value: float | None
    unit: str = "件"
    signed: bool = False

    def __str__(self) -> str:
        """As people read it, without the unit where a column tells it."""
        if self.value is None:
            return DASH
        if self.unit == "時間":
            whole = round(self.value)
            return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
        shares = self.unit in {"%", "ポイント"}
        digits = 1 if shares or self.unit == "秒" else 0
        value = round(self.value * 100 if shares else self.value, digits) + 0.0  # no minus at 0
        return f"{value:{'+' if self.signed and value else ''},.{digits}f}{self.unit if shares else ''}"


@dataclass(frozen=True)
class Quote:
    """A resident's words (masked), in a language."""

    text: str
    lang: str = "ja"

    def __str__(self) -> str:
        return self.text


def file_stem(period: Period) -> str:
    """2026-10, 2026-10-05-week, 2026-10-05 for a day: what a report's files are named; "" for any other days."""
    forms = {Span.MONTH: f"{period.first:%Y-%m}", Span.WEEK: f"{period.first}-week", Span.DAY: f"{period.first}"}
    return forms.get(period.span, "")


Cell = str | Amount | Quote
Row = tuple[Cell, ...]


def row(*cells: Cell) -> Row:
    """A row of a table."""
    return cells


@dataclass(frozen=True)
class Column:
    """A heading, and how wide its cells are (in half-width letters)."""

    title: str
    width: int = 10


@dataclass(frozen=True)
class Table:
    """The first cell of a row names it. `total` is the last row, not part of charts. `shaded`: the more, the darker
    (numbers by hour). `on_paper`: so many rows go into the PDF."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""
    shaded: bool = False
    on_paper: int = 60


@dataclass(frozen=True)
class Chart:
    """Some columns of a table as a picture; the labels are its first column. `kind`: "bars" or "lines"."""

    kind: str
    title: str
    table: Table
    columns: tuple[int, ...]
    unit: str = "件"

    @property
    def labels(self) -> list[str]:
        """What is counted."""
        return [str(row[0]) for row in self.table.rows]

    @property
    def series(self) -> dict[str, list[float | None]]:
        """Name → values, in the order of the labels."""
        rows = self.table.rows
        return {self.table.columns[n].title: [_value(row[n]) for row in rows] for n in self.columns}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for values in self.series.values() for value in values)


def _value(cell: Cell) -> float | None:
    return cell.value if isinstance(cell, Amount) else None


@dataclass(frozen=True)
class Section:
    """A sheet of the workbook, a chapter of the others."""

    name: str
    intro: tuple[str, ...]
    parts: tuple[Table | Chart, ...]


@dataclass(frozen=True)
class Report:
    """`marks` must stand at the top of everything (unfinished, synthetic, empty). `created` is written into the files:
    the same for the same report."""

    title: str
    period: str
    marks: tuple[str, ...]
    due: str
    highlights: tuple[str, ...]
    sections: tuple[Section, ...]
    created: dt.datetime

    @property
    def running_head(self) -> str:
        """Stands on every page."""
        return "　".join((self.title, self.period, *(f"【{mark}】" for mark in self.marks)))


class ReportError(Exception):
    """No report can be made; the message says why and what to do."""
