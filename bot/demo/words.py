"""What residents say: `residents.yaml`, and how people really type it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import MappingProxyType

import jaconv
import yaml

from bot.knowledge.models import Strict

FILE = Path(__file__).parent / "residents.yaml"


class Topic(Strict):
    """`weights`: its share by `timetable.phase`; `questions`: ways to ask for an entry, by the id of the entry."""

    weights: dict[str, int]
    questions: dict[str, tuple[str, ...]]


class Theme(Strict):
    """Something that no entry answers; `residents` of 1,500 conversations ask for it."""

    residents: int
    questions: tuple[str, ...]


class Tongue(Strict):
    """A language other than Japanese and its share among those."""

    weight: int
    questions: tuple[str, ...]


class Words(Strict):
    """The file."""

    pages: dict[str, int]
    topics: dict[str, Topic]
    themes: dict[str, Theme]
    out_of_scope: tuple[str, ...]
    small_talk: dict[str, tuple[str, ...]]
    personal: tuple[str, ...]
    reasons: tuple[str, ...]
    foreign: dict[str, Tongue]


@cache
def words() -> Words:
    """What is in the file."""
    return Words.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


_WRONG_CONVERSIONS = MappingProxyType({
    "自動車税": "自動車勢", "納付": "納府", "期限": "機嫌", "証明": "照明", "減免": "厳免", "還付": "乾布",
    "督促": "得足", "障害": "傷害", "車検": "社検", "払": "祓", "再発行": "最発行", "住所": "住諸", "口座": "講座",
})  # fmt: skip
_OPENERS = ("すみません、", "あの、", "初めてです。", "至急 ", "お世話になります。", "えっと、", "質問です。")
_ENDINGS = ("？？", "。", "！", "　よろしくお願いします", " 教えて", "…", "(＞＜)", "\n急いでいます")


def as_typed(text: str, rng: random.Random) -> str:
    """The text as somebody types it: mostly as it is, else with a filler, as keywords, in kana, or with a mistake."""
    way: Callable[[str, random.Random], str] = rng.choices(
        (_as_it_is, _with_filler, _as_keywords, _in_kana, _with_wrong_conversion, _with_slip, _in_other_width),
        (52, 18, 8, 5, 7, 6, 4),
    )[0]
    return way(text, rng) or text


def _as_it_is(text: str, _: random.Random) -> str:
    return text


def _with_filler(text: str, rng: random.Random) -> str:
    return rng.choice(_OPENERS) + text if rng.random() < 0.5 else text.rstrip("？?。") + rng.choice(_ENDINGS)


def _as_keywords(text: str, _: random.Random) -> str:
    """Only what is written in kanji, katakana and Latin letters: 「納付書 再発行 場所」."""
    return " ".join(re.findall(r"[一-龥々ァ-ヶーA-Za-z0-9]{2,}", text)[:4])


def _in_kana(text: str, _: random.Random) -> str:
    return str(jaconv.kata2hira(text))


def _with_wrong_conversion(text: str, rng: random.Random) -> str:
    known = [word for word in _WRONG_CONVERSIONS if word in text]
    return text.replace(word := rng.choice(known), _WRONG_CONVERSIONS[word]) if known else text


def _with_slip(text: str, rng: random.Random) -> str:
    """A letter left out, typed twice, or two in the wrong order."""
    at = rng.randrange(max(1, len(text) - 1))
    slip = rng.randrange(3)
    middle = ("", text[at : at + 1] * 2, text[at : at + 2][::-1])[slip]
    return text[:at] + middle + text[at + (2 if slip == 2 else 1) :]


def _in_other_width(text: str, _: random.Random) -> str:
    return str(jaconv.h2z(text, ascii=True, digit=True)) if text.isascii() else str(jaconv.z2h(text, kana=True))
