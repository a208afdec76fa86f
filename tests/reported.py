"""A small October with an evil question, its report, and how its files are read again."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from pathlib import Path

import sqlalchemy as sa
from happenings import MONTH, H, at, keep
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.analytics.archive import Archive
from bot.analytics.period import Period
from bot.database.opening import open_database, prepare
from bot.dialogue.events import Event
from bot.knowledge.models import Knowledge
from bot.report.contents import collect
from bot.report.model import Report

OCTOBER = Period.read_month("2026-10")
LATER = at("2026-11-20T12:00")
SHEETS = ["概要", "チャット", "日別", "時間帯と曜日", "日別×時間帯（質問）", "日別×時間帯（電話）", "対応分類", "話題",
          "FAQ", "言語と端末", "電話", "電話の内訳", "未回答", "内容の変更", "数字の決まり"]  # fmt: skip
EVIL = {
    "=cmd|' /C calc'!A0": "ja", "+81納税": "ja", "-2+3還付": "ja", "@SUM(A1)": "ja", "\t=1+2": "ja", "\r=1+3": "ja",
    "=HYPERLINK(\"http://example.com\",\"税\")": "ja", "制御\x00\x07文字\x1b\x0b": "ja", "長" * 2_000: "ja",
    "<script>alert(1)</script>&amp;": "ja", "#set page(fill: red) #image(\"x\") $x$ *太字* \\ `code`": "ja",
    "😀車の税": "ja", "自동차세는 언제까지인가요": "ko", "Thuế xe ô tô nộp ở đâu?": "vi", "车辆税怎么缴纳": "zh-Hans",
    "सवारी कर कहाँ तिर्ने": "ne", "where is the tax office": "en", "改\n行": "ja", "\ufffe\uffff字": "ja",
}  # fmt: skip


def unanswered(text: str, time: str = "2026-10-20T10:00", lang: str = "ja") -> Event:
    """A question without an answer."""
    facts = {"text": text, "kind": "fallback", "reply": "fallback", "lang": lang, "why": "not_sure", "matches": []}
    return Event(H.QUESTION_ASKED, at(time), "evil", facts)


def filled(file: Path, events: list[Event], synthetic: bool = False) -> sa.Engine:
    """A database with these events."""
    engine = open_database(f"sqlite:///{file}")
    prepare(engine)
    keep(engine, events, synthetic)
    return engine


def october() -> list[Event]:
    """The month counted by hand, and every evil question."""
    return [*MONTH, *(unanswered(text, lang=lang) for text, lang in EVIL.items())]


def made(engine: sa.Engine, knowledge: Knowledge, period: Period = OCTOBER, now: dt.datetime = LATER) -> Report:
    """The report of a period as of a moment."""
    return collect(Archive(engine, lambda: now), period, knowledge, now)


def rows(sheet: Worksheet, first: str) -> dict[str, tuple[object, ...]]:
    """The rows of the table whose first heading is `first`: name → the other cells."""
    found: dict[str, tuple[object, ...]] = {}
    inside = False
    for name, *others in sheet.iter_rows(values_only=True):
        if inside and name is None:
            break
        if inside:
            found[str(name)] = tuple(others)
        inside = inside or name == first
    return found


def sheets(file: Path) -> dict[str, Worksheet]:
    """The sheets of a workbook, opened again."""
    return {sheet.title: sheet for sheet in load_workbook(file).worksheets}


def text_of(pdf: Path) -> str:
    """The words of a PDF, without spaces and line breaks."""
    done = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"\s", "", done.stdout)
