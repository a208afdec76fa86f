"""Normalise what people type or say, so that width, case, spelling habits and hesitations don't matter. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import jaconv

MAX_LENGTH = 500
"""Characters a message may have (design.md 4.7)."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─━ｰ~〜～", "ー"))
_LONG = re.compile(r"ー{2,}")
_AFTER_NON_KANA = re.compile(r"(?<![ぁ-ヿ])ー|ー(?=[0-9])")
_LAUGH = re.compile(r"(?<![a-z])w+(?![a-z])|(?<=[ぁ-ヿ一-龥])草(?=$|[。!\s])|\(笑\)|笑(?=$|[。!])")
_REPEAT = re.compile(r"([!?。、.…・])\1+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_KATAKANA = str.maketrans({chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)})
_SMALL = str.maketrans("ぁぃぅぇぉゕゖ", "あいうえおかけ")
_WORD = re.compile(r"\w")
_JAPANESE = re.compile(r"[ぁ-ヿ㐀-鿿]")
_LATIN_WORD = re.compile(r"[a-zāīūēō'-]+")
_ROMAJI = re.compile(
    r"(?:(?:[kgsztdnhbpmyrwjf]|[kgnhbpmr]y|s[hy]|ch|ts|jy)?[aiueoāīūēō]|n(?![aiueoy])|'|-|([kstpcgdbzjf])(?=\1)|t(?=ch))+"
)
LEAST_ROMAJI = 6  # letters; 「no」 and 「ok」 are no Japanese


def normalise(text: str, fillers: Sequence[str] = ()) -> str:
    """Fold width (NFKC), case, dashes, repeated marks, laughter and spoken `fillers`; control characters go.

    `fillers` are removed where they stand at the start or after a pause, longest first.
    """
    text = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text)).lower().translate(_DASHES)
    text = _AFTER_NON_KANA.sub("-", _LONG.sub("ー", text))
    text = _REPEAT.sub(r"\1", _LAUGH.sub("", text))
    if fillers:
        without = _filler_pattern(tuple(fillers)).sub(r"\1", text)
        text = without if has_words(without) else text  # 「こんにちは」 alone is a message of its own
    return _SPACES.sub(" ", text).strip()


@lru_cache(maxsize=8)
def _filler_pattern(fillers: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(map(normalise, fillers), key=len, reverse=True))
    return re.compile(rf"(^|[、。,.!?…\s])(?:(?:{words})[、,…\sー]*)+")


def fold_kana(text: str) -> str:
    """Katakana and small vowels become plain hiragana; a long-vowel mark is dropped."""
    return text.translate(_KATAKANA).translate(_SMALL).replace("ー", "")


def is_kana(text: str) -> bool:
    """True if a text of at least four letters holds no kanji and hardly any Latin letter: typed or said in kana."""
    letters = [c for c in text if _WORD.match(c)]
    kana = sum("ぁ" <= c <= "ヿ" for c in letters)
    return len(letters) >= 4 and kana >= 0.85 * len(letters)


def has_words(text: str) -> bool:
    """False for emoji, punctuation and white space only."""
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def in_kana(text: str) -> str:
    """Japanese typed in Latin letters, as kana; any other text as it is. Spanish or Italian may look like it too:
    whether it makes sense is for the caller to judge."""
    plain = normalise(text)
    words = _LATIN_WORD.findall(plain)
    if _JAPANESE.search(plain) or sum(map(len, words)) < LEAST_ROMAJI or not all(map(_ROMAJI.fullmatch, words)):
        return text
    return str(jaconv.alphabet2kana(plain.replace("'", ""))).replace(" ", "")
