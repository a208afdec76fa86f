"""The report as a PDF for the meeting: A4, fonts embedded, tagged (PDF/UA-1), set by typst (the extra `report`).

Words reach typst as data only, never as its source.
"""

from __future__ import annotations

import json
from pathlib import Path

from bot.report.drawing import HEAT
from bot.report.glyphs import FONTS, printable
from bot.report.model import Report, ReportError
from bot.report.shown import shown

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
MISSING = "PDF を作る部品（typst）がありません。「pip install -e '.[report]'」で入れてください。"


class PaperMissing(ReportError):
    """typst is not installed."""


def write(report: Report, file: Path) -> None:
    """Write the PDF. Raises PaperMissing or OSError."""
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise PaperMissing(MISSING) from None
    values = shown(report, printable, on_paper=True) | {"heat": HEAT}
    pdf = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"report": json.dumps(values, ensure_ascii=False)},
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]),
        pdf_standards=["ua-1"],
    )  # fmt: skip
    file.write_bytes(pdf)
