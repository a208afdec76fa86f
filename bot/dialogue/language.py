"""Which language a resident writes in: the script first, then a statistical identifier, then what our own words say.

Measured in retrieval.md 6: the usual libraries take kanji-only Japanese for Chinese and fail on short texts. So they
decide only among languages of Latin script, and there the words of our own training data weigh as much.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.dialogue.published import NAMES, ORIGINAL, Edition, Published
from bot.dialogue.state import Conversation
from bot.knowledge.chinese import SIMPLIFIED, TRADITIONAL, simplify
from bot.search.text import in_kana, normalise

SURE = 0.8
"""Certainty from which a message may switch the language of a conversation."""
SENTENCE = 3  # words in Latin letters that are more than names
WEIGHT, NAME = 3, 6  # a Chinese character says as much as three letters; kana of a name quoted in Chinese
FAMILIAR = 7  # what it counts for that all words of a message have been heard in a language
ROMAJI = 0.9
"""Share of the readings' n-grams that our questions have held, from which Latin letters are Japanese."""

_LATIN = ("en", "es", "vi", "pt")
_STRANGERS = ("tl", "id", "fr", "de", "it", "ms")  # not served; told apart so that nobody gets a wrong language
_TAGS = {"zh": SIMPLIFIED, "zh-cn": SIMPLIFIED, "zh-sg": SIMPLIFIED, "zh-tw": TRADITIONAL, "zh-hk": TRADITIONAL}
_KANA = re.compile(r"[ぁ-ゟァ-ヺ]")
_HAN = re.compile(r"[㐀-鿿]")
_HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]")
_VIETNAMESE = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_NO_WORDS = re.compile(r"<[^>]*>|https?://\S+|\S+@\S+")  # markup and addresses are in no language
_LATIN_WORD = re.compile(r"[a-z\u00c0-\u024f\u1ea0-\u1ef9']+")
_LETTER = re.compile(r"[^\W\d_]")
_CHINESE_WORDS = re.compile(
    r"[你您吗嗎么麼哪这這们們呢吧啊咋啥嘛还给让从]|什么|可以|怎样|怎樣|怎么|怎麼|没有|沒有|没收到|退款|搬家|多少|缴|繳|丢|丟|请问|請問|汽车|"
    r"汽車|我的|不到|能不能|是不是|要不要|哪里|哪裡|一下|已经|已經|自动|車稅|车税|如何(?![にでもを])"
)


@dataclass(frozen=True)
class Guess:
    """A language of NAMES, or another code that is not served; `certainty` 0–1."""

    lang: str
    certainty: float


def supported(tag: str) -> str:
    """The language that we serve for a language tag of a page or a browser: Japanese for none, English for one that we
    don't have."""
    low = tag.strip().lower() or ORIGINAL
    if low in _TAGS:
        return _TAGS[low]
    ours = next((lang for lang in NAMES if f"{low}-".startswith(f"{lang.lower()}-")), None)
    return ours or _TAGS.get(low.partition("-")[0], "en")


def identify(text: str, prior: str, editions: Mapping[str, Edition]) -> Guess:
    """The language of `text`; `prior`: of the conversation so far, or of the page."""
    plain = normalise(_NO_WORDS.sub(" ", text))
    letters = len(_LETTER.findall(plain))
    if not letters:
        return Guess(prior, 0.0)
    if len(_HANGUL.findall(plain)) * 2 >= letters:
        return Guess("ko", 1.0)
    latin = _LATIN_WORD.findall(plain)
    if len(latin) >= SENTENCE and 2 * sum(map(len, latin)) > letters:
        return _latin(" ".join(latin), prior, editions)  # with a Japanese name in it
    han, kana = "".join(_HAN.findall(plain)), _KANA.findall(plain)
    if kana and not (_is_chinese(plain, han) and len(kana) <= len(han) + NAME):
        return Guess(ORIGINAL, 1.0)
    if len(han) * WEIGHT >= letters:
        return _chinese_or_japanese(plain, han, prior)
    stranger = _script(plain)
    return Guess(stranger, 1.0) if stranger else _latin(plain, prior, editions)


def of_message(conversation: Conversation, message: str, published: Published) -> str:
    """The language to answer a message in. The resident's own choice always wins; one foreign word does not switch.
    A code that is not served: the message is surely in a language that we don't have."""
    before = conversation.lang
    if conversation.lang_chosen or message.startswith("/") or not _long_enough(message):
        return before
    guess = identify(message, before, published.editions)
    return guess.lang if guess.certainty >= SURE else before


def _long_enough(message: str) -> bool:
    """Whether a message is more than one foreign word."""
    plain = normalise(_NO_WORDS.sub(" ", message))
    if _HAN.search(plain) or _HANGUL.search(plain) or _KANA.search(plain):
        return len(_LETTER.findall(plain)) >= 3
    return len(plain.split()) >= 2 and len(_LETTER.findall(plain)) >= 6


def _is_chinese(plain: str, han: str) -> bool:
    """Whether there are words or characters that Japanese does not use."""
    return bool(_CHINESE_WORDS.search(plain)) or not _fits(han, "shift_jis")


def _chinese_or_japanese(plain: str, han: str, prior: str) -> Guess:
    """Characters alone: which code pages know them, then words that Japanese does not use."""
    if not _is_chinese(plain, han):
        if prior in (SIMPLIFIED, TRADITIONAL) and _fits(han, "gb2312" if prior == SIMPLIFIED else "big5"):
            return Guess(prior, 0.6)
        return Guess(ORIGINAL, 0.9)
    if any(_fits(sign, "gb2312") and not _fits(sign, "big5") for sign in han):
        return Guess(SIMPLIFIED, 1.0)
    if any(_fits(sign, "big5") and not _fits(sign, "gb2312") and not _fits(sign, "shift_jis") for sign in han):
        return Guess(TRADITIONAL, 1.0)
    if prior in (SIMPLIFIED, TRADITIONAL):
        return Guess(prior, 1.0)
    return Guess(SIMPLIFIED if simplify(han) == han else TRADITIONAL, 0.9)


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _script(plain: str) -> str:
    """The code of a script that none of our languages uses; empty for Latin."""
    names = [unicodedata.name(letter, "").split(" ")[0] for letter in _LETTER.findall(plain)]
    most = max(set(names), key=names.count)
    return {"DEVANAGARI": "ne", "THAI": "th", "ARABIC": "ar", "CYRILLIC": "ru", "MYANMAR": "my", "SINHALA": "si",
            "BENGALI": "bn", "KHMER": "km", "HEBREW": "he", "GREEK": "el"}.get(most, "")  # fmt: skip


def _latin(plain: str, prior: str, editions: Mapping[str, Edition]) -> Guess:
    """Latin letters: letter statistics of the identifier, and how many of the words our own questions have held."""
    if _VIETNAMESE.search(plain):
        return Guess("vi", 1.0)
    kana = in_kana(plain)
    if kana != plain and editions[ORIGINAL].engine.heard_before(kana) >= ROMAJI:
        return Guess(ORIGINAL, 0.9)
    ranked = dict(_identifier().rank(plain))
    best = max(ranked.values())
    scores = {lang: max(-4.0, (ranked[lang] - best) / 4) for lang in (*_LATIN, *_STRANGERS)}
    for lang in _LATIN:
        if lang in editions:
            scores[lang] += FAMILIAR * editions[lang].engine.familiar(plain)
    if prior in scores:
        scores[prior] += 0.7
    order = sorted(scores, key=scores.__getitem__, reverse=True)
    lead = scores[order[0]] - scores[order[1]]
    return Guess(order[0], min(1.0, 0.5 + lead / 4))


def prepare() -> None:
    """Load what the first foreign message would have to wait for (half a second)."""
    _identifier()
    simplify("車")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid  # noqa: PLC0415 - 0.3 s: loaded beside the start, not before it

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    identifier.set_languages([*_LATIN, *_STRANGERS])
    return identifier
