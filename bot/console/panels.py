"""What pages are made of: tiles with a figure, panels with a chart and its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from bot.analytics.figures import FIGURES
from bot.analytics.figures import figure as defined
from bot.analytics.names import HOURS
from bot.analytics.period import WEEKDAYS
from bot.analytics.summary import Summary
from bot.console import japanese
from bot.console.counts import TABLES, Counts
from bot.console.tables import Cell, Table
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
    value, was = figure.value(now), figure.value(before)
    note = f"{title or '前'} {japanese.figure(was, figure.unit)}"
    note += "" if title else f"（{japanese.change(value, was, figure.unit)}）"
    return Tile(figure.title, japanese.figure(value, figure.unit), figure.formula, note)


@dataclass(frozen=True)
class FigureRow:
    """A figure with that of the period before, both as written."""

    title: str
    value: str
    before: str
    change: str
    formula: str
    source: str


def all_figures(now: Summary, before: Summary) -> dict[str, list[FigureRow]]:
    """Group (チャット, 電話) → its figures."""
    groups: dict[str, list[FigureRow]] = {}
    for each in FIGURES:
        value, was = each.value(now), each.value(before)
        written, earlier = japanese.figure(value, each.unit), japanese.figure(was, each.unit)
        difference = japanese.change(value, was, each.unit)
        row = FigureRow(each.title, written, earlier, difference, each.formula, each.source)
        groups.setdefault(each.group, []).append(row)
    return groups


@dataclass(frozen=True)
class Panel:
    """A chart with the numbers it is drawn from. `id` names the download of the same table."""

    id: str
    chart: Markup
    table: Table
    wide: bool = False


def panel(id_: str, counts: Counts) -> Panel:
    """The chart of a table of counts. Raises KeyError for one that is not `DRAWN`."""
    table = TABLES[id_](counts)
    return Panel(id_, Markup(DRAWN[id_](counts, table)), table, wide=id_ in _WIDE)


def panels(counts: Counts) -> list[Panel]:
    """The page of trends, in order."""
    return [panel(id_, counts) for id_ in DRAWN]


def _lines(counts: Counts, table: Table, unit: str = "件", last: int = 0) -> str:
    """Every column as a line; `last`: the columns after it, and the sum in the first, are only in the table."""
    rows = list(table.rows)
    chosen = range(2, last + 1) if last else range(1, len(table.columns))
    series = {_plain(table.columns[n].title): [_number(row[n]) for row in rows] for n in chosen}
    return charts.lines(counts.labels, series, table.title, unit)


def _bars(_: Counts, table: Table, value: int = 1, most: int = 15) -> str:
    """One bar a row, the topmost rows."""
    rows = list(table.rows)[:most]
    series = {table.columns[value].title: [_number(row[value]) for row in rows]}
    return charts.bars([str(row[0]) for row in rows], series, table.title)


def _heat(counts: Counts, table: Table, name: str) -> str:
    hours = [str(int(hour)) for hour in HOURS]
    return charts.heat(list(WEEKDAYS), hours, counts.by_weekday_and_hour(name), table.title)


DRAWN: Mapping[str, Callable[[Counts, Table], str]] = {
    "questions": _lines,
    "rates": partial(_lines, unit="%"),
    "hours": partial(_heat, name="questions_by_hour"),
    "topics": _bars,
    "categories": _bars,
    "languages": partial(_bars, value=2),
    "devices": _bars,
    "pages": _bars,
    "calls": partial(_lines, last=3),
    "call-hours": partial(_heat, name="calls_by_hour"),
    "call-topics": _bars,
    "situations": _bars,
}
"""How each table that is drawn is drawn."""
_WIDE = frozenset({"hours", "call-hours"})


def _plain(title: str) -> str:
    return title.removesuffix("（%）")


def _number(cell: Cell) -> float | None:
    return cell if isinstance(cell, int | float) else None
