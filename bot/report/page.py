"""The report as one HTML file for the screen: nothing is fetched, everything is escaped."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.report.drawing import HEAT
from bot.report.model import Report
from bot.report.shown import shown

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def write(report: Report, file: Path) -> None:
    """Write the page. Raises OSError."""
    values = shown(report, lambda text, _: _UNREADABLE.sub("", text), on_paper=False)
    for section in values["sections"]:
        for part in section["parts"]:
            if part["kind"] == "chart":
                part["svg"] = Markup(part["svg"])  # charts.py escapes every word
    file.write_text(_templates.get_template("report.html").render(values, heat=HEAT), encoding="utf-8", newline="\n")
