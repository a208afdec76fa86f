"""The index of one knowledge snapshot: everything that can be computed when content is published.

Every entry, every kind of small talk and every group of out-of-scope questions is a *target* with *variants* (its
question and phrasings). A query gives one row of evidence a target; `ranking` weighs the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import faiss
import numpy as np

from bot.knowledge.models import Knowledge
from bot.search.analysis import Analysis
from bot.search.features import FeatureTable, Row
from bot.search.lexical import BM25F, Bag, Cosine, Floats, Ints
from bot.search.text import is_kana

COLUMNS = (
    "document", "usage", "reading", "meaning", "reading_of_kana", "out_of_scope", "small_talk",
)  # fmt: skip
NEIGHBOURS = 400  # variants asked of FAISS; the best of each target are well inside


class Kind(StrEnum):
    """What a target is."""

    ENTRY = "entry"
    SMALL_TALK = "smalltalk"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Target:
    """Something a message can mean, and where its variants stand: `start` ≤ place < `end`."""

    kind: Kind
    id: str
    start: int
    end: int


@dataclass(frozen=True)
class Evidence:
    """What the index knows of a query: `rows` has the shape (targets, COLUMNS)."""

    query: Analysis
    features: Row
    rows: Floats


class Index:
    """Immutable once built; safe for many threads."""

    def __init__(self, knowledge: Knowledge, table: FeatureTable) -> None:
        self._table = table
        self.analyzer = table.analyzer
        self.has_phrasings = any(knowledge.phrasings.values())
        self.variants: list[str] = []
        self.targets: list[Target] = []
        for id_, entry in knowledge.entries.items():
            self._add(Kind.ENTRY, id_, (entry.question, *knowledge.phrasings.get(id_, ())))
        for id_, talk in knowledge.small_talk.items():
            self._add(Kind.SMALL_TALK, id_, talk.phrasings)
        for id_, texts in knowledge.out_of_scope.items():
            self._add(Kind.OUT_OF_SCOPE, id_, texts)
        answers = [entry.answer for entry in knowledge.entries.values()]
        self.texts = [*self.variants, *answers]
        table.add(self.variants, answers)
        self._starts = np.array([target.start for target in self.targets])
        self._owner = np.repeat(np.arange(len(self.targets)), [t.end - t.start for t in self.targets])
        self.is_entry = np.array([target.kind is Kind.ENTRY for target in self.targets])
        self._build_fields([table.row(text) for text in self.variants], [table.row(text).words for text in answers])
        kinds = [[t.kind is Kind.OUT_OF_SCOPE, t.kind is Kind.SMALL_TALK] for t in self.targets]
        self._biases = np.array(kinds, dtype=np.float32)

    def _add(self, kind: Kind, id_: str, texts: Sequence[str]) -> None:
        start = len(self.variants)
        self.variants += texts
        if texts:
            self.targets.append(Target(kind, id_, start, len(self.variants)))

    def _build_fields(self, rows: list[Row], answers: list[Bag]) -> None:
        nothing: Bag = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))
        others = [nothing] * (len(self.targets) - len(answers))
        questions = [rows[target.start].words for target in self.targets[: len(answers)]]
        said = [_merged([row.words for row in rows[t.start : t.end]]) for t in self.targets]
        self.document = BM25F([(2.0, [*questions, *others]), (1.0, [*answers, *others])])
        self.usage = BM25F([(1.0, said)])
        everything = [_merged([*pair]) for pair in zip(said, [*answers, *others], strict=True)]
        self._words_of = [np.unique(features) for features, _ in everything]
        self._words_in_scope = np.unique(np.concatenate(self._words_of[: len(answers)]))
        self._reading = Cosine([row.readings for row in rows])
        vectors = np.stack([row.vector for row in rows])
        self._vectors = faiss.IndexFlatIP(vectors.shape[1])
        self._vectors.add(vectors)

    def evidence(self, text: str) -> Evidence:
        """Score every target against a query."""
        query = self.analyzer(text)
        row = self._table.query(query)
        reading = self._best(self._reading.score(row.readings))
        kana = np.float32(is_kana(query.text))
        columns = (
            self.document.score(row.words), self.usage.score(row.words), reading, self._meaning(row.vector),
            reading * kana,
        )  # fmt: skip
        return Evidence(query, row, np.column_stack([*columns, self._biases]).astype(np.float32))

    def familiar(self, text: str) -> float:
        """Share of the words of a text that any target has held."""
        return self._table.known(self.analyzer.words(text))

    def heard_before(self, text: str) -> float:
        """Share of the n-grams of a text's reading that any target has held."""
        return self._table.known_readings(self.analyzer(text))

    def covered(self, evidence: Evidence, target: int | None = None) -> float:
        """Share of the query's words, by how rare they are, that a target (None: any entry) has ever held."""
        known = self._words_in_scope if target is None else self._words_of[target]
        return self.usage.covered(evidence.features.words, np.isin(evidence.features.words[0], known))

    def shared_words(self, evidence: Evidence, target: int) -> list[str]:
        """Words of the query that a target has held."""
        shared = np.isin(evidence.features.words[0], self._words_of[target])
        return sorted(word for word, there in zip(evidence.query.words, shared, strict=True) if there)

    def nearest(self, evidence: Evidence, target: int) -> str:
        """The variant of a target that sounds most like the query."""
        start, end = self.targets[target].start, self.targets[target].end
        scores = self._reading.score(evidence.features.readings)[start:end]
        return self.variants[start + int(scores.argmax())]

    def lookalikes(self, threshold: float) -> list[tuple[str, str, str, str]]:
        """Pairs of entries with phrasings of at least this cosine: both ids and the two most alike phrasings."""
        scores, rows = self._vectors.search(self._vectors.reconstruct_n(0, self._vectors.ntotal), 4)
        best: dict[tuple[int, int], tuple[float, int, int]] = {}
        for mine, (near, others) in enumerate(zip(scores, rows, strict=True)):
            for score, other in zip(near, others, strict=True):
                pair = (int(self._owner[mine]), int(self._owner[other]))
                if score >= threshold and pair[0] < pair[1] and self.is_entry[pair[1]]:
                    best[pair] = max(best.get(pair, (0.0, 0, 0)), (float(score), mine, int(other)))
        return [
            (self.targets[i].id, self.targets[j].id, self.variants[mine], self.variants[other])
            for (i, j), (_, mine, other) in sorted(best.items())
        ]

    def _meaning(self, vector: Floats) -> Floats:
        """Best cosine of each target, scaled to [0, 1] over the targets so that any encoder fits the same weights."""
        wanted = min(NEIGHBOURS, self._vectors.ntotal)
        scores, rows = self._vectors.search(vector[None, :], wanted)
        low = float(scores[0, -1])
        best = np.full(len(self.targets), low, dtype=np.float32)
        np.maximum.at(best, self._owner[rows[0]], scores[0])
        spread = float(best.max()) - low
        scaled: Floats = (best - low) / np.float32(spread or 1.0)
        return scaled

    def _best(self, scores: Floats) -> Floats:
        """The best variant's score of each target."""
        best: Floats = np.maximum.reduceat(scores, self._starts)
        return best


def _merged(bags: Sequence[Bag]) -> Bag:
    features: Ints = np.concatenate([bag[0] for bag in bags])
    kept, place = np.unique(features, return_inverse=True)
    counts = np.bincount(place, np.concatenate([bag[1] for bag in bags]), minlength=len(kept))
    return kept, counts.astype(np.float32)
