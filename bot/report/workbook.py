"""The report as an Excel workbook: one sheet a section, native charts, ready to print on A4.

What residents wrote is always text: nothing in it can become a formula. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

from bot.report.model import Report
from bot.report.sheet import SheetWriter


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
