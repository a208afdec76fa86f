"""The figures of `eval`, against a table computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.search.engine import Band, Match, Result
from bot.search.evaluate import Outcome, Query, QueryFileError, figures, read_queries, report


def outcome(expected: tuple[str, ...], ids: tuple[str, ...], band: Band, topic: str = "t") -> Outcome:
    result = Result(band, tuple(Match(id_, 0.5, 0.5) for id_ in ids))
    rank = next((i for i, id_ in enumerate(ids, 1) if id_ in expected), 0)
    return Outcome(Query(query="q", expected=expected), result, rank, topic)


OUTCOMES = [
    outcome(("a",), ("a", "b"), Band.ANSWER),
    outcome(("a",), ("b", "a"), Band.ANSWER),
    outcome(("a", "c"), ("b", "d", "c"), Band.CHOICES),
    outcome(("a",), ("b", "c"), Band.FALLBACK),
    outcome((), ("a",), Band.ANSWER, "none"),
    outcome((), ("a",), Band.CHOICES, "none"),
]


def test_figures_count_wrong_answers_among_direct_ones() -> None:
    assert figures(OUTCOMES) == {
        "hit@1": 0.25, "hit@3": 0.75, "hit@5": 0.75, "mrr": round((1 + 1 / 2 + 1 / 3) / 4, 4), "answered": 0.5,
        "wrong_answers": 0.5, "out_of_scope_answered": 0.5, "queries": 6,
    }  # fmt: skip


def test_report_groups_by_language_and_topic() -> None:
    grouped = report(OUTCOMES)
    assert set(grouped["by_topic"]) == {"t", "none"}  # type: ignore[call-overload]
    assert grouped["by_lang"]["ja"]["queries"] == 6  # type: ignore[index]


def test_figures_of_nothing_are_zero() -> None:
    assert set(figures([]).values()) == {0}


def test_read_queries_names_the_broken_line(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"query": "あ", "expected": ["x"]}\n\n{"query": 3}\n', encoding="utf-8")
    with pytest.raises(QueryFileError, match=r"q\.jsonl:3: 「query」"):
        read_queries(file)
