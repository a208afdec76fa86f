"""Features of questions in languages other than Japanese: the same kinds of features, made by simpler means.

Words are split at spaces and folded (no accents, no common particles); Han and Hangul give bigrams; "readings" are
n-grams that survive the usual slips: missing accents, jamo typed wrongly, traditional or Japanese forms of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.knowledge.chinese import simplify
from bot.knowledge.models import Knowledge, Vocabulary
from bot.search.analysis import Analysis, Analyzer, JapaneseAnalyzer
from bot.search.text import normalise

STEM, STEM_WEIGHT = 5, 0.5  # the first letters of a long word: endings of es, pt and en, compounds of ko
BIGRAM_WEIGHT = 0.7

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[㐀-鿿]+")
_HANGUL = re.compile(r"[가-힣]+")
_KANA = re.compile(r"[ぁ-ヿ]+")
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})(?:에서는|으로는|이라는|입니다|인데요|인가요|나요|까요|어요|아요|해요|에서|에게|으로|부터|까지|은|는|이|가|을|를|에|로|도|의|과|와|만|요)$"
)
_STOP = frozenset(
    """a an the i my me is are was do does did to of in on at for and or it this that be with you your can could would
    please el la los las un una de del en que y o mi se es lo por para con su al um uma os as e do da dos das no na meu
    minha eu em com toi va cua cho cai nay thi""".split()  # noqa: SIM905 - a list of words, as prose
)


def analyzer_of(knowledge: Knowledge) -> Analyzer:
    """What makes features of questions in the language of `knowledge`."""
    if knowledge.lang == "ja":
        return JapaneseAnalyzer(knowledge.vocabulary)
    return ForeignAnalyzer(knowledge.vocabulary)


class ForeignAnalyzer:
    """Thread-safe, and the same for every language: questions mix scripts freely."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._terms = {fold(said): f"={fold(term)}" for said, term in vocabulary.synonyms.items()}
        longest_first = sorted(self._terms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> Analysis:
        """Analyse a text of any length."""
        plain = normalise(text)
        folded = fold(plain)
        return Analysis(plain, self._words(folded), grams(folded, (2, 3, 4)), grams(jamo(folded), (3, 4)))

    def words(self, text: str) -> Analysis:
        """Words only: enough for an answer."""
        plain = normalise(text)
        return Analysis(plain, self._words(fold(plain)), frozenset(), frozenset())

    def terms(self, plain: str) -> list[str]:
        """Canonical terms, each as `=term`, of the synonyms that occur in a text."""
        if self._pattern is None:
            return []
        return [self._terms[m] for m in dict.fromkeys(self._pattern.findall(fold(plain)))]

    def _words(self, folded: str) -> dict[str, float]:
        words: dict[str, float] = {}
        for word, weight in _tokens(folded):
            words[word] = words.get(word, 0.0) + weight
        words.update((term, 1.0) for term in self.terms(folded))
        return words


def _tokens(folded: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(folded):
        if _HAN.search(word) or _KANA.search(word):
            yield from ((word[i : i + 2], 1.0) for i in range(max(1, len(word) - 1)))
        elif _HANGUL.search(word):
            stem = _PARTICLE.sub("", word)
            yield stem, 1.0
            yield from ((stem[i : i + 2], BIGRAM_WEIGHT) for i in range(len(stem) - 1) if len(stem) > 2)
        elif word not in _STOP:
            yield word, 1.0
            if len(word) > STEM:
                yield f"{word[:STEM]}~", STEM_WEIGHT


def fold(text: str) -> str:
    """Lower case, no accents, simplified characters: what people leave out or type otherwise."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return simplified(unicodedata.normalize("NFC", bare).replace("đ", "d").replace("ı", "i"))


def simplified(text: str) -> str:
    """Traditional and Japanese forms of characters as mainland China writes them."""
    return simplify(text) if _HAN.search(text) else text


def jamo(text: str) -> str:
    """Hangul as its letters, so that one wrong letter costs one letter; other scripts as they are."""
    return unicodedata.normalize("NFD", text) if _HANGUL.search(text) else text


def grams(text: str, sizes: tuple[int, ...]) -> frozenset[str]:
    """n-grams of the words of a text, with their borders."""
    found: set[str] = set()
    for word in re.split(r"[\s\W_]+", text):
        bordered = f" {word} " if word else ""
        for size in sizes:
            found.update(bordered[i : i + size] for i in range(len(bordered) - size + 1))
    return frozenset(gram.replace(" ", "_") for gram in found if gram.strip())
