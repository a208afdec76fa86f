"""Words whose reading a person should look at before they are published. Few and useful: what the engine reads reliably
is not asked, and a line in the table of readings answers a doubt for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.knowledge.findings import Finding, finding
from voice.speech.aloud import HYPHEN, PHONE, dropped, sayable
from voice.speech.japanese import Japanese, Word
from voice.speech.segments import TextTooLong, sentences

LATIN = "英字です"
UNKNOWN = "辞書にない言葉です"
SEVERAL = "読み方がいくつもあります"
DIGITS = "数字の読み方が決まりません"
SILENT = "声になりません"

_NOUNS = frozenset("上下中表角金空床家縁他何行市町外側末生辺")
"""Kanji with several readings when they stand alone. 人, 前, 後, 時, 間, 方 are left out: the engine (方 with our line)
reads all places of the shipped content rightly."""
_VERBS = frozenset({"行く", "行う", "開く", "入る", "空く", "被る", "退く", "通る", "汚れる", "臭う", "捻る"})
"""Verbs that share a spelling: 行って is いって and おこなって. Only the spellings in _SHARED are asked."""
_SHARED = re.compile(r"行っ|開[いくけか]|入[るれ]|空[いくけ]|被[るっ]|退[くい]|捻")
_LATIN = re.compile(r"[Ａ-Ｚａ-ｚ]+")
_WRITTEN = re.compile(r"[ァ-ヴーぁ-ん]+")  # read as it stands, whether the engine knows it or not
_ODD_DIGITS = re.compile(
    r"(?<![０-９．，])(?:０[０-９]+|[０-９]{5,}(?![０-９円]))"  # 0570 alone; 12345 without a unit
    rf"|[０-９]+[－{HYPHEN}／][０-９]+"  # 12-34 that is no telephone number
)
_MARKS = frozenset(f"、。，．！？・：；「」『』（）％＆＋ー〜…　{HYPHEN}")


@dataclass(frozen=True)
class Doubt:
    """`word` is read `reading` (katakana, "" if not at all); `why` completes 「人が確かめていません（…）」."""

    word: str
    reading: str
    why: str


def suspicious(text: str, engine: Japanese) -> list[Doubt]:
    """Doubts about Japanese `text`, each once, in the order they are said. Raises TextTooLong."""
    found = [doubt for segment in sentences(text) for doubt in _doubts(segment.words, engine)]
    return list(dict.fromkeys([*found, *(Doubt(sign, "", SILENT) for sign in dropped(text))]))


def check_speech(spoken: Iterable[tuple[str, str, str, int]], engine: Japanese) -> list[Finding]:
    """Findings about (text, lang, path, line): what can't be said, and what a person should listen to, each word once
    in a file."""
    findings: dict[tuple[str, str], Finding] = {}
    for text, lang, path, line in spoken:
        try:
            if not sentences(text, lang):
                findings[path, text] = finding("IVR062", path, line, why="読める文字がありません")
                continue
            doubts = suspicious(text, engine) if lang == "ja" else []
        except TextTooLong as error:
            findings[path, text] = finding("IVR062", path, line, why=str(error).rstrip("。"))
            continue
        for doubt in doubts:
            findings.setdefault((path, doubt.word), _finding(doubt, path, line))
    return list(findings.values())


def _finding(doubt: Doubt, path: str, line: int) -> Finding:
    if doubt.why == SILENT:
        return finding("IVR061", path, line, sign=doubt.word)
    return finding("IVR060", path, line, word=doubt.word, reading=doubt.reading, why=doubt.why)


def _doubts(words: str, engine: Japanese) -> Iterator[Doubt]:
    confirmed = {morph.surface for morph in engine.morphs(words) if morph.confirmed}
    for morph in engine.morphs(words):
        if morph.confirmed:
            continue
        if latin := _LATIN.search(morph.surface):
            yield Doubt(latin[0], engine.kana(morph.surface), LATIN)
        elif not morph.known and sayable(morph.surface) and not _WRITTEN.fullmatch(morph.surface):
            yield Doubt(morph.surface, engine.kana(morph.surface), UNKNOWN)
    said = engine.words(words)
    for word, after in zip(said, [*said[1:], None], strict=True):
        if word.surface not in confirmed and _several(word, after):
            yield Doubt(word.surface, word.said, SEVERAL)
    for digits in _ODD_DIGITS.findall(PHONE.sub("", words)):
        if not any(digits in surface for surface in confirmed):
            yield Doubt(digits, engine.kana(digits), DIGITS)
    for sign in words:
        if not (sayable(sign) or sign in _MARKS or sign in confirmed):
            yield Doubt(sign, "", SILENT)


def _several(word: Word, after: Word | None) -> bool:
    if word.part == "名詞" and word.group == "一般" and word.surface in _NOUNS:
        return not (word.surface == "下" and after is not None and after.group == "数")  # 下4桁: the engine knows
    return word.part == "動詞" and word.base in _VERBS and bool(_SHARED.match(word.surface))
