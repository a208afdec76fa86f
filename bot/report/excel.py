"""The report as an Excel workbook: one sheet a section, native charts, ready to print on A4 (landscape).

What residents wrote is always text: nothing in it can become a formula. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bot.report.excel_parts import Place, add_chart, chart_rows, chart_width, lines, put
from bot.report.model import Amount, Chart, Report, Row, Section, Table

FONT = "BIZ UDPGothic"
LINE = 13.5  # points of a line of text
ONE_PAGE = 45  # rows; a sheet with more goes over several pages
USUAL_WIDTH = 8.43  # of a column, in half-width letters

_BODY, _BOLD, _TITLE = (
    Font(name=FONT, size=10),
    Font(name=FONT, size=10, bold=True),
    Font(name=FONT, size=14, bold=True),
)
_HEAD, _MARK = Font(name=FONT, size=12, bold=True), Font(name=FONT, size=12, bold=True, color="CE0000")
_EDGE = Side(style="thin", color="999999")
_BOX = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_SHADE = PatternFill("solid", start_color="E8F1FE")
_WRAP = Alignment(wrap_text=True, vertical="top")
_MIDDLE = Alignment(wrap_text=True, vertical="center", horizontal="center")
_RIGHT = Alignment(horizontal="right", vertical="top")


def write(report: Report, file: Path) -> None:
    """Write the workbook. Raises OSError."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "madoguchi", f"{report.title} {report.period}"
    book.properties.language = "ja"
    sheets = [SheetWriter(book.create_sheet(section.name), report, section) for section in report.sections]
    places = {id(table): place for sheet in sheets for table, place in sheet.tables}
    for sheet in sheets:
        sheet.draw(places)
    buffer = io.BytesIO()
    book.save(buffer)
    file.write_bytes(_same_each_time(buffer.getvalue(), report))


def _same_each_time(saved: bytes, report: Report) -> bytes:
    """The workbook without the time of writing, in its properties and in the archive."""
    stamp = f"{report.created.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(), body)
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return written.getvalue()


class SheetWriter:
    """Writes a section into a sheet. `tables` tells where each table stands; `draw` adds the charts, once those of all
    sheets are known."""

    def __init__(self, sheet: Worksheet, report: Report, section: Section) -> None:
        self.sheet, self.row = sheet, 1
        self.tables: list[tuple[Table, Place]] = []
        self._charts: list[tuple[Chart, str]] = []
        own = [part for part in section.parts if isinstance(part, Table)]
        self._width = self._columns(own)
        self._right = sum(self._width)  # how far the sheet reaches, in half-width letters
        self._line(f"{section.name}　{report.title}", _TITLE)
        self._line(report.period, _HEAD)
        for mark in report.marks:
            self._line(f"【{mark}】", _MARK)
        top = self.row
        if section is report.sections[0]:
            self._opening(report)
        for sentence in section.intro:
            self._line(sentence, _BODY)
        self._parts(section)
        self._freeze(top, len(own) == 1)
        pictures = any(isinstance(part, Chart) or part.shaded for part in section.parts)
        self._print(report, pictures or self.row <= ONE_PAGE)

    def draw(self, places: dict[int, Place]) -> None:
        """Add the charts."""
        for chart, anchor in self._charts:
            add_chart(self.sheet, chart, places[id(chart.table)], anchor)

    def _columns(self, tables: list[Table]) -> list[float]:
        widths: dict[int, float] = {}
        for table in tables:
            for number, column in enumerate(table.columns):
                widths[number] = max(widths.get(number, 0.0), float(column.width))
        for number, width in widths.items():
            self.sheet.column_dimensions[get_column_letter(number + 1)].width = width
        return [widths[number] for number in sorted(widths)]

    def _parts(self, section: Section) -> None:
        """Tables one below the other, each with its charts on its right."""
        began = self.row
        for part in section.parts:
            if isinstance(part, Table):
                self.row += 1
                began = self.row
                self._table(part)
            elif not part.empty:
                began = self._chart(part, began)

    def _chart(self, chart: Chart, row: int) -> int:
        """Leave room for a chart beside the table above; the row below it."""
        column = len(self.tables[-1][0].columns) + 2
        self._charts.append((chart, f"{get_column_letter(column)}{row}"))
        self._right = max(self._right, sum(self._width[: column - 2]) + USUAL_WIDTH + chart_width())
        self.row = max(self.row, row + chart_rows(chart))
        return row + chart_rows(chart)

    def _line(self, text: str, font: Font) -> None:
        cell = put(self.sheet, (self.row, 1), text)
        cell.font = font
        if font is _BODY:  # a sentence: wrapped over the width of the sheet
            last = max(1, len(self._width))
            self.sheet.merge_cells(start_row=self.row, start_column=1, end_row=self.row, end_column=last)
            cell.alignment = _WRAP
            self.sheet.row_dimensions[self.row].height = LINE * lines(text, sum(self._width) * 0.95) + 2
        else:
            self.sheet.row_dimensions[self.row].height = (font.size or 10) * 1.7
        self.row += 1

    def _opening(self, report: Report) -> None:
        self._line("応答業務報告書に添える資料です。", _BODY)
        self._line(report.due, _BODY)
        if report.highlights:
            self.row += 1
            self._line("読みどころ", _HEAD)
            for sentence in report.highlights:
                self._line(f"・{sentence}", _BODY)
            self.row += 1

    def _table(self, table: Table) -> None:
        self._line(table.title, _HEAD)
        if table.note:
            self._line(table.note, _BODY)
        header = self.row
        for number, column in enumerate(table.columns, 1):
            cell = put(self.sheet, (self.row, number), column.title)
            cell.font, cell.fill, cell.border, cell.alignment = _BOLD, _SHADE, _BOX, _MIDDLE
        self._end_row([column.title for column in table.columns])
        for cells in table.rows:
            self._cells(cells, _BODY)
        self.tables.append((table, Place(self.sheet, header, self.row - 1)))
        if not table.rows:
            self._line("ありません。", _BODY)
        elif table.total:
            self._cells(table.total, _BOLD)
        if table.shaded and table.rows:
            area = f"B{header + 1}:{get_column_letter(len(table.columns) - 1)}{header + len(table.rows)}"
            scale = ColorScaleRule(start_type="num", start_value=0, start_color="FFFFFF", end_type="max",
                                   end_color="7096F8")  # type: ignore[no-untyped-call]  # fmt: skip
            self.sheet.conditional_formatting.add(area, scale)

    def _cells(self, cells: Row, font: Font) -> None:
        for number, value in enumerate(cells, 1):
            cell = put(self.sheet, (self.row, number), value)
            cell.font, cell.border = font, _BOX
            cell.alignment = _RIGHT if isinstance(value, Amount) else _WRAP
        self._end_row(["" if isinstance(value, Amount) else str(value) for value in cells])

    def _end_row(self, texts: list[str]) -> None:
        """Set the height: Excel does not find it by itself in a file that it did not write."""
        most = max(lines(text, width - 1) for text, width in zip(texts, self._width, strict=False))
        self.sheet.row_dimensions[self.row].height = min(most * LINE + 2, 400)
        self.row += 1

    def _freeze(self, top: int, single: bool) -> None:
        """The heads of a single table stay in sight and are printed on each page; else the title of the sheet."""
        header = self.tables[0][1].header
        single = single and header <= 12
        self.sheet.freeze_panes = f"B{header + 1}" if single else f"A{top}"
        self.sheet.print_title_rows = f"{header}:{header}" if single else f"1:{top - 1}"

    def _print(self, report: Report, one_page: bool) -> None:
        """A4 landscape, as wide as the page; what holds pictures fits on one page, so that none is cut in two."""
        sheet, columns, room = self.sheet, len(self._width), sum(self._width)
        while room < self._right:
            room, columns = room + USUAL_WIDTH, columns + 1
        sheet.print_area = f"A1:{get_column_letter(columns)}{self.row}"
        sheet.page_setup.paperSize = int(sheet.PAPERSIZE_A4)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, int(one_page)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left = sheet.page_margins.right = 0.5
        header, footer = sheet.oddHeader, sheet.oddFooter
        assert header is not None
        assert footer is not None
        header.center.text = report.running_head.replace("&", "&&")[:240]
        footer.left.text = sheet.title
        footer.right.text = "&P / &N"
