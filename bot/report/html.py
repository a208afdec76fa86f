"""The report as one HTML file for the screen: nothing is fetched, everything is escaped.

The report as plain values for a template (`values`) is used by the PDF too: both show the same words and pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.report import charts
from bot.report.model import Amount, Cell, Chart, Quote, Report, Row, Table
from bot.report.svg import HEAT, UNREADABLE, shade

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


Words = Callable[[str, str], str]
"""(text, language) → what can be shown of it."""


def write(report: Report, file: Path) -> None:
    """Write the page. Raises OSError."""
    data = values(report, lambda text, _: UNREADABLE.sub("", text), on_paper=False)
    for section in data["sections"]:
        for part in section["parts"]:
            if part["kind"] == "chart":
                part["svg"] = Markup(part["svg"])  # charts.py escapes every word
    file.write_text(_templates.get_template("report.html").render(data, heat=HEAT), encoding="utf-8", newline="\n")


def values(report: Report, words: Words, on_paper: bool) -> dict[str, Any]:
    """All of a report, for a template; on paper only the first rows of long tables."""
    return {
        "title": report.title, "period": report.period, "due": report.due, "head": report.running_head,
        "marks": list(report.marks), "highlights": [words(said, "ja") for said in report.highlights],
        "sections": [
            {
                "name": section.name, "anchor": f"part-{number}", "intro": list(section.intro),
                "parts": [
                    _table(part, words, on_paper) if isinstance(part, Table) else _chart(part)
                    for part in section.parts
                    if isinstance(part, Table) or not part.empty
                ],
            }
            for number, section in enumerate(report.sections, 1)
        ],
    }  # fmt: skip


def _chart(chart: Chart) -> dict[str, Any]:
    draw = charts.lines if chart.kind == "lines" else charts.bars
    return {
        "kind": "chart", "title": chart.title, "svg": draw(chart.labels, chart.series, chart.title, chart.unit),
        "alt": charts.in_words(chart.labels, chart.series, chart.unit),
    }  # fmt: skip


def _table(table: Table, words: Words, on_paper: bool) -> dict[str, Any]:
    rows = table.rows[: table.on_paper] if on_paper else table.rows
    greatest = _greatest(rows) if table.shaded else 0.0
    made = [_row(row, words, table.shaded, greatest) for row in rows]
    notes = [table.note] if table.note else []
    if len(rows) < len(table.rows):
        notes.append(f"上から{len(rows)}行です。ほかの{len(table.rows) - len(rows):,}行は、Excel か HTML にあります。")
    if on_paper and any("〓" in cell["text"] for row in made for cell in row):
        notes.append("「〓」は、紙に出せない文字です。")
    return {
        "kind": "table", "title": table.title, "note": "".join(notes), "shaded": table.shaded,
        "columns": [{"title": column.title, "width": column.width} for column in table.columns], "rows": made,
        "total": _row(table.total, words, table.shaded, 0) if table.total and table.rows else [],
    }  # fmt: skip


def _greatest(rows: Sequence[Row]) -> float:
    """Of the numbers between the name and the sum of a row."""
    return max((cell.value or 0 for row in rows for cell in row[1:-1] if isinstance(cell, Amount)), default=0)


def _row(row: Row, words: Words, dense: bool, greatest: float) -> list[dict[str, Any]]:
    last = len(row) - 1
    return [_cell(cell, words, dense, greatest if 0 < n < last else 0) for n, cell in enumerate(row)]


def _cell(cell: Cell, words: Words, dense: bool, greatest: float) -> dict[str, Any]:
    if isinstance(cell, Amount):
        text = str(cell).replace(",", "") if dense else str(cell)
        return {"text": text, "number": True, "lang": "", "level": shade(cell.value or 0, greatest) if greatest else 0}
    lang = cell.lang if isinstance(cell, Quote) else ""
    return {"text": words(str(cell), lang or "ja"), "number": False, "lang": lang, "level": 0}
