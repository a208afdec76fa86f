"""Ask an engine thousands of questions at once: the same numbers as `Engine.search`, in matrices.

Nothing is approximated: each column of evidence and each signal is computed by the formula of `bot.search.index` and
`bot.search.ranking`, a chunk of questions at a time. `tests/search/test_batch.py` compares every guarding question.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search.engine import MATCHES, SMALL_TALK_FROM, Band, Engine
from bot.search.index import NEIGHBOURS, Kind
from bot.search.lexical import BM25F, K1, Floats, Ints
from bot.search.questions import Flags, Places, Questions, Ragged
from bot.search.ranking import _RANKERS, Doubles
from bot.search.text import normalise

CHUNK = 256  # questions at once
THREADS = 2
BANDS = (Band.FALLBACK, Band.CHOICES, Band.ANSWER)
DOCUMENT, USAGE, READING, MEANING = range(4)


@dataclass(frozen=True)
class Results:
    """What an engine says to questions, a row each: `bands` as places in BANDS; `tops`: up to five targets, best
    first, -1 where there is none; `confidence` of the first; `best`: the likeliest target of any kind, -1 if nothing
    was searched; `chances` of all targets, if asked for."""

    bands: NDArray[np.int8]
    tops: Ints
    confidence: Floats
    best: Ints
    chances: Floats | None = None

    @property
    def first(self) -> Ints:
        """The best entry of each question."""
        first: Ints = self.tops[:, 0]
        return first


class Replay:
    """One engine on one day, ready to be asked many questions. Immutable; safe for threads."""

    def __init__(self, engine: Engine, day: dt.date) -> None:
        index = engine.index
        self._engine, self._index, self._profile = engine, index, engine.profile
        self._allowed = engine._served_on(day)
        self._document, self._usage = _Words(index.document), _Words(index.usage)
        self._held = _Held([*index._words_of, index._words_in_scope])
        self._vectors: Floats = index._vectors.reconstruct_n(0, index._vectors.ntotal)
        self._neighbours = min(NEIGHBOURS, len(self._vectors))
        kinds = list(Kind)
        self._kinds = np.array([kinds.index(target.kind) for target in index.targets])
        words = [normalise(word) for word in engine.knowledge.vocabulary.subjects]
        texts = [engine._texts.get(t.id, "") if t.kind is Kind.ENTRY else "" for t in index.targets]
        self._speaks_of = np.array([[word in text for word in words] for text in texts], dtype=bool)

    def ask(
        self, questions: Questions, chances: bool = False, progress: Callable[[int], None] = lambda _: None
    ) -> Results:
        """Ask all of them. `progress` is told how many more are done."""
        pieces = [np.arange(s, min(s + CHUNK, len(questions))) for s in range(0, len(questions), CHUNK)]

        def one(rows: Places) -> Results:
            results = self._judged(questions.take(rows), chances)
            progress(len(rows))
            return results

        with ThreadPoolExecutor(THREADS) as pool:  # numpy and FAISS let go of the interpreter lock
            done = list(pool.map(one, pieces))
        if not done:
            done = [self._judged(questions, chances)]
        return Results(
            np.concatenate([r.bands for r in done]), np.concatenate([r.tops for r in done]),
            np.concatenate([r.confidence for r in done]), np.concatenate([r.best for r in done]),
            np.concatenate([r.chances for r in done if r.chances is not None]) if chances else None,
        )  # fmt: skip

    def known(self, questions: Questions) -> Doubles:
        """The share of each question's words, by how rare they are, that entries have held (`Index.covered`)."""
        everything = np.full(len(questions), len(self._kinds))
        return self._held.share(questions, self._rarity(questions), everything)

    def _rarity(self, asked: Questions) -> Floats:
        rarity: Floats = asked.weights * self._index.usage._postings.idf(asked.words.values)
        return rarity

    # -- evidence (bot.search.index) ---------------------------------------------------------------------------

    def _evidence(self, asked: Questions) -> Floats:
        """Columns × questions × targets; only the rankers, the rest follows from them."""
        return np.stack([
            self._document.score(asked.words, asked.weights), self._usage.score(asked.words, asked.weights),
            self._reading(asked.readings), self._meaning(asked.vectors),
        ])  # fmt: skip

    def _meaning(self, vectors: Floats) -> Floats:
        """What is not among the nearest variants counts as the last of them (`Index._meaning`)."""
        cosines = vectors @ self._vectors.T
        place = cosines.shape[1] - self._neighbours
        low = np.partition(cosines, place, axis=1)[:, place : place + 1]
        best = np.maximum(np.maximum.reduceat(cosines, self._index._starts, axis=1), low) - low
        spread = best.max(axis=1, keepdims=True)
        spread[spread == 0] = 1
        scaled: Floats = np.divide(best, spread, dtype=np.float32)
        return scaled

    def _reading(self, readings: Ragged) -> Floats:
        scores = np.stack([self._index._reading.score(readings.row(i)) for i in range(len(readings))])
        best: Floats = np.maximum.reduceat(scores, self._index._starts, axis=1)
        return best

    # -- decision (bot.search.ranking, bot.search.engine) ------------------------------------------------------

    def _judged(self, asked: Questions, keep: bool) -> Results:
        size = len(asked)
        tops = np.full((size, MATCHES), -1, dtype=np.int32)
        if not self._allowed.any() or not size:
            nothing = np.zeros(size, dtype=np.float32)
            empty = np.zeros((size, len(self._kinds)), dtype=np.float32)
            return Results(nothing.astype(np.int8), tops, nothing, tops[:, 0], empty if keep else None)
        evidence = self._evidence(asked)
        chances = self._chances(evidence, asked.kana)
        best = chances.argmax(axis=1)
        values, order = self._signals(evidence, chances, asked)
        first_right = _logistic(values, self._profile.first_right)
        bands = self._bands(best, first_right, _logistic(values, self._profile.among_five))
        first = order[:, 0]
        missed = (asked.subjects & ~self._speaks_of[first]).any(axis=1) & ~asked.ours
        bands[(bands == 2) & missed] = 1
        small_talk = (self._kinds[best] == 1) & (chances.max(axis=1) >= SMALL_TALK_FROM)
        nothing = small_talk | ~asked.speaks
        bands[nothing] = 0
        wanted = min(MATCHES, order.shape[1])
        tops[:, :wanted] = np.where(self._allowed[order[:, :wanted]], order[:, :wanted], -1)
        tops[nothing] = -1
        confidence = np.where(nothing, 0.0, first_right).astype(np.float32)
        best = np.where(asked.speaks, best, -1).astype(np.int32)
        return Results(bands, tops, confidence, best, chances.astype(np.float32) if keep else None)

    def _chances(self, evidence: Floats, kana: Flags) -> Doubles:
        weights = np.asarray(self._profile.weights)
        scores = np.tensordot(weights[:4], evidence.astype(np.float64), axes=1)
        scores += weights[4] * evidence[READING] * kana[:, None]
        scores += self._index._biases.astype(np.float64) @ weights[5:]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances: Doubles = odds / odds.sum(axis=1, keepdims=True)
        return chances

    def _signals(self, evidence: Floats, chances: Doubles, asked: Questions) -> tuple[Doubles, Places]:
        """Rows of SIGNALS, and the allowed targets from the best on."""
        allowed = self._allowed
        among = np.where(allowed, chances, 0.0)
        order = np.argsort(-np.where(allowed, chances, -1.0), axis=1, kind="stable")
        lines = np.arange(len(asked))
        first, second = order[:, 0], order[:, min(1, order.shape[1] - 1)]
        idf = self._rarity(asked)
        winners = np.where(allowed, evidence[_RANKERS], -1).argmax(axis=2)
        reading = evidence[READING][lines, first]
        values = (
            np.ones(len(asked)),
            among[lines, first],
            np.log((among[lines, first] + 1e-6) / (among[lines, second] + 1e-6)),
            reading,
            self._held.share(asked, idf, first),
            self._held.share(asked, idf, np.full_like(first, len(self._kinds))),
            chances[:, ~self._index.is_entry].sum(axis=1),
            np.log1p(asked.length),
            (reading * asked.kana > 0).astype(np.float64),
            (winners == first).mean(axis=0),
        )
        return np.column_stack(values), order

    def _bands(self, best: Places, first_right: Doubles, among_five: Doubles) -> NDArray[np.int8]:
        profile = self._profile
        offered = among_five >= profile.choices_from
        bands = np.where(first_right >= profile.answer_from, 2, offered.astype(np.int8))
        doubtful = among_five >= max(0.5, profile.choices_from)
        return np.where(self._kinds[best] == 2, doubtful, bands).astype(np.int8)


def _logistic(values: Doubles, coefficients: tuple[float, ...]) -> Doubles:
    chance: Doubles = 1 / (1 + np.exp(-(values @ np.asarray(coefficients))))
    return chance


class _Words:
    """A BM25F as a matrix: a row for each feature that some document holds, the last row for all others."""

    def __init__(self, field: BM25F) -> None:
        postings = field._postings
        counts = np.diff(postings._bounds)
        held = counts > 0
        self._none = int(held.sum())
        self._place = np.where(held, np.cumsum(held) - 1, self._none)
        self._postings, self._size = postings, postings.size
        self._matrix = np.zeros((self._none + 1, postings.size), dtype=np.float32)
        rows = np.repeat(self._place, counts)
        self._matrix[rows, postings._documents] = postings._weights

    def score(self, words: Ragged, weights: Floats) -> Floats:
        """As `BM25F.score`, for each row of words: shape (rows, documents)."""
        idf = weights * self._postings.idf(words.values)
        most = (K1 + 1) * _sums(idf, words)
        values = self._matrix[self._rows(words.values)] * idf[:, None]
        scores = _sums(values, words) / np.where(most == 0, 1, most)[:, None]
        return scores.astype(np.float32)

    def _rows(self, features: Ints) -> Places:
        known = (features >= 0) & (features < len(self._place))
        rows: Places = np.where(known, self._place[np.where(known, features, 0)], self._none)
        return rows


class _Held:
    """Which features each document holds, with or without its answer."""

    def __init__(self, documents: list[Ints]) -> None:
        everything, rows = np.unique(np.concatenate(documents), return_inverse=True)
        self._features = np.append(everything, np.iinfo(np.int32).max)  # the last stands for all others
        self._matrix = np.zeros((len(self._features), len(documents)), dtype=bool)
        self._matrix[rows, np.repeat(np.arange(len(documents)), list(map(len, documents)))] = True

    def share(self, asked: Questions, weights: Floats, documents: Places) -> Doubles:
        """As `BM25F.covered`: the share of each question's words, by weight, that its document holds."""
        rows = np.searchsorted(self._features, asked.words.values)
        known = self._features[rows] == asked.words.values
        known &= self._matrix[rows, documents[asked.words.owner()]]
        total = _sums(weights, asked.words)
        share: Doubles = np.where(total > 0, _sums(weights * known, asked.words) / np.where(total > 0, total, 1), 1.0)
        return share


def _sums(values: NDArray[np.floating[Any]], rows: Ragged) -> Doubles:
    """Sum of the values of each row; `reduceat` alone would give the next value for an empty row."""
    total = np.zeros((len(rows), *values.shape[1:]), dtype=np.float64)
    filled = np.diff(rows.starts) > 0
    if filled.any():
        total[filled] = np.add.reduceat(values, rows.starts[:-1][filled], axis=0)
    return total
