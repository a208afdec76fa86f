"""Check the shape of one file against its model, and say in Japanese what is off."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.knowledge.findings import Finding, finding
from bot.knowledge.yaml_text import Document, Place, Text

Model = TypeVar("Model", bound=BaseModel)

_EXPECTED = {
    "tuple_type": "「- 」で始まる一覧", "list_type": "「- 」で始まる一覧", "model_type": "「項目: 値」の組",
    "dict_type": "「項目: 値」の組", "string_type": "文字", "date_type": "日付", "int_parsing": "数字",
    "bool_parsing": '"true" か "false"',
}  # fmt: skip


def near(word: str, words: Iterable[str]) -> str:
    """「slip-lost」のことですか。 or nothing, for the start of a remedy."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"「{close[0]}」のことですか。" if close else ""


def validate(
    model: type[Model], data: Text, document: Document, *place: str | int
) -> tuple[Model | None, list[Finding]]:
    """Make a `model` of `data`, which stands at `place` of the document; or None and every reason why not."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_explain(model, dict(detail), document, place) for detail in error.errors()]


def _explain(model: type[BaseModel], error: dict[str, Any], document: Document, place: Place) -> Finding:
    loc: Place = tuple(error["loc"])
    kind, value, context = str(error["type"]), error.get("input"), error.get("ctx", {})
    line = document.line(*place, *loc)
    key = next((part for part in reversed(loc) if isinstance(part, str)), "")
    if kind == "missing":
        return finding("FAQ001", document.path, line, key=key)
    if kind == "extra_forbidden":
        allowed = _keys(model, loc)
        return finding("FAQ002", document.path, line, key=key, hint=near(key, allowed), allowed="、".join(allowed))
    if kind == "literal_error":
        allowed_values = str(context["expected"]).replace("'", "").replace(" or ", "、").replace(", ", "、")
        return finding("FAQ003", document.path, line, key=key, value=value, allowed=allowed_values)
    if kind == "string_too_long":
        return finding("FAQ004", document.path, line, key=key, length=len(str(value)), limit=context["max_length"])
    if kind == "string_too_short":
        return finding("FAQ005", document.path, line, key=key)
    if kind.startswith("date_"):
        return finding("FAQ006", document.path, line, key=key, value=value)
    if kind == "string_pattern_mismatch":
        return finding("FAQ009" if key == "url" else "FAQ007", document.path, line, key=key, value=value)
    if value == "":
        return finding("FAQ005", document.path, line, key=key)
    return finding("FAQ008", document.path, line, key=key or document.path, expected=_EXPECTED.get(kind, "別の形の値"))


def _keys(model: type[BaseModel], loc: Place) -> list[str]:
    """Keys that may stand where the unknown one at `loc` was found."""
    for part in loc[:-1]:
        if isinstance(part, str) and part in (fields := {f.alias or n: f for n, f in model.model_fields.items()}):
            for candidate in _models(fields[part].annotation):
                model = candidate
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)]
