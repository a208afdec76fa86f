"""What sheets are filled with: numbers with their formats, text that stays text, and charts of Excel itself."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Literal

from openpyxl.cell.cell import Cell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import TextAxis
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

from bot.report.model import DASH, Amount, Chart, Quote
from bot.report.model import Cell as Value
from bot.report.svg import COLOURS, UNREADABLE, width_of

MAX_CELL = 32_767  # signs; Excel's limit
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is a formula, or a command, to a spreadsheet (OWASP: CSV injection)."""
FORMATS = {"%": "0.0%", "秒": "#,##0.0", "時間": "[h]:mm:ss", "ポイント": '0.0"ポイント"'}

WIDTH_CM, HEIGHT_CM = 16.0, 7.0
ROW_CM = 0.54  # height of an empty row
LETTER_CM = 0.19  # of the width of columns
LABELS = 40.0  # full-width signs under an axis
LONG = 8.0  # labels wider than so many full-width signs make lying bars

SYMBOLS: tuple[Literal["circle", "square", "triangle", "diamond"], ...] = ("circle", "square", "triangle", "diamond")


def put(sheet: Worksheet, at: tuple[int, int], value: Value) -> Cell:
    """Set a value at row and column; text is text, whatever it begins with."""
    cell = sheet.cell(*at)
    assert isinstance(cell, Cell)  # nothing is merged
    if isinstance(value, Amount) and value.value is not None:
        number, own = value.value, FORMATS.get(value.unit, "#,##0")
        number = number * 100 if value.unit == "ポイント" else number / 86_400 if value.unit == "時間" else number
        cell.value = round(number, 0 if own == "#,##0" else 1) + 0 if value.signed else number  # no -0.0
        cell.number_format = f"+{own};-{own};{own}" if value.signed else own
        return cell
    put_text(cell, DASH if isinstance(value, Amount) else value.text if isinstance(value, Quote) else value)
    return cell


def put_text(cell: Cell, text: str) -> None:
    """Text stays text: openpyxl, and Excel once the cell is edited, would take what begins with = for a formula."""
    kept = plain(text)
    cell.value = kept
    cell.data_type = "s"
    if kept.startswith(FORMULA):
        cell.quotePrefix = True


def plain(text: str, most: int = MAX_CELL) -> str:
    """What a cell can hold of a text."""
    kept = UNREADABLE.sub("", text)
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def lines(text: str, letters: float) -> int:
    """How many lines a text takes in a column of so many half-width letters."""
    return sum(1 + max(0, _letters(line) - 1) // max(1, int(letters)) for line in text.splitlines() or [""])


def _letters(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


@dataclass(frozen=True)
class Place:
    """Where a table stands: the row of its heads and its last row before the total."""

    sheet: Worksheet
    header: int
    last: int


def chart_width() -> float:
    """In half-width letters of columns."""
    return WIDTH_CM / LETTER_CM


def chart_rows(chart: Chart) -> int:
    """How many rows it covers."""
    return math.ceil(_height(chart) / ROW_CM) + 1


def _lying(chart: Chart) -> bool:
    return chart.kind == "bars" and any(width_of(label, 1.0) > LONG for label in chart.labels)


def _height(chart: Chart) -> float:
    """In cm: a lying chart has room for every label."""
    return (
        max(HEIGHT_CM, 2.2 + len(chart.labels) * max(0.55, 0.28 * len(chart.columns))) if _lying(chart) else HEIGHT_CM
    )


def add_chart(sheet: Worksheet, chart: Chart, place: Place, anchor: str) -> None:
    """Draw a chart over the cells of its table."""
    drawn: LineChart | BarChart = LineChart() if chart.kind == "lines" else BarChart()
    if isinstance(drawn, BarChart):
        drawn.type = "bar" if _lying(chart) else "col"
        drawn.gapWidth = 60
    drawn.title = _title(chart.title)
    drawn.width, drawn.height = WIDTH_CM, _height(chart)  # type: ignore[assignment]  # the stubs say int
    for number, column in enumerate(chart.columns):
        values = Reference(place.sheet, min_col=column + 1, min_row=place.header, max_row=place.last)
        drawn.add_data(values, titles_from_data=True)
        _look(drawn.series[number], number, chart.kind)
    if isinstance(drawn.x_axis, TextAxis):
        _labels(drawn.x_axis, chart)
    drawn.set_categories(Reference(place.sheet, min_col=1, min_row=place.header + 1, max_row=place.last))
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.number_format = "0%" if chart.unit == "%" else "#,##0"
    drawn.y_axis.scaling.min = 0
    if chart.unit == "%":
        drawn.y_axis.scaling.max = 1
    if _lying(chart):
        drawn.x_axis.scaling.orientation = "maxMin"
        drawn.y_axis.crosses = "max"
    if len(chart.columns) == 1:
        drawn.legend = None
    elif drawn.legend is not None:
        drawn.legend.position = "b"
    sheet.add_chart(drawn, anchor)


def _look(series: Series, number: int, kind: str) -> None:
    """Colour, and a pattern or marker and dash besides."""
    colour = COLOURS[number % len(COLOURS)].removeprefix("#")
    if kind == "lines":
        series.graphicalProperties = GraphicalProperties()
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.width = 22_000
        series.graphicalProperties.line.dashStyle = ("solid", "dash", "sysDot", "dashDot")[number % 4]
        series.marker = Marker(symbol=SYMBOLS[number % 4], size=5, spPr=GraphicalProperties(solidFill=colour))
        series.smooth = False
    elif number == 0:
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
    else:
        pattern = PatternFillProperties(prst="dkHorz")
        pattern.fgClr, pattern.bgClr = _rgb(colour), _rgb("FFFFFF")
        series.graphicalProperties = GraphicalProperties(pattFill=pattern)
        series.graphicalProperties.line.solidFill = colour


def _rgb(colour: str) -> ColorChoice:
    choice = ColorChoice()
    choice.RGB = colour
    return choice


def _title(words: str) -> Title:
    looks = CharacterProperties(sz=1200, b=True)
    run = RegularTextRun(rPr=looks, t=words)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=looks), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _labels(axis: TextAxis, chart: Chart) -> None:
    """Level and small, and so many that they do not touch."""
    letters = sum(width_of(label, 1.0) for label in chart.labels)
    axis.tickLblSkip = 1 if _lying(chart) else max(1, math.ceil(letters / LABELS))
    small = CharacterProperties(sz=800)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)
    axis.txPr = RichText(bodyPr=RichTextProperties(rot=0), p=[paragraph])
