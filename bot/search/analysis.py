"""Turn text into features: content words, character n-grams and n-grams of the reading.

Sudachi split mode A with normalised forms, a part-of-speech filter and the dictionary's synonym groups at weight .4
measured best (retrieval.md 3.1); n-grams carry typing errors and kana-only questions (3.6).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Protocol

from sudachipy import Dictionary, SplitMode, Tokenizer

from bot.knowledge.models import Vocabulary
from bot.search.text import fold_kana, normalise

PIECE = 10_000  # letters; Sudachi refuses more than 49,149 bytes at once
SYNONYM_WEIGHT = 0.4
MAX_SYNONYM_GROUPS = 2  # a word in more groups is too vague to expand

_CONTENT = {"名詞", "動詞", "形容詞", "形状詞", "副詞", "接頭辞", "接尾辞", "代名詞", "感動詞", "連体詞"}
_STOP = frozenset((
    "為る", "居る", "有る", "成る", "言う", "事", "物", "よう", "様", "其の", "此の", "其れ", "此れ", "下さる",
    "です", "ます", "教える", "御", "貰う", "頂く", "思う", "訳", "いい", "良い", "為", "所", "さん", "方",
    "出来る", "私",
))  # fmt: skip
_MARKS = {"補助記号", "空白", "記号"}
_SINGLE_HIRAGANA = frozenset(chr(code) for code in range(0x3041, 0x30A0))
_HIRAGANA = re.compile(r"^[ぁ-ゟ]+$")
_GAP = re.compile(r"[\s\W_]+")


@dataclass(frozen=True)
class Analysis:
    """Features of one normalised text: content words with weights, n-grams of its letters and of its reading."""

    text: str
    words: Mapping[str, float]
    grams: frozenset[str]
    reading_grams: frozenset[str]


class Analyzer(Protocol):
    """Makes features of texts in one language. Thread-safe."""

    def __call__(self, text: str) -> Analysis:
        """Analyse a text of any length."""
        ...

    def words(self, text: str) -> Analysis:
        """Words only: enough for an answer."""
        ...

    def terms(self, plain: str) -> list[str]:
        """Canonical terms, each as `=term`, of the domain synonyms that occur in a normalised text."""
        ...


class JapaneseAnalyzer:
    """Thread-safe: a Sudachi tokenizer must not be shared between threads (retrieval.md 5)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._fillers = vocabulary.fillers
        self._terms = {normalise(said): f"={normalise(term)}" for said, term in vocabulary.synonyms.items()}
        longest_first = sorted(self._terms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
        self._is_content = _dictionary().pos_matcher(lambda part: part[0] in _CONTENT)
        self._is_mark = _dictionary().pos_matcher(lambda part: part[0] in _MARKS)
        self._local = threading.local()

    def __call__(self, text: str) -> Analysis:
        """Analyse a text of any length."""
        plain = normalise(text, self._fillers)
        words, kana = self._read(plain)
        return Analysis(plain, words, _grams(fold_kana(plain), (1, 2, 3)), _grams(kana, (2, 3)))

    def words(self, text: str) -> Analysis:
        """Content words only: enough for an answer, and a third of the work."""
        plain = normalise(text)
        return Analysis(plain, self._read(plain)[0], frozenset(), frozenset())

    def _read(self, plain: str) -> tuple[dict[str, float], str]:
        """Content words of a normalised text with their weights, and its reading in hiragana."""
        words: dict[str, float] = {}
        reading: list[str] = []
        pieces = [plain[start : start + PIECE] for start in range(0, len(plain), PIECE)]
        for morpheme in chain.from_iterable(self._tokenizer().tokenize(piece, SplitMode.A) for piece in pieces):
            reading.append(" " if self._is_mark(morpheme) else morpheme.reading_form())
            if not self._is_content(morpheme):
                continue
            word = morpheme.normalized_form()
            if word in _STOP or (len(word) == 1 and _HIRAGANA.match(word)):
                continue
            words[word] = words.get(word, 0.0) + 1.0
            groups = morpheme.synonym_group_ids()
            if 0 < len(groups) <= MAX_SYNONYM_GROUPS:
                words.update((f"~{group}", SYNONYM_WEIGHT) for group in groups)
        words.update((term, 1.0) for term in self.terms(plain))
        return words, fold_kana("".join(reading))

    def terms(self, plain: str) -> list[str]:
        """Canonical terms, each as `=term`, of the domain synonyms that occur in a normalised text."""
        return [self._terms[m] for m in dict.fromkeys(self._pattern.findall(plain))] if self._pattern else []

    def _tokenizer(self) -> Tokenizer:
        if not hasattr(self._local, "tokenizer"):
            self._local.tokenizer = _dictionary().tokenizer()
        tokenizer: Tokenizer = self._local.tokenizer
        return tokenizer


@lru_cache(maxsize=1)
def _dictionary() -> Dictionary:
    return Dictionary(dict="small")  # as good as "core" here at 46 MB less memory, 83 MB less disk (decision 0004)


def _grams(text: str, sizes: tuple[int, ...]) -> frozenset[str]:
    grams: set[str] = set()
    for part in _GAP.split(text):
        for size in sizes:
            grams.update([part[start : start + size] for start in range(len(part) - size + 1)])
    return frozenset(grams - _SINGLE_HIRAGANA)
