"""Which residents' words may be written into the content: none that could be about a person, none that are crude, none
that a file would take for something else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import jaconv
from sudachipy import Dictionary, SplitMode, Tokenizer

from bot.analytics.masking import mask
from bot.knowledge.lint import same
from bot.search.lexical import Floats
from bot.search.text import has_words

LONGEST, SHORTEST = 80, 4  # letters of a phrasing; a longer one tells a story, and whose it is
LONGEST_OF_ONE = 45  # letters of what a single person wrote
WORDY = 400  # letters at which a phrasing would be worth nothing
TOO_ALIKE = 0.9  # likeness from which a second phrasing adds nothing
TOO_FAR = 0.35  # likeness to the middle below which a question is a stray
_MARK = re.compile("[〔〕［］【】]")  # what masking leaves, in any brackets
_CRUDE = re.compile(
    "死ね|殺す|殺し|馬鹿|バカ|ばか(?!り)|アホ|あほ|クソ|くそ|糞|ふざけ|泥棒|ドロボー|どろぼう|詐欺師|無能|クズ|ゴミ|うざ|"
    "キモ|きも[いっ]|ぼったくり|金返せ"
)
_MARKUP = re.compile(r"[\[\]{}<>|`\\=@#*_~^$\x00-\x1f\x7f]|https?:|^[-+'\"!&%?:,>]")
_FIGURES = re.compile(r"\d{3,}(?!\d|円|cc|㏄)|\d+[-の]\d+", re.I)
_PERSON = re.compile(
    r"(?:(?<![模同仕多異])様|さん|氏|君|ちゃん)(?:$|[はがのをにへとで、。\s])|と申し|といいます|名前|住所は|生まれ|会社です|生年月日"
)


def may_be_written(text: str, askers: int, lang: str = "ja") -> bool:
    """Whether a question can go into `nlu_data/` and `tests/questions/` as it is."""
    longest = LONGEST if askers > 1 else LONGEST_OF_ONE
    if lang not in ("ja", "zh-Hans", "ko"):
        longest *= 2  # letters say less there
    if not SHORTEST <= len(text) <= longest or not has_words(text):
        return False
    plain = unicodedata.normalize("NFKC", text)  # as `mask` leaves what needs no mask
    if mask(text) != plain or any(pattern.search(plain) for pattern in (_CRUDE, _MARK, _MARKUP, _FIGURES)):
        return False
    return lang != "ja" or not names_somebody(text)


def is_crude(text: str) -> bool:
    """Whether a text is abuse or holds some: nothing is made of it."""
    return _CRUDE.search(text) is not None


def names_somebody(text: str) -> bool:
    """Whether a Japanese text holds a person's name, by the dictionary or by what stands around it."""
    if _PERSON.search(text):
        return True
    return any("人名" in morpheme.part_of_speech() for morpheme in _tokenizer().tokenize(text, SplitMode.C))


def in_latin(word: str) -> str:
    """A Japanese word in Latin letters, for a name that editors can read."""
    kana = "".join(morpheme.reading_form() for morpheme in _tokenizer().tokenize(word, SplitMode.C))
    return str(jaconv.kana2alphabet(jaconv.kata2hira(kana)))


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="small").tokenizer()


def chosen_phrasings(
    texts: Sequence[str], weights: Floats, alike: Floats, allowed: Sequence[bool], most: int
) -> list[int]:
    """Places of up to `most` texts that together stand for as many askers as can be, none like another: each next one
    adds most to what is near (facility location)."""
    chosen: list[int] = []
    covered = 0.0 * weights
    while len(chosen) < most:
        best, most_gained = -1, 0.0
        for i, may in enumerate(allowed):
            if not may or any(alike[i, j] >= TOO_ALIKE or same(texts[i]) == same(texts[j]) for j in chosen):
                continue
            gained = float((weights * (alike[i].clip(min=0) - covered).clip(min=0)).sum())
            gained *= 1 - len(texts[i]) / WORDY  # of two that stand for as many, the shorter
            if gained > most_gained:
                best, most_gained = i, gained
        if best < 0 or (chosen and most_gained < 0.05 * float(weights.sum())):
            break
        chosen.append(best)
        covered = covered.clip(min=alike[best])
    return chosen
