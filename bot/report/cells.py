"""Values in the cells of Excel: numbers with their formats, and text that stays text."""

from __future__ import annotations

import unicodedata

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.worksheet.worksheet import Worksheet

from bot.report.model import DASH, Amount, Quote
from bot.report.model import Cell as Value

MAX_CELL = 32_767  # Excel's limit
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORMATS = {"%": "0.0%", "秒": "#,##0.0", "時間": "[h]:mm:ss", "ポイント": '0.0"ポイント"'}


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
    text = plain(DASH if isinstance(value, Amount) else value.text if isinstance(value, Quote) else value)
    cell.value = text
    cell.data_type = "s"
    if text.startswith(FORMULA):
        cell.quotePrefix = True
    return cell


def plain(text: str) -> str:
    """What a cell can hold of a text."""
    kept: str = ILLEGAL_CHARACTERS_RE.sub("", text)
    return kept if len(kept) <= MAX_CELL else kept[: MAX_CELL - 1] + "…"


def lines(text: str, letters: float) -> int:
    """How many lines a text takes in a column of so many half-width letters."""
    return sum(1 + max(0, _letters(line) - 1) // max(1, int(letters)) for line in text.splitlines() or [""])


def _letters(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)
