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


def traditional(knowledge: Knowledge) -> Knowledge:
    """The same knowledge in traditional characters. What is still Japanese stays Japanese."""
    entries = {
        id_: entry if id_ in knowledge.untranslated else _entry(entry) for id_, entry in knowledge.entries.items()
    }
    talk = {
        id_: replace(talk, replies=tuple(map(converted, talk.replies))) for id_, talk in knowledge.small_talk.items()
    }
    topics = tuple(
        topic.model_copy(update={"title": converted(topic.title), "subject": converted(topic.subject)})
        for topic in knowledge.topics
    )
    return replace(knowledge, lang=TRADITIONAL, topics=topics, entries=entries, small_talk=talk)


def _entry(entry: Entry) -> Entry:
    links = tuple(link.model_copy(update={"label": converted(link.label)}) for link in entry.links)
    words = {"question": converted(entry.question), "answer": converted(entry.answer), "links": links}
    return entry.model_copy(update=words)


@lru_cache(maxsize=4096)  # a snapshot has 1,500 texts, and most are those of the one before
def converted(text: str) -> str:
    """A text in traditional characters."""
    return "".join(part if part.startswith("（") and _is_name(part) else _convert()(part) for part in _split(text))


def _split(text: str) -> list[str]:
    return _BRACKETED.findall(text)


def _is_name(bracketed: str) -> bool:
    """Whether the brackets hold a Japanese name: kana, or characters that simplified Chinese does not use."""
    inside = bracketed[1:-1]
    return bool(_JAPANESE.search(inside)) or (inside != "" and simplify(inside) != inside)


def converted_model(model: Model) -> Model:
    """A model with all its texts converted."""
    return type(model).model_validate(_deep(model.model_dump(by_alias=True)))


def _deep(value: Any) -> Any:
    if isinstance(value, str):
        return converted(value)
    if isinstance(value, dict):
        return {key: _deep(item) for key, item in value.items()}
    return tuple(map(_deep, value)) if isinstance(value, list | tuple) else value


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
