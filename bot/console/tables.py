"""Tables that staff take away: as CSV for any program and as an Excel workbook. What residents typed stays text."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet as Sheet

from bot.report.excel_parts import FORMULA, MAX_CELL, plain, put_text

Cell = str | int | float | None
WIDEST = 60
CSV_TYPE = "text/csv; charset=utf-8"
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """`share`: values 0–1 that are written as per cent."""

    title: str
    share: bool = False
    width: int = 14


@dataclass(frozen=True)
class Table:
    """`title` names the sheet and the file; `notes` stand above the head in the workbook, below the rows in the CSV;
    `explains` says how things are counted: (what, how)."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]
    notes: tuple[str, ...] = ()
    explains: tuple[tuple[str, str], ...] = ()


def columns(*titles: str) -> tuple[Column, ...]:
    """Plain columns; a title that ends in （%） holds shares."""
    return tuple(Column(title, share=title.endswith("（%）")) for title in titles)


def safe(text: str) -> str:
    """What a spreadsheet shows as it stands: never a formula, no sign it can't hold."""
    kept = plain(text, MAX_CELL - 1)
    return f"'{kept}" if kept.lstrip(" ").startswith(FORMULA) else kept


def as_csv(table: Table) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, for Excel; line by line, however many there are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    yield "\ufeff".encode()
    for row in _rows(table):
        writer.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _rows(table: Table) -> Iterator[list[str]]:
    yield [column.title for column in table.columns]
    for row in table.rows:
        yield [_written(cell, column) for cell, column in zip(row, table.columns, strict=True)]
    for note in table.notes:
        yield [safe(note)]


def _written(cell: Cell, column: Column) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe(cell)
    return f"{cell * 100:.2f}" if column.share else f"{cell:.10g}"


def as_workbook(tables: Sequence[Table], made: dt.datetime) -> bytes:
    """One sheet a table, its head fixed, and a last sheet that says how things are counted."""
    book = Workbook(write_only=True)
    book.properties.creator = "madoguchi"
    book.properties.created = book.properties.modified = made.astimezone(dt.UTC).replace(tzinfo=None)
    for table in (*tables, *_meanings(tables)):
        sheet = book.create_sheet(_sheet_name(table.title))
        for place, column in enumerate(table.columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, column.width)
        sheet.freeze_panes = f"A{len(table.notes) + 2}"
        for note in table.notes:
            sheet.append([_text(sheet, note)])
        sheet.append([_head(sheet, column.title) for column in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, cell, column) for cell, column in zip(row, table.columns, strict=True)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _meanings(tables: Sequence[Table]) -> list[Table]:
    rows = [(table.title, what, how) for table in tables for what, how in table.explains]
    head = (Column("表", width=22), Column("数字", width=26), Column("求め方", width=WIDEST))
    return [Table("数字の意味", head, rows)] if rows else []


def _sheet_name(title: str) -> str:
    return "".join(sign for sign in title if sign not in r"[]:*?/\'")[:31]


def _head(sheet: Sheet, title: str) -> ExcelCell:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0017C1")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(sheet: Sheet, value: Cell, column: Column) -> ExcelCell | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = "0.0%" if column.share else "#,##0" if isinstance(value, int) else "#,##0.0"
    return cell


def _text(sheet: Sheet, text: str) -> ExcelCell:
    cell = WriteOnlyCell(sheet)
    put_text(cell, text)
    cell.alignment = Alignment(vertical="top")
    return cell
