"""The table of readings, `ivr_flows/pronunciation.yaml`: how words are said that the engine gets wrong.

A line is also a person's word that the reading is right, so that `check` need not ask again. Open JTalk alone reads
納期限 as 「オサメキゲン」 and spells eLTAX (measured); every such word needs a line.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from bot.knowledge.findings import Finding, finding
from bot.knowledge.models import Strict, Words
from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import Document, read

FILE = Path("ivr_flows/pronunciation.yaml")
MAX_WORD = 40  # a longer "word" is a sentence: it should be reworded

_KATAKANA = re.compile(r"[ァ-ヴー]+")
_MORA = re.compile(r"[ァ-ヴー][ァィゥェォャュョヮ]?")
_LATIN_OR_KATAKANA = re.compile(r"[A-Za-zＡ-Ｚａ-ｚァ-ヴ]")
_LONG = re.compile(
    r"(?<=[オコソトノホモヨロゴゾドボポョ])ウ|(?<=[エケセテネヘメレゲゼデベペェ])イ|(?<=[ウクスツヌフムユルグズヅブプュ])ウ"
)


class Line(Strict):
    """One word: `reading` in katakana as it is written in a dictionary (ノウキゲン), `accent`: the mora after which the
    pitch falls, 0 for none (平板)."""

    word: Annotated[Words, StringConstraints(max_length=MAX_WORD)]
    reading: Words
    accent: str = "0"
    note: str = ""

    @property
    def surface(self) -> str:
        """The word as Open JTalk meets it: full-width."""
        return _surface(self.word)

    @property
    def said(self) -> str:
        """The reading as it is said: ノウキゲン → ノーキゲン. Words with Latin or katakana keep theirs: PayPay is
        ペイペイ, not ペーペー."""
        if _LATIN_OR_KATAKANA.search(self.surface):
            return self.reading
        return _LONG.sub("ー", self.reading)

    @property
    def morae(self) -> int:
        """How many morae the reading has; ャュョ and small vowels belong to the kana before them."""
        return len(_MORA.findall(self.reading))


class Pronunciation(Strict):
    """The whole table; dumps to JSON and back, to be published with the flows it belongs to."""

    lines: tuple[Line, ...] = ()

    def covering(self, words: str) -> tuple[Line, ...]:
        """The lines whose word occurs in `words` (full-width, as `segments` makes them), in the order of the table."""
        return tuple(line for line in self.lines if line.surface in words)


@lru_cache(maxsize=4096)  # asked for every segment of every call
def _surface(word: str) -> str:
    return wide(unicodedata.normalize("NFKC", word))


def wide(text: str) -> str:
    """ASCII in its full-width form, which is the one that Open JTalk's dictionary knows."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def load_pronunciation(root: Path) -> tuple[Pronunciation | None, list[Finding]]:
    """Read the table below the content root. No file is an empty table; a table with an error is None and says why."""
    if not (root / FILE).exists():
        return Pronunciation(), []
    document, findings = read(root / FILE, root)
    if document is None or findings:
        return None, findings
    if document.data == "":
        return Pronunciation(), []
    if not isinstance(document.data, list):
        return None, [finding("FAQ008", document.path, 1, key=document.path, expected="「- 」で始まる一覧")]
    lines: list[Line] = []
    for place, data in enumerate(document.data):
        line, wrong = validate(Line, data, document, place)
        findings += wrong or _wrong(line, lines, document, place)
        lines += [line] if line else []
    return (None, findings) if findings else (Pronunciation(lines=tuple(lines)), [])


def _wrong(line: Line | None, before: list[Line], document: Document, place: int) -> list[Finding]:
    if line is None:
        return []
    at = document.line(place)
    if not _KATAKANA.fullmatch(line.reading) or not line.morae:
        return [finding("IVR050", document.path, at, word=line.word, reading=line.reading)]
    if not line.accent.isdecimal() or int(line.accent) > line.morae:
        return [finding("IVR051", document.path, at, word=line.word, accent=line.accent, morae=line.morae)]
    if "," in line.word or any(sign.isspace() for sign in line.word):
        return [finding("IVR052", document.path, at, word=line.word)]
    if any(line.surface == other.surface for other in before):
        return [finding("IVR053", document.path, at, word=line.word)]
    return []
