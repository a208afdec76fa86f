"""Written Japanese turned into words that Open JTalk reads as an announcer would: marks, times, dates, rates.

Only what the engine is known to get wrong is touched (measured): 「#」「*」「〜」「:」「/」 are silent, 年14.6% is read
トシ…, ASCII is not in its dictionary. Single words belong into the table of readings, not here.
"""

from __future__ import annotations

import re
import unicodedata

from voice.speech.pronunciation import wide

KEY_NAMES = {"#": "シャープ", "*": "こめじるし"}
"""How the two keys without a digit are called."""

HYPHEN = "‐"  # U+2010, the one that Open JTalk takes for the hyphen of a telephone number: digits, pause, digits

_DASH = r"[-‐‑‒–—−ー]"
PHONE = re.compile(rf"(?<![\d０-９])[0０][\d０-９]{{1,4}}{_DASH}[\d０-９]{{1,4}}{_DASH}[\d０-９]{{3,4}}(?![\d０-９])")
"""A telephone number, in ASCII or full-width digits."""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\s+(?=[、。！？])", ""),
        (r"(?<=年)\s+(?=\d+(?:\.\d+)?(?:%|パーセント))", ""),
        (r"(?<![\d一-鿿])年(?=\d+(?:\.\d+)?(?:%|パーセント))", "ネン"),
        (r"(?<![\d:])([01]?\d|2[0-4]):00(?![\d:])", r"\1時"),
        (r"(?<![\d:])([01]?\d|2[0-4]):0?([1-5]?\d)(?![\d:])", r"\1時\2分"),
        (r"(?<![\d/-])(\d{4})[/-](1[0-2]|0?[1-9])[/-](3[01]|[12]\d|0?[1-9])(?![\d/-])", r"\1年\2月\3日"),
        (r"(?<![\d/.])(1[0-2]|[1-9])/(3[01]|[12]\d|[1-9])(?![\d/])", r"\1月\2日"),
        (r"(?<=[年月])0(?=\d)", ""),
        (r"(?<=[いるたなの])方(?=です|でし|だ)", "かた"),  # 「お急ぎの方です」: ホー with any table
        (r"¥\s*(\d[\d,]*)", r"\1円"),
        (r"(?<=[\d%円日月年時分])\s*[~〜]\s*(?=\S)", "から"),
        (r"(?<=\d)\s+(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+(?=\d)", ""),
        (r"(?<=[^\x00-\x7f、。！？])\s+(?=[ぁ-ん])", ""),  # 「自動車税 で検索」
        (r"(?<=[^\x00-\x7f、。！？])\s+(?=[^\x00-\x7f])", "、"),  # 「埼玉県 自動車税」
        (r"(?<!\d),|,(?!\d)", "、"),
        (r"(?<=[^\x00-\x7f])\.(?!\d)", "。"),
    )
)
_BRACKETS = re.compile(r"(?<!\d)(0\d{1,4})\((\d{1,4})\)(\d{3,4})(?!\d)")  # 048(824)2111
_LINE_END = re.compile(r"\s*\n\s*")  # a sentence wrapped in the YAML
_SPACE = re.compile(r"\s+")
_SAYABLE = re.compile(r"[ぁ-んァ-ヴ一-鿿㐀-䶿々〇A-Za-zＡ-Ｚａ-ｚ0-9０-９]")
_SILENT = {"So", "Sk", "Cs", "Co", "Cn", "Cc", "Cf", "Mn", "Me"}  # emoji, variation selectors, control characters


def sayable(text: str) -> bool:
    """Whether there is anything in `text` that a voice can say, in any language."""
    return bool(_SAYABLE.search(text)) or any(unicodedata.category(sign).startswith("L") for sign in text)


def bare(text: str) -> str:
    """`text` composed (NFKC) and without emoji, control characters and doubled spaces; marks of vowels stay."""
    composed = unicodedata.normalize("NFKC", text)
    kept = (sign if unicodedata.category(sign) not in _SILENT else " " for sign in composed)
    return _SPACE.sub(" ", "".join(kept)).strip()


def dropped(text: str) -> str:
    """The signs of `text` that nobody will hear anything of, because `bare` takes them out."""
    composed = unicodedata.normalize("NFKC", text)
    return "".join(s for s in composed if unicodedata.category(s) in _SILENT and not s.isspace() and s != "\ufe0f")


def aloud(text: str) -> str:
    """Japanese `text` as the engine shall read it, full-width, sentences still in one piece."""
    words = _BRACKETS.sub(r"\1-\2-\3", bare(_LINE_END.sub("", text)))
    words = PHONE.sub(lambda number: re.sub(_DASH, HYPHEN, number[0]), words)
    for pattern, replacement in _RULES:
        words = pattern.sub(replacement, words)
    for key, name in KEY_NAMES.items():
        words = words.replace(key, name)
    return wide(words)
