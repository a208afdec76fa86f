"""The cache of features: the same search with it and without, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.knowledge.models import Vocabulary
from bot.search.analysis import JapaneseAnalyzer
from bot.search.encoder import StaticEncoder
from bot.search.features import FeatureTable, cache_name

TEXTS = ["納付書をなくした", "車を売った", "！？", "のうふしょ"]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder()


def table(encoder: StaticEncoder) -> FeatureTable:
    return FeatureTable(JapaneseAnalyzer(Vocabulary()), encoder)


def test_a_saved_table_gives_the_same_rows(encoder: StaticEncoder, tmp_path: Path) -> None:
    first, second = table(encoder), table(encoder)
    first.add(TEXTS, ["答えの文です"])
    first.save(tmp_path / "cache.npz", [*TEXTS, "答えの文です"])
    second.load(tmp_path / "cache.npz")
    for text in [*TEXTS, "答えの文です"]:
        a, b = first.row(text), second.row(text)
        assert np.array_equal(a.words[0], b.words[0])
        assert np.array_equal(a.words[1], b.words[1])
        assert np.array_equal(a.readings, b.readings)
        assert np.array_equal(a.vector, b.vector)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x00" * 100])
def test_a_broken_cache_is_no_cache(encoder: StaticEncoder, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "cache.npz"
    file.write_bytes(content)
    fresh = table(encoder)
    fresh.load(file)
    fresh.add(TEXTS, [])
    assert fresh.row("車を売った").readings.size


def test_a_question_of_unknown_features_has_only_minus_one(encoder: StaticEncoder) -> None:
    fresh = table(encoder)
    fresh.add(["車"], [])
    row = fresh.query(fresh.analyzer("宇宙飛行士"))
    assert set(row.readings.tolist()) == {-1}


def test_a_question_has_its_features_in_the_order_they_were_learned_in(encoder: StaticEncoder) -> None:
    fresh, text = table(encoder), "自動車税種別割の納付書をなくしてしまいました"
    fresh.add([text], [])
    readings = fresh.query(fresh.analyzer(text)).readings.tolist()
    assert readings == fresh.row(text).readings.tolist()  # or the same question scores otherwise in another process


def test_other_synonyms_use_another_cache(encoder: StaticEncoder) -> None:
    names = {cache_name(Vocabulary(), encoder), cache_name(Vocabulary(synonyms={"紙": "納付書"}), encoder)}
    assert len(names) == 2
