"""Which signs the fonts of the report can show, read from their table `cmap`; other words are replaced by a note."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

from bot.analytics.names import LANGUAGES, name_of

FONTS = Path(__file__).parent / "fonts"
MISSING = "〓"  # printers' sign for a letter that is not in the case
NOTE_FROM = 0.2  # with so many signs missing, the words are not worth reading

_SCRIPTS = {"HANGUL": "韓国語", "CJK": "中国語など", "CYRILLIC": "ロシア語など", "ARABIC": "アラビア語など",
            "THAI": "タイ語", "DEVANAGARI": "ネパール語など", "SINHALA": "シンハラ語", "BENGALI": "ベンガル語",
            "MYANMAR": "ミャンマー語", "KHMER": "クメール語", "LAO": "ラオス語", "TAMIL": "タミル語"}  # fmt: skip
"""First word of the Unicode name of a sign → what to call its language."""


def printable(text: str, lang: str = "ja") -> str:
    """The text as the fonts can show it. Signs that are missing become 〓 in Japanese; where many are, or in another
    language, a note stands for the text."""
    text = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    missing = [c for c in text if ord(c) not in signs()]
    if not missing:
        return text
    if not lang.startswith("ja") and any(unicodedata.category(c)[0] in "LM" for c in missing):
        return _note(name_of(LANGUAGES, lang))
    if len(missing) > max(2, NOTE_FROM * len(text)):
        return _note(_SCRIPTS.get(unicodedata.name(missing[0], "").split(" ")[0], "紙に出せない文字"))
    return "".join(MISSING if c in missing else c for c in text)


def _note(language: str) -> str:
    return f"（{language}の文です。Excel か HTML を見てください）"


@cache
def signs() -> frozenset[int]:
    """Code points that both fonts can show."""
    return frozenset.intersection(*(frozenset(_cmap(file.read_bytes())) for file in sorted(FONTS.glob("*.ttf"))))


def _cmap(font: bytes) -> set[int]:
    """Code points of a TrueType font: its subtables of the formats 4 and 12 (OpenType, `cmap`)."""
    start = next(
        offset
        for tag, _, offset, _ in struct.iter_unpack(">4sIII", font[12 : 12 + 16 * struct.unpack_from(">H", font, 4)[0]])
        if tag == b"cmap"
    )
    found = set[int]()
    for number in range(struct.unpack_from(">H", font, start + 2)[0]):
        platform, kind, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * number)
        if (platform, kind) in {(0, 3), (0, 4), (3, 1), (3, 10)}:
            found |= _subtable(font, start + offset)
    return found


def _subtable(font: bytes, at: int) -> set[int]:
    form = struct.unpack_from(">H", font, at)[0]
    found = set[int]()
    if form == 12:
        for group in range(struct.unpack_from(">I", font, at + 12)[0]):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
            found |= set(range(first, last + 1))
    elif form == 4:
        segments = struct.unpack_from(">H", font, at + 6)[0] // 2
        ends = struct.unpack_from(f">{segments}H", font, at + 14)
        starts, deltas, ranges = (
            struct.unpack_from(f">{segments}H", font, at + 16 + 2 * segments * n) for n in (1, 2, 3)
        )
        for n in range(segments):
            for code in range(starts[n], min(ends[n], 0xFFFE) + 1):
                if _glyph(font, at + 16 + 6 * segments + 2 * n, code, (starts[n], deltas[n], ranges[n])):
                    found.add(code)
    return found


def _glyph(font: bytes, place: int, code: int, segment: tuple[int, int, int]) -> int:
    start, delta, offset = segment
    if offset == 0:
        return (code + delta) & 0xFFFF
    glyph: int = struct.unpack_from(">H", font, place + offset + 2 * (code - start))[0]
    return (glyph + delta) & 0xFFFF if glyph else 0
