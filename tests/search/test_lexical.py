"""Sparse scoring against plain re-computations of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.lexical import BM25F, K1, B, Bag, Cosine, Postings


def bag(*features: int) -> Bag:
    ids, counts = np.unique(np.array(features, dtype=np.int32), return_counts=True)
    return ids.astype(np.int32), counts.astype(np.float32)


def idf(frequency: int, size: int) -> float:
    return math.log1p((size - frequency + 0.5) / (frequency + 0.5))


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=6), min_size=1, max_size=8), st.sets(st.integers(-1, 14), max_size=6)
)
def test_cosine_is_the_cosine_of_tf_idf_vectors(documents: list[set[int]], query: set[int]) -> None:
    rows = [np.array(sorted(document), dtype=np.int32) for document in documents]
    scores = Cosine(rows).score(np.array(sorted(query), dtype=np.int32))
    weight = {f: idf(sum(f in d for d in documents), len(documents)) for f in range(-1, 15)}
    for score, document in zip(scores, documents, strict=True):
        dot = sum(weight[f] ** 2 for f in document & query)
        lengths = math.sqrt(sum(weight[f] ** 2 for f in document) * sum(weight[f] ** 2 for f in query))
        assert score == pytest.approx(dot / lengths if lengths else 0.0, abs=1e-5)


def test_bm25f_weighs_fields_and_divides_by_the_best_possible() -> None:
    questions, answers = [bag(1, 2), bag(3)], [bag(2, 2, 4), bag(1)]
    scores = BM25F([(2.0, questions), (1.0, answers)]).score(bag(2))
    norm_question, norm_answer = 1 - B + B * 2 / 1.5, 1 - B + B * 3 / 2
    frequency = 2 * 1 / norm_question + 1 * 2 / norm_answer
    expected = frequency * (K1 + 1) / (frequency + K1) / (K1 + 1)
    assert scores == pytest.approx([expected, 0.0], abs=1e-5)


def test_bm25f_ignores_features_it_never_saw() -> None:
    scores = BM25F([(1.0, [bag(1), bag(2)])]).score((np.array([-1, 99], dtype=np.int32), np.ones(2, dtype=np.float32)))
    assert scores.tolist() == [0.0, 0.0]


def test_covered_counts_by_rarity() -> None:
    field = BM25F([(1.0, [bag(1, 2), bag(1), bag(1)])])
    common, rare = idf(3, 3), idf(1, 3)
    assert field.covered(bag(1, 2), np.array([False, True])) == pytest.approx(rare / (common + rare))
    assert field.covered(bag(), np.zeros(0, dtype=bool)) == 1.0


def test_postings_without_documents_score_nothing() -> None:
    empty = np.zeros(0, dtype=np.int32)
    assert Postings(empty, empty, empty.astype(np.float32), 2).score(*bag(1)).tolist() == [0.0, 0.0]
