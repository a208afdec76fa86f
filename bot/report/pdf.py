"""The report as a PDF for the meeting: A4, fonts embedded, tagged (PDF/UA-1), set by typst (the extra `report`).

Words reach typst as data only, never as its source. Signs that the font does not have become 〓 or a note.
"""

from __future__ import annotations

import json
import struct
import unicodedata
from functools import cache
from pathlib import Path

from bot.analytics.names import LANGUAGES
from bot.report.html import values
from bot.report.model import Report, ReportError
from bot.report.svg import HEAT

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
FONTS = Path(__file__).parent / "fonts"
NOT_INSTALLED = "PDF を作る部品（typst）がありません。「pip install -e '.[report]'」で入れてください。"


class TypesetterMissing(ReportError):
    """typst is not installed."""


def write(report: Report, file: Path) -> None:
    """Write the PDF. Raises TypesetterMissing or OSError."""
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise TypesetterMissing(NOT_INSTALLED) from None
    data = values(report, printable, on_paper=True) | {"heat": HEAT}
    pdf = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"report": json.dumps(data, ensure_ascii=False)},
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS]),
        pdf_standards=["ua-1"],
    )  # fmt: skip
    file.write_bytes(pdf)


GETA = "〓"  # printers' sign for a letter that is not in the case
NOTE_FROM = 0.2  # with so many signs missing, the words are not worth reading
LONGEST = 300  # signs of a text on paper

SCRIPTS = {"HANGUL": "韓国語", "CJK": "中国語など", "CYRILLIC": "ロシア語など", "ARABIC": "アラビア語など",
           "THAI": "タイ語", "DEVANAGARI": "ネパール語など", "SINHALA": "シンハラ語", "BENGALI": "ベンガル語",
           "MYANMAR": "ミャンマー語", "KHMER": "クメール語", "LAO": "ラオス語", "TAMIL": "タミル語",
           "GREEK": "ギリシャ語", "HEBREW": "ヘブライ語"}  # fmt: skip
"""First word of the Unicode name of a sign → what to call its language."""


def printable(text: str, lang: str = "ja") -> str:
    """The text as the font can show it. Signs that are missing become 〓 in Japanese; where many are, or in another
    language, a note stands for the text. Of very long texts the beginning."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    missing = [c for c in text if ord(c) not in signs()]
    if not missing:
        return text
    letters = [c for c in missing if unicodedata.category(c)[0] in "LM"]
    if letters and not lang.startswith("ja"):
        return _note(LANGUAGES.get(lang) or _script(letters[0]))
    if len(missing) > max(2, NOTE_FROM * len(text)):
        return _note(_script(missing[0]))
    return "".join(GETA if c in missing else c for c in text)


def _script(sign: str) -> str:
    return SCRIPTS.get(unicodedata.name(sign, "").split(" ")[0], "紙に出せない文字")


def _note(language: str) -> str:
    return f"（{language}の文です。Excel か HTML を見てください）"


@cache
def signs() -> frozenset[int]:
    """Code points that the font can show, by its table `cmap` (OpenType; the subtable of the format 12 holds all)."""
    font = (FONTS / "BIZUDPGothic-Regular.ttf").read_bytes()
    tables = struct.iter_unpack(">4sIII", font[12 : 12 + 16 * struct.unpack_from(">H", font, 4)[0]])
    start = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", font, start + 2)[0]):
        at = start + struct.unpack_from(">I", font, start + 8 + 8 * number)[0]
        if struct.unpack_from(">H", font, at)[0] == 12:
            for group in range(struct.unpack_from(">I", font, at + 12)[0]):
                first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
                found |= set(range(first, last + 1))
    return frozenset(found)
