"""What pages are made of: tiles with a figure, panels with a chart and its table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.analytics.figures import figure as defined
from bot.analytics.summary import Summary
from bot.console import counted, japanese
from bot.console.counted import Counts
from bot.console.table import Cell, Table
from bot.report import charts


@dataclass(frozen=True)
class Tile:
    """A figure at a glance. `explains` is how it is counted, `note` a comparison; `href` where more is told."""

    title: str
    value: str
    explains: str = ""
    note: str = ""
    href: str = ""


def tile(id_: str, now: Summary, before: Summary, title: str = "") -> Tile:
    """A figure of `bot.analytics.figures`, beside that of the period before; with a `title` for that, it is only told,
    not compared. Raises KeyError."""
    figure = defined(id_)
    value = figure.value(now)
    was = figure.value(before)
    note = f"{title or '前'} {japanese.figure(was, figure.unit)}"
    note += "" if title else f"（{japanese.change(value, was, figure.unit)}）"
    return Tile(figure.title, japanese.figure(value, figure.unit), figure.formula, note)


@dataclass(frozen=True)
class Panel:
    """A chart with the numbers it is drawn from. `id` names the download of the same table."""

    id: str
    chart: Markup
    table: Table
    wide: bool = False

    @property
    def rows(self) -> list[Sequence[Cell]]:
        """The rows, for a page."""
        return list(self.table.rows)


TABLES: dict[str, Callable[[Counts], Table]] = {
    "course": counted.course,
    "rates": counted.rates,
    "calls": counted.calls,
    "languages": counted.languages,
    "devices": counted.devices,
    "topics": counted.topics,
    "categories": counted.categories,
    "hours": counted.hours,
    "call-hours": counted.call_hours,
    "call-topics": counted.call_topics,
    "situations": counted.situations,
    "doors": counted.doors,
    "pages": counted.pages,
    "figures": counted.figures,
    "day-hours": counted.day_hours,
}
"""Every table of counts that can be taken away, by the name of its file."""


def panels(counts: Counts) -> list[Panel]:
    """The page of trends, in order."""
    return [
        _over_time("course", counts),
        _over_time("rates", counts, "%"),
        _over_time("calls", counts, last=3),
        _hours("hours", counts, "questions_by_hour"),
        _hours("call-hours", counts, "calls_by_hour"),
        _by_name("topics", counts),
        _by_name("categories", counts),
        _by_name("languages", counts, value=2),
        _by_name("devices", counts),
        _by_name("call-topics", counts),
        _by_name("situations", counts),
        _by_name("pages", counts, most=12),
    ]


def _over_time(id_: str, counts: Counts, unit: str = "件", last: int | None = None) -> Panel:
    """Every column of the table as a line; `last`: columns after it are only in the table, as is the second."""
    table = TABLES[id_](counts)
    rows = list(table.rows)
    chosen = range(1, len(table.columns)) if last is None else range(2, last + 1)
    series = {_plain(table.columns[n].title): [_number(row[n]) for row in rows] for n in chosen}
    return Panel(id_, Markup(charts.lines(counts.labels, series, table.title, unit)), table)


def _by_name(id_: str, counts: Counts, value: int = 1, most: int = 100) -> Panel:
    """One bar a row of the table."""
    table = TABLES[id_](counts)
    rows = list(table.rows)[:most]
    series = {_plain(table.columns[value].title): [_number(row[value]) for row in rows]}
    chart = charts.bars([str(row[0]) for row in rows], series, table.title)
    return Panel(id_, Markup(chart), table)


def _hours(id_: str, counts: Counts, name: str) -> Panel:
    table = TABLES[id_](counts)
    hours = [str(int(hour)) for hour in counted.HOURS]
    chart = charts.heat(list(japanese.WEEKDAYS), hours, counts.by_weekday_and_hour(name), table.title)
    return Panel(id_, Markup(chart), table, wide=True)


def _plain(title: str) -> str:
    return title.removesuffix("（%）")


def _number(cell: Cell) -> float | None:
    return cell if isinstance(cell, int | float) else None
