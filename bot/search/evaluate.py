"""Measure search quality on questions with known answers: wrong answers first (README of `benchmarks/`)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.knowledge.models import Knowledge
from bot.knowledge.workbook import usable_id
from bot.search.engine import Band, Engine, Result


class QueryFileError(Exception):
    """An evaluation file can't be used; the message says where and why."""


class Query(BaseModel):
    """A line of an evaluation file; `expected` [] means: must not be answered."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    query: str = Field(min_length=1)
    lang: str = "ja"
    expected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One question asked; `rank` of the first right match from 1, or 0."""

    query: Query
    result: Result
    rank: int
    topic: str

    @property
    def answered(self) -> bool:
        """True if it got a direct answer."""
        return self.result.band is Band.ANSWER

    @property
    def wrong(self) -> bool:
        """True if the direct answer is none of the right ones."""
        return self.answered and self.result.matches[0].id not in self.query.expected


def read_queries(file: Path) -> list[Query]:
    """Read a JSON Lines file. Raises QueryFileError."""
    queries = []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QueryFileError(f"{file} を読めません: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                queries.append(Query.model_validate_json(line))
            except ValidationError as error:
                what = error.errors()[0]
                place = ".".join(map(str, what["loc"])) or "JSON"
                raise QueryFileError(f"{file}:{number}: 「{place}」を読めません（{what['msg']}）。") from error
    return queries


def ask_all(engines: Mapping[str, Engine], queries: Iterable[Query], day: dt.date) -> list[Outcome]:
    """Ask every question on its own, without a conversation around it, of the engine of its language (where that is not
    served: of Japanese)."""
    return [_ask(engines.get(query.lang, engines["ja"]), query, day) for query in queries]


def as_imported(queries: Iterable[Query], knowledge: Knowledge) -> list[Query]:
    """Expected ids as `import` writes them: an id that can't be a file name was changed there."""
    known = knowledge.entries
    return [
        q.model_copy(update={"expected": tuple(id_ if id_ in known else usable_id(id_) for id_ in q.expected)})
        for q in queries
    ]


def _ask(engine: Engine, query: Query, day: dt.date) -> Outcome:
    result = engine.search(query.query, day)
    rank = next((i for i, match in enumerate(result.matches, 1) if match.id in query.expected), 0)
    entry = engine.knowledge.entries.get(query.expected[0]) if query.expected else None
    return Outcome(query, result, rank, entry.topic if entry else "none")


def figures(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """Rates 0–1. `answered` and `wrong_answers` are over questions that have an answer: direct answers ÷ questions,
    wrong ÷ direct answers; `out_of_scope_answered` is over those that have none."""
    inside = [o for o in outcomes if o.query.expected]
    outside = [o for o in outcomes if not o.query.expected]
    answered = [o for o in inside if o.answered]

    def hit(k: int) -> float:
        return _rate(sum(0 < o.rank <= k for o in inside), len(inside))

    return {
        "hit@1": hit(1),
        "hit@3": hit(3),
        "hit@5": hit(5),
        "mrr": _rate(sum(1 / o.rank for o in inside if o.rank), len(inside)),
        "answered": _rate(len(answered), len(inside)),
        "wrong_answers": _rate(sum(o.wrong for o in answered), len(answered)),
        "out_of_scope_answered": _rate(sum(o.answered for o in outside), len(outside)),
        "queries": len(outcomes),
    }


def report(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """`figures`, and the same by language and by topic of the expected entry (design.md 4.5 `eval`)."""
    by_lang = _grouped(outcomes, lambda outcome: outcome.query.lang)
    by_topic = _grouped(outcomes, lambda outcome: outcome.topic)
    return {**figures(outcomes), "by_lang": by_lang, "by_topic": by_topic}


def _grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, float | int]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return {name: figures(group) for name, group in sorted(groups.items())}


def _rate(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
