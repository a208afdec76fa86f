"""Asked in batches, an engine says exactly what it says to each question on its own."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from bot.dialogue.published import Published
from bot.knowledge.loader import load
from bot.search.batch import BANDS, Replay
from bot.search.engine import Engine
from bot.search.index import Kind
from bot.search.questions import analysed
from bot.settings import Settings

DAY = dt.date(2026, 11, 23)
OTHERS = ("en", "zh-Hans", "vi", "pt", "es")
ODD = (
    "",
    "？",
    "😀",
    "こんにちは",
    "ありがとう",
    "1+1は？",
    "じどうしゃぜいはいつまでですか",
    "住民税は引き落としなのに自動車税は？",
    "aaaa" * 100,
)


def compared(engine: Engine, texts: list[str], day: dt.date = DAY) -> None:
    questions = analysed(texts, engine.knowledge, engine.index._table)
    results = Replay(engine, day).ask(questions, chances=True)
    targets = engine.index.targets
    for i, text in enumerate(texts):
        alone = engine.search(text, day)
        assert BANDS[results.bands[i]] is alone.band, text
        assert [targets[t].id for t in results.tops[i] if t >= 0] == [match.id for match in alone.matches], text
        assert results.confidence[i] == pytest.approx(alone.confidence, abs=1e-4), text
        assert (results.best[i] < 0) == (alone.best is None), text
        if alone.best:
            assert targets[results.best[i]].kind is alone.best, text


@pytest.mark.parametrize("lang", ["ja", "ko", *(pytest.param(lang, marks=pytest.mark.slow) for lang in OTHERS)])
def test_all_guarding_questions(published: Published, lang: str) -> None:
    asked = [placed.question.ask for placed in load(Settings().root).questions if placed.question.lang == lang]
    assert len(asked) > (1000 if lang == "ja" else 50)
    compared(published.editions[lang].engine, [*asked, *ODD])


def test_the_day_counts(published: Published) -> None:
    engine = published.engine
    ends = [entry.valid.until for entry in engine.knowledge.entries.values() if entry.valid.until]
    asked = [entry.question for entry in engine.knowledge.entries.values() if entry.valid.until][:50]
    assert asked
    compared(engine, asked, max(ends) + dt.timedelta(days=1))


def test_nothing_is_served(published: Published) -> None:
    compared(published.engine, ["自動車税はいつまでに払いますか", "こんにちは"], dt.date(1990, 1, 1))


def test_chances_add_up_and_known_words_are_shares(published: Published) -> None:
    engine = published.engine
    questions = analysed(["納付書をなくしました", "火星の天気とパンダの値段"], engine.knowledge, engine.index._table)
    replay = Replay(engine, DAY)
    chances = replay.ask(questions, chances=True).chances
    assert chances is not None
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)
    first, second = replay.known(questions)
    assert first > 0.9 > second >= 0
    assert sum(target.kind is Kind.ENTRY for target in engine.index.targets) == len(engine.knowledge.entries)


def test_no_questions_at_all(published: Published) -> None:
    engine = published.engine
    results = Replay(engine, DAY).ask(analysed([], engine.knowledge, engine.index._table))
    assert len(results.bands) == 0
    assert results.tops.shape == (0, 5)
