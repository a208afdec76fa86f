"""Take personal data out of residents' words before anything is stored. Better one mark too many than a name kept."""

from __future__ import annotations

import re
import unicodedata

# What people type between digits; NFKC leaves all of these as they are.
_DASH = "[-‐‑‒–—―−─━ー〜~]"
_GAP = rf"(?:{_DASH}|\s)?"
_JOIN = rf"(?:{_DASH}|[\s.()の・/]){{0,2}}"
_KANA = "[一-龥々ぁ-んァ-ヶー]"
_NUMERAL = "[0-9一二三四五六七八九十百]+"
_PLATE_KANA = "[あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわをABEHKMTY]"
_DATE = r"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\s?\d{1,2}|\d{4})[年/.-]\d{1,2}[月/.-]\d{1,2}日?"

LONGEST = 2000  # letters; a message has 500

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("〔メール〕", re.compile(
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+\s?(?:@|\(at\)|\[at\]|アットマーク|あっとまーく)\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.I
    )),
    ("〔生年月日〕", re.compile(rf"{_DATE}(?=\s?に?生)|(?:(?<=生年月日は)|(?<=生年月日:)|(?<=生年月日))\s?{_DATE}")),
    ("〔カード番号〕", re.compile(
        rf"(?<!\d)(?:\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{1,4}}|\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}})(?!\d)"
    )),
    ("〔マイナンバー〕", re.compile(rf"(?<!\d)\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)")),
    # Nine to eleven digits from a 0; without it after +81; any number after another country's code.
    ("〔電話番号〕", re.compile(
        rf"(?<![\d.,])(?=(?:\D{{0,2}}\d){{9}})(?:\+?81(?:{_JOIN}0)?{_JOIN}|\(?0)\d{{1,4}}{_JOIN}\d{{1,4}}{_JOIN}\d{{3,4}}(?!\d)"
        rf"|\+\d(?:{_JOIN}\d){{7,14}}|(?<!\d)\d{{2,3}}{_DASH}\d{{3,4}}{_DASH}\d{{4}}(?!\d)"
    )),
    ("〔車台番号〕", re.compile(
        rf"(?<![A-Za-z0-9])(?:[A-Z][A-Z0-9]{{1,9}}{_DASH}\d{{5,7}}(?!\d)|(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{{17}}(?![A-Z0-9]))",
        re.I,
    )),
    ("〔ナンバー〕", re.compile(
        rf"[一-龥ぁ-ん]{{1,4}}\s?\d[0-9A-Z]{{1,2}}\s?{_PLATE_KANA}\s?(?:\d{{1,2}}{_DASH}\d{{2}}|[・.…\s]{{0,4}}\d{{1,4}})"
        rf"(?![\d年月日円台%])|(?:(?<=ナンバーは)|(?<=ナンバー))\s?\d{{1,2}}{_DASH}?\d{{2}}(?![\d年円])"
    )),
    ("〔郵便番号〕", re.compile(rf"〒\s*\d{{3}}{_GAP}\d{{4}}|(?<!\d)\d{{3}}{_DASH}\d{{4}}(?!\d)")),
    ("〔住所〕", re.compile(
        rf"{_KANA}{{1,8}}[市区町村郡]{_KANA}{{1,14}}\s?(?:\d+(?:{_DASH}\d+)+|{_NUMERAL}丁目(?:{_NUMERAL}(?:番地?|{_DASH})?)*号?"
        rf"|\d+番(?:地|\d+号?))(?:(?:{_DASH}|の)\d+)*(?:\s?\d+号室?)?"
        rf"|[一-龥々]{{2,8}}(?<!令和)(?<!平成)(?<!昭和)\d{{1,3}}(?:{_DASH}\d{{1,4}}){{2}}(?!\d)"
    )),
    ("〔番号〕", re.compile(rf"(?<![\d,])\d{{7,}}(?![\d円])|[〇零一二三四五六七八九](?:{_JOIN}[〇零一二三四五六七八九]){{6,}}")),
    ("〔氏名〕", re.compile(
        rf"(?:(?<=名前は)|(?<=氏名は))(?:{_KANA}|\s){{2,12}}?(?=です|といい|と申)"
        rf"|(?:(?<=名前:)|(?<=氏名:))\s?(?:{_KANA}|[A-Za-z\s]){{2,20}}"
        rf"|(?:[一-龥々]{{1,4}}\s?[一-龥々ぁ-ん]{{1,4}}|[ァ-ヶー]{{2,10}}\s?[ァ-ヶー]{{0,10}}|(?<![A-Za-z])[A-Za-z]+(?:\s[A-Za-z]+)?)(?=と申し|ともうし|といいます)"
        r"|(?<=my name is )[a-z'-]+(?: [a-z'-]+){0,2}", re.I
    )),
)  # fmt: skip


def mask(text: str) -> str:
    """The text with e-mail addresses, dates of birth, card, My Number, telephone, chassis, plate, postal and other long
    numbers, addresses and names after set phrases replaced by a mark. Width is folded first (NFKC), which may make a
    text longer; what is then over `LONGEST` is dropped, so that no text can keep the patterns busy."""
    text = unicodedata.normalize("NFKC", text)[:LONGEST]
    for mark, pattern in _PATTERNS:
        text = pattern.sub(mark, text)
    return text
