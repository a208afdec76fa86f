"""A text cut into segments: what is synthesised, stored and re-used as one piece, and the pause that follows it.

A segment is a sentence, an item of a menu (「…は1を、」) or a telephone number, so that an edited word re-renders one
sentence and no more. Numbers are said slowly and, once per text, again (domain.md 12-3: twice, slowly).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from voice.speech.aloud import HYPHEN, PHONE, aloud, bare, sayable
from voice.speech.errors import SpeechError

MAX_TEXT = 1000
"""Characters of one text. 5,000 kana cost 25 s of CPU and 7 minutes of a caller's time (voice.md 3.1)."""
MAX_SEGMENT = 120  # characters; a longer sentence is cut at a comma

SPEED, SLOW = 0.9, 0.8
"""Of the engine's own, which says 7.6 morae a second, pauses included (measured on our sentences): 0.9 gives 7.0, calm
enough for people who don't hear well; 0.8, for numbers to be written down, 6.4 and a pause between the groups."""

AFTER_SENTENCE, AFTER_TEXT, AFTER_ITEM, AFTER_COMMA, BESIDE_NUMBER = 0.45, 0.4, 0.3, 0.25, 0.15
"""Seconds of silence."""

AGAIN = {
    "ja": "くりかえします。", "en": "I repeat.", "zh": "再说一遍。", "ko": "다시 말씀드리겠습니다.",
    "es": "Repito.", "vi": "Xin nhắc lại.", "pt": "Repito.",
}  # fmt: skip
"""Said before a telephone number is said the second time."""

_SENTENCE = re.compile(r"[^。！？]*[。！？]+[」』）]*|[^。！？]+$")
_FOREIGN_SENTENCE = re.compile(r".*?(?:[.!?](?=\s+[^\sa-z]|\s*$)|[。！？])+|.+?$")  # not after 「a.m. to」
_ITEM = re.compile(r"(?<=[０-９]を、)|(?<=シャープを、)|(?<=こめじるしを、)")
_TAIL = re.compile(r"[^、。！？０-９]{0,14}(?:[、。！？]|$)|です|まで|から|[へにでがをはのとも]")
# 「です。」 or 「へお電話ください。」 belongs to the number: alone it sounds cut off, and へ would be read ヘ.


class TextTooLong(SpeechError):
    """A text of more than MAX_TEXT characters; nobody listens to that, and it would keep the engine busy."""


@dataclass(frozen=True)
class Segment:
    """`words` as the engine reads them, `speed` relative to the engine's own, `pause_after` in seconds. `recording`:
    the file (relative to ivr_flows/recordings/) that a person spoke, and its digest, in place of synthesis."""

    words: str
    lang: str = "ja"
    speed: float = SPEED
    pause_after: float = AFTER_SENTENCE
    recording: tuple[str, str] | None = None


def sentences(text: str, lang: str = "ja") -> tuple[Segment, ...]:
    """The segments of `text` in the order they are said; none if nothing in it can be said (emoji, marks).

    Raises TextTooLong."""
    if len(text) > MAX_TEXT:
        raise TextTooLong(f"{len(text)}文字の文章は読み上げられません（上限は{MAX_TEXT}文字です）。")
    cut = list(_japanese(text) if lang == "ja" else _foreign(text, lang))
    if cut and cut[-1].pause_after == AFTER_SENTENCE:
        cut[-1] = replace(cut[-1], pause_after=AFTER_TEXT)
    return tuple(cut)


def _japanese(text: str) -> Iterator[Segment]:
    said: set[str] = set()
    again = bare(AGAIN["ja"][:4]) not in text and "繰り返します" not in text
    for sentence in _SENTENCE.findall(aloud(text)):
        numbers = [number for number in PHONE.findall(sentence) if number not in said] if again else []
        for piece in _ITEM.split(sentence.strip("　")):
            yield from _numbers(piece) if PHONE.search(piece) else _plain(piece)
        for number in dict.fromkeys(numbers):
            said.add(number)
            yield Segment(AGAIN["ja"], pause_after=AFTER_COMMA)
            yield Segment(f"{number}です。", speed=SLOW)


def _plain(words: str, pause: float | None = None) -> Iterator[Segment]:
    """A sentence or a part of one, in pieces of at most MAX_SEGMENT."""
    while len(words) > MAX_SEGMENT:
        comma = words.rfind("、", 0, MAX_SEGMENT) + 1 or MAX_SEGMENT
        yield Segment(words[:comma], pause_after=AFTER_COMMA)
        words = words[comma:]
    if sayable(words):
        yield Segment(words, pause_after=_pause(words) if pause is None else pause)


def _pause(words: str) -> float:
    if words.endswith("、"):
        return AFTER_ITEM if _ITEM.search(words) else AFTER_COMMA
    return AFTER_SENTENCE


def _numbers(sentence: str) -> Iterator[Segment]:
    """What stands before a telephone number, the number with what clings to it, and the rest."""
    while number := PHONE.search(sentence):
        yield from _plain(sentence[: number.start()], BESIDE_NUMBER)
        tail = _TAIL.match(sentence, number.end())
        end = tail.end() if tail else number.end()
        last = not sayable(sentence[end:])
        words = sentence[number.start() : end]
        yield Segment(words, speed=SLOW, pause_after=_pause(words) if last or tail else BESIDE_NUMBER)
        sentence = sentence[end:]
    yield from _plain(sentence)


def _foreign(text: str, lang: str) -> Iterator[Segment]:
    """Sentences of another language; a number is said digit by digit, and again."""
    said: set[str] = set()
    for sentence in _FOREIGN_SENTENCE.findall(bare(text)):
        if not sayable(sentence):
            continue
        numbers = [digits(number) for number in PHONE.findall(sentence)]
        words = PHONE.sub(lambda number: digits(number[0]), sentence).strip()
        yield Segment(words, lang, SLOW if numbers else SPEED)
        for number in numbers:
            if number not in said:
                said.add(number)
                yield Segment(AGAIN.get(lang, AGAIN["en"]), lang, SPEED, AFTER_COMMA)
                yield Segment(f"{number}.", lang, SLOW)


def digits(number: str) -> str:
    """「0570-012-229」 → 「0 5 7 0, 0 1 2, 2 2 9」, which every voice says digit by digit."""
    return ", ".join(" ".join(group) for group in re.split(rf"[^\d{HYPHEN}]|{HYPHEN}", bare(number)) if group)
