"""Questions analysed once, to be asked of many engines: flat arrays instead of objects, whole months of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.models import Knowledge
from bot.search.engine import OUR_TAX, says_something
from bot.search.features import FeatureTable
from bot.search.lexical import Floats, Ints
from bot.search.text import in_kana, is_kana, normalise

CHUNK = 256  # texts encoded at once

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Ragged:
    """Rows of different length behind one another: row i is `values[starts[i]:starts[i + 1]]`."""

    values: Ints
    starts: Places

    @classmethod
    def of(cls, rows: Sequence[Ints]) -> Ragged:
        """From the rows."""
        nothing = np.zeros(0, dtype=np.int32)
        return cls(np.concatenate([*rows, nothing]), np.cumsum([0, *map(len, rows)]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, i: int) -> Ints:
        """One row."""
        return self.values[self.starts[i] : self.starts[i + 1]]

    def owner(self) -> Places:
        """The row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def places(self, rows: Places) -> tuple[Places, Places]:
        """Where the values of some rows stand, and the new starts of these rows."""
        lengths = (self.starts[1:] - self.starts[:-1])[rows]
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        within = np.arange(int(starts[-1])) - np.repeat(starts[:-1], lengths)
        return np.repeat(self.starts[rows], lengths) + within, starts

    def take(self, rows: Places) -> Ragged:
        """Only some rows."""
        places, starts = self.places(rows)
        return Ragged(self.values[places], starts)


@dataclass(frozen=True)
class Questions:
    """`words` with their `weights`, `readings`, `vectors` as `FeatureTable.query` gives them; `length` of the text in
    letters; `kana`: typed in kana only; `subjects[i, j]`: question i names the subject j of the vocabulary;
    `ours`: it names our tax; `speaks`: it says something at all."""

    texts: tuple[str, ...]
    words: Ragged
    weights: Floats
    readings: Ragged
    vectors: Floats
    length: Ints
    kana: Flags
    ours: Flags
    speaks: Flags
    subjects: Flags

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Places) -> Questions:
        """Only some of them."""
        places, _ = self.words.places(rows)
        return Questions(
            tuple(self.texts[i] for i in rows.tolist()),
            self.words.take(rows), self.weights[places], self.readings.take(rows), self.vectors[rows],
            self.length[rows], self.kana[rows], self.ours[rows], self.speaks[rows], self.subjects[rows],
        )  # fmt: skip


def analysed(
    texts: Sequence[str], knowledge: Knowledge, table: FeatureTable, progress: Callable[[int], None] = lambda _: None
) -> Questions:
    """Analyse `texts` as the engine of `knowledge` does; `progress` is told how many are done.

    Features that nobody has had get numbers of their own in `table`: a phrasing made of a question will hold them.
    """
    subjects = [normalise(word) for word in knowledge.vocabulary.subjects]
    words: list[Ints] = []
    weights: list[Floats] = [np.zeros(0, dtype=np.float32)]
    readings: list[Ints] = []
    vectors: list[Floats] = [np.zeros((0, table.dimensions), dtype=np.float32)]
    facts: list[tuple[int, bool, bool, bool, list[bool]]] = []
    for start in range(0, len(texts), CHUNK):
        piece = [in_kana(t) if knowledge.lang == "ja" else t for t in texts[start : start + CHUNK]]
        analyses = [table.analyzer(text) for text in piece]
        for analysis, row in zip(analyses, table.rows_of(analyses), strict=True):
            words.append(row.words[0])
            weights.append(row.words[1])
            readings.append(row.readings)
            vectors.append(row.vector[None, :])
            plain = analysis.text
            ours = OUR_TAX in table.analyzer.terms(plain)
            named = [word in plain for word in subjects]
            facts.append((len(plain), is_kana(plain), ours, says_something(analysis), named))
        progress(len(facts))
    flags = np.array([(kana, ours, speaks) for _, kana, ours, speaks, _ in facts], dtype=bool).reshape(-1, 3)
    return Questions(
        tuple(texts), Ragged.of(words), np.concatenate(weights), Ragged.of(readings), np.concatenate(vectors),
        np.array([fact[0] for fact in facts], dtype=np.int32), flags[:, 0], flags[:, 1], flags[:, 2],
        np.array([fact[4] for fact in facts], dtype=bool).reshape(len(texts), len(subjects)),
    )  # fmt: skip
