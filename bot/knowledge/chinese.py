"""Traditional Chinese, made of the simplified text by OpenCC (words of Taiwan). Japanese names in brackets stay as they
are, so that they can be shown at a counter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import opencc
from pydantic import BaseModel

from bot.knowledge.models import Entry, Knowledge

SIMPLIFIED, TRADITIONAL = "zh-Hans", "zh-Hant"

_BRACKETED = re.compile(r"（[^（）]*）|[^（]+|（")
_JAPANESE = re.compile(r"[ぁ-ヿ]")

Model = TypeVar("Model", bound=BaseModel)


Corrections = tuple[tuple[str, str], ...]
"""What OpenCC gives, and what is right: `faq/translations/zh-Hant/glossary.yaml`."""


def traditional(knowledge: Knowledge, corrections: Corrections = ()) -> Knowledge:
    """The same knowledge in traditional characters. What is still Japanese stays Japanese."""

    def told(text: str) -> str:
        return converted(text, corrections)

    def entry_of(entry: Entry) -> Entry:
        links = tuple(link.model_copy(update={"label": told(link.label)}) for link in entry.links)
        words = {"question": told(entry.question), "answer": told(entry.answer), "links": links}
        return entry.model_copy(update=words)

    entries = {
        id_: entry if id_ in knowledge.untranslated else entry_of(entry) for id_, entry in knowledge.entries.items()
    }
    talk = {id_: replace(talk, replies=tuple(map(told, talk.replies))) for id_, talk in knowledge.small_talk.items()}
    topics = tuple(
        topic.model_copy(update={"title": told(topic.title), "subject": told(topic.subject)})
        for topic in knowledge.topics
    )
    return replace(knowledge, lang=TRADITIONAL, topics=topics, entries=entries, small_talk=talk)


@lru_cache(maxsize=4096)  # a snapshot has 1,500 texts, and most are those of the one before
def converted(text: str, corrections: Corrections = ()) -> str:
    """A text in traditional characters."""
    made = "".join(part if part.startswith("（") and _is_name(part) else _convert()(part) for part in _split(text))
    for wrong, right in corrections:
        made = made.replace(wrong, right)
    return made


def _split(text: str) -> list[str]:
    return _BRACKETED.findall(text)


def _is_name(bracketed: str) -> bool:
    """Whether the brackets hold a Japanese name: kana, or characters that simplified Chinese does not use."""
    inside = bracketed[1:-1]
    return bool(_JAPANESE.search(inside)) or (inside != "" and simplify(inside) != inside)


def converted_model(model: Model, corrections: Corrections = ()) -> Model:
    """A model with all its texts converted."""
    return type(model).model_validate(_deep(model.model_dump(by_alias=True), corrections))


def _deep(value: Any, corrections: Corrections) -> Any:
    if isinstance(value, str):
        return converted(value, corrections)
    if isinstance(value, dict):
        return {key: _deep(item, corrections) for key, item in value.items()}
    return tuple(_deep(item, corrections) for item in value) if isinstance(value, list | tuple) else value


@lru_cache(maxsize=1)
def _convert() -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC("s2twp").convert
    return convert


def simplify(text: str) -> str:
    """Traditional and Japanese forms of characters as mainland China writes them."""
    japanese, simplified = _simplifiers()
    return str(simplified.convert(japanese.convert(text)))


@lru_cache(maxsize=1)
def _simplifiers() -> tuple[Any, Any]:
    return opencc.OpenCC("jp2t"), opencc.OpenCC("t2s")
