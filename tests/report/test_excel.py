"""The workbook, opened again: numbers, nothing that runs, ready to print, the same bytes each time."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from happenings import at
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.worksheet.worksheet import Worksheet
from reported import EVIL, LATER, OCTOBER, SHEETS, filled, made, rows, sheets, text_of

from bot.analytics.archive import Archive
from bot.analytics.figures import FIGURES
from bot.analytics.period import Period
from bot.knowledge.models import Knowledge
from bot.report import excel
from bot.report.excel_parts import MAX_CELL, put
from bot.report.model import Amount, Quote, Report
from bot.report.source import ALL_FIGURES


@pytest.fixture(scope="module")
def book(written: Path) -> dict[str, Worksheet]:
    """The sheets of the small October."""
    return sheets(written / "report.xlsx")


def test_sheets_have_japanese_names_in_order(book: dict[str, Worksheet]) -> None:
    assert list(book) == SHEETS


def test_the_figures_are_those_of_the_archive(book: dict[str, Worksheet], counted: sa.Engine) -> None:
    whole = Archive(counted, lambda: LATER).of(OCTOBER)
    for group, sheet in (("チャット", book["チャット"]), ("電話", book["電話"])):
        found = rows(sheet, "数字")
        for figure in FIGURES:
            if figure.group == group:
                value, (unit, cell, *_) = figure.value(whole), found[figure.title]
                assert unit == figure.unit
                assert cell == ("–" if value is None else pytest.approx(value)), figure.title


def test_tables_of_days_and_entries_are_those_of_the_archive(book: dict[str, Worksheet], counted: sa.Engine) -> None:
    archive = Archive(counted, lambda: LATER)
    daily = rows(book["日別"], "日")
    for day, summary in archive.days(OCTOBER).items():
        cells = daily[f"{day.month}/{day.day}"]
        assert cells[1:3] == (summary.total("conversations"), summary.total("questions"))
    shown = archive.of(OCTOBER).table("answers_by_entry")
    assert sum(int(str(cells[2])) for cells in rows(book["FAQ"], "FAQ").values()) == sum(shown.values())
    assert rows(book["未回答"], "質問（個人情報は隠しています）")["あれ"][0] == 2


def test_every_figure_is_explained(book: dict[str, Worksheet]) -> None:
    explained = rows(book["数字の決まり"], "数字")
    for figure in ALL_FIGURES:
        assert explained[figure.title][1] == figure.formula


def test_nothing_a_resident_wrote_can_run(book: dict[str, Worksheet], written: Path) -> None:
    cells = [cell for sheet in book.values() for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type in "fe" or cell.hyperlink]  # no formula, error, link
    with zipfile.ZipFile(written / "report.xlsx") as archive:
        assert not [name for name in archive.namelist() if "sheets/" in name and b"<f>" in archive.read(name)]
    said = {str(cell.value).strip(): cell for cell in cells}
    for text in EVIL:
        if text.strip()[0] in "=+-@":
            assert said[text.strip()].quotePrefix or text[0] in "\t\r", text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", "普通の文"])
def test_text_stays_text(text: str) -> None:
    cell = put(Workbook().worksheets[0], (1, 1), Quote(text))
    assert (cell.value, cell.data_type) == (text, "s")
    assert bool(cell.quotePrefix) == (text[0] in "=+-@\t\r\n")


def test_texts_that_excel_cannot_hold_are_cut_and_cleaned() -> None:
    sheet = Workbook().worksheets[0]
    long = str(put(sheet, (1, 1), "長" * 40_000).value)
    assert (len(long), long[-1]) == (MAX_CELL, "…")
    assert put(sheet, (2, 1), "制\x00御\x07文\x1b字\x0b\ufffe\uffff\ud800").value == "制御文字"


@pytest.mark.parametrize(
    ("amount", "value", "own", "shown"),
    [
        (Amount(1234), 1234, "#,##0", "1,234"),
        (Amount(0.5), 0.5, "#,##0", "0"),
        (Amount(0.256, "%"), 0.256, "0.0%", "25.6%"),
        (Amount(-0.05, "ポイント", signed=True), -5.0, '+0.0"ポイント";-0.0"ポイント";0.0"ポイント"', "-5.0ポイント"),
        (Amount(-0.0001, "ポイント", signed=True), 0, '+0.0"ポイント";-0.0"ポイント";0.0"ポイント"', "0.0ポイント"),
        (Amount(90_061, "時間"), 90_061 / 86_400, "[h]:mm:ss", "25:01:01"),
        (Amount(34.56, "秒"), 34.56, "#,##0.0", "34.6"),
        (Amount(None), "–", "General", "–"),
    ],
)
def test_numbers_have_the_format_of_their_unit(amount: Amount, value: object, own: str, shown: str) -> None:
    cell = put(Workbook().worksheets[0], (1, 1), amount)
    assert (cell.value, cell.number_format, str(amount)) == (value, own, shown)


def test_every_sheet_prints_on_a4_landscape_with_its_marks(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = filled(tmp_path / "m.sqlite", [])
    excel.write(made(engine, knowledge, now=at("2026-10-06T12:30")), tmp_path / "half.xlsx")
    engine.dispose()
    for name, sheet in sheets(tmp_path / "half.xlsx").items():
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape"), name
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.print_area
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.right.text == "&P / &N"
        assert "途中集計" in str(sheet.oddHeader and sheet.oddHeader.center.text)
        assert "【途中集計（10月6日 12:30 まで）】" in [cell.value for (cell,) in sheet["A1:A8"]]


def test_charts_are_those_of_excel_over_the_cells(book: dict[str, Worksheet]) -> None:
    charts = {name: sheet._charts for name, sheet in book.items() if sheet._charts}  # type: ignore[attr-defined]
    assert {"概要", "チャット", "日別", "時間帯と曜日", "対応分類", "話題", "電話"} == set(charts)
    (chart,) = charts["電話"]
    assert isinstance(chart, BarChart)
    assert chart.series[0].val.numRef.f == "'時間帯と曜日'!$D$7:$D$30"  # one row an hour


def test_the_same_report_gives_the_same_bytes(
    report: Report, counted: sa.Engine, knowledge: Knowledge, tmp_path: Path
) -> None:
    excel.write(report, tmp_path / "one.xlsx")
    excel.write(made(counted, knowledge, now=at("2027-01-05T03:00")), tmp_path / "later.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "later.xlsx").read_bytes()


def test_a_single_day_and_an_empty_month_open_too(counted: sa.Engine, knowledge: Knowledge, tmp_path: Path) -> None:
    for period in (Period.day(at("2026-10-05T00:00").date()), Period.read_month("2026-07")):
        file = tmp_path / f"{period.first}.xlsx"
        excel.write(made(counted, knowledge, period), file)
        left_out = (
            {"日別", "日別×時間帯（質問）", "日別×時間帯（電話）", "数字の決まり"}
            if period.first == period.last
            else ()
        )
        assert list(sheets(file)) == [name for name in SHEETS if name not in left_out]
        assert zipfile.ZipFile(file).testzip() is None


@pytest.mark.slow
def test_libreoffice_reads_it_and_prints_every_sheet(written: Path, tmp_path: Path) -> None:
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(tmp_path), str(written / "report.xlsx")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    words = text_of(tmp_path / "report.pdf")
    for name in SHEETS:
        assert f"{name}FAQチャットボット" in words.replace("　", ""), name
    assert "=cmd|'/Ccalc'!A0" in words
    for error in ("#REF!", "#NAME?", "#VALUE!", "Err:"):
        assert error not in words
