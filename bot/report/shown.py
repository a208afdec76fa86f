"""A report as plain values, for the templates of the page and of the paper. Both show the same words and pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.report import charts
from bot.report.drawing import shade
from bot.report.model import Amount, Cell, Chart, Quote, Report, Row, Table

Words = Callable[[str, str], str]
"""(text, language) → what can be shown of it."""


def shown(report: Report, words: Words, on_paper: bool) -> dict[str, Any]:
    """All of it; on paper long tables end with how many rows are left out."""
    return {
        "title": report.title, "period": report.period, "due": report.due, "head": report.running_head,
        "marks": list(report.marks), "highlights": [words(said, "ja") for said in report.highlights],
        "sections": [
            {
                "name": section.name, "anchor": f"part-{number}", "intro": list(section.intro),
                "parts": [
                    _table(part, words, on_paper) if isinstance(part, Table) else _chart(part)
                    for part in section.parts
                    if isinstance(part, Table) or part.table.rows
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
    numbers = (
        [cell.value or 0 for row in rows for cell in row[1:-1] if isinstance(cell, Amount)] if table.shaded else []
    )
    greatest = max(numbers, default=0)

    def cells(row: Row, shaded: bool) -> list[dict[str, Any]]:
        last = len(row) - 1
        return [
            _cell(cell, words, greatest if shaded and 0 < n < last else 0, table.shaded) for n, cell in enumerate(row)
        ]

    return {
        "kind": "table", "title": table.title, "note": table.note, "shaded": table.shaded,
        "columns": [{"title": column.title, "width": column.width} for column in table.columns],
        "rows": [cells(row, table.shaded) for row in rows],
        "total": cells(table.total, False) if table.total and table.rows else [],
        "left_out": len(table.rows) - len(rows),
    }  # fmt: skip


def _cell(cell: Cell, words: Words, greatest: float, dense: bool) -> dict[str, Any]:
    if isinstance(cell, Amount):
        text = str(cell).replace(",", "") if dense else str(cell)
        return {"text": text, "number": True, "lang": "", "level": shade(cell.value or 0, greatest) if greatest else 0}
    lang = cell.lang if isinstance(cell, Quote) else ""
    return {"text": words(str(cell), lang or "ja"), "number": False, "lang": lang, "level": 0}
