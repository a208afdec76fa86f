"""The PDF for the meeting: fonts inside, tagged, marked on every page; no sign is lost without a word."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from happenings import at
from reported import filled, made, october, text_of

from bot.knowledge.models import Knowledge
from bot.report import pdf
from bot.report.model import Report
from bot.report.pdf import printable, signs


@pytest.mark.parametrize(
    ("text", "lang", "shown"),
    [
        ("自動車税はいつまで", "ja", "自動車税はいつまで"),
        ("😀車の税はいつまで", "ja", "〓車の税はいつまで"),
        ("😀😀😀車", "ja", "（紙に出せない文字の文です。Excel か HTML を見てください）"),
        ("髙橋の車、﨑、①㈱", "ja", "髙橋の車、﨑、①㈱"),
        ("자동차세는 언제까지인가요", "ko", "（韓国語の文です。Excel か HTML を見てください）"),
        ("자동차세는 언제까지인가요", "ja", "（韓国語の文です。Excel か HTML を見てください）"),
        ("Thuế xe ô tô nộp ở đâu?", "vi", "（ベトナム語の文です。Excel か HTML を見てください）"),
        ("车辆税怎么缴纳", "zh-Hans", "（中国語（簡体字）の文です。Excel か HTML を見てください）"),
        ("¿Dónde pago? Até quando?", "es", "¿Dónde pago? Até quando?"),
        ("制\x00御\u202e文\u200b字", "ja", "制御文字"),
        ("か\u3099くせい", "ja", "がくせい"),
        ("長" * 1000, "ja", "長" * 299 + "…"),
    ],
)
def test_words_that_the_font_cannot_show_are_told(text: str, lang: str, shown: str) -> None:
    assert printable(text, lang) == shown
    assert {ord(sign) for sign in printable(text, lang)} <= signs()


def test_the_font_shows_what_the_templates_say() -> None:
    for letter in "〓（）「」、。…–—〜％・ぁんァヶ々亜腕ABCxyz0123456789":
        assert ord(letter) in signs(), letter


@pytest.fixture(scope="module")
def paper(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PDF of the small October."""
    file = tmp_path_factory.mktemp("paper") / "report.pdf"
    pdf.write(report, file)
    return file


def about(file: Path) -> dict[str, str]:
    """What pdfinfo tells."""
    done = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True)
    return {key: value.strip() for key, _, value in (line.partition(":") for line in done.stdout.splitlines())}


@pytest.mark.slow
def test_it_is_tagged_a4_with_page_numbers_and_embedded_fonts(paper: Path) -> None:
    told = about(paper)
    assert told["Title"] == "2026年10月 FAQチャットボット・自動音声案内 利用状況（月次）"
    assert (told["Tagged"], told["Page size"]) == ("yes", "595.276 x 841.89 pts (A4)")
    assert f"1/{told['Pages']}" in text_of(paper)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in paper.read_bytes()
    fonts = subprocess.run(["pdffonts", str(paper)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(re.search(r"BIZUDPGothic-(Regular|Bold) .* yes yes yes ", line) for line in fonts)


@pytest.mark.slow
def test_words_of_residents_are_words(paper: Path) -> None:
    words = text_of(paper)
    assert "=cmd|'/Ccalc'!A0" in words
    assert '#setpage(fill:red)#image("x")$x$*太字*\\`code`' in words
    assert "〓車の税" in words
    assert "「〓」は、紙に出せない文字です。" in words
    assert "（韓国語の文です。" in words


@pytest.mark.slow
def test_no_page_is_nearly_empty(paper: Path, tmp_path: Path) -> None:
    """Looked at as pictures: every page but the last has ink below its head."""
    subprocess.run(["pdftoppm", "-r", "20", "-gray", str(paper), str(tmp_path / "p")], check=True, capture_output=True)
    pages = sorted(tmp_path.glob("p-*.pgm"))
    assert len(pages) == int(about(paper)["Pages"])
    for picture in pages[:-1]:
        kind, size, _, pixels = picture.read_bytes().split(b"\n", 3)
        wide, high = map(int, size.split())
        assert kind == b"P5"
        middle = pixels[wide * high // 4 : wide * high * 9 // 10]
        assert sum(each < 200 for each in middle) / len(middle) > 0.02, picture.name


@pytest.mark.slow
def test_every_page_is_marked_while_the_month_goes_on(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = filled(tmp_path / "m.sqlite", october(), synthetic=True)
    pdf.write(made(engine, knowledge, now=at("2026-10-21T12:30")), tmp_path / "half.pdf")
    engine.dispose()
    pages = int(about(tmp_path / "half.pdf")["Pages"])
    assert (
        text_of(tmp_path / "half.pdf").count("【合成データ（架空の利用）】【途中集計（10月21日12:30まで）】") == pages
    )


@pytest.mark.slow
def test_the_same_report_gives_the_same_bytes(report: Report, paper: Path, tmp_path: Path) -> None:
    pdf.write(report, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == paper.read_bytes()
