"""Sparse scoring over documents of features: BM25F and TF-IDF cosine on flat postings. Pure numpy.

Features are numbers here: places in a `features.Names`. A query feature nobody has ever had is -1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bag = tuple[Ints, Floats]
"""Features of one text and their weights, both of shape (features,)."""

K1, B = 1.2, 0.75  # a grid of 180 settings gave no gain over the defaults (retrieval.md 3.1)


class Postings:
    """For each feature the documents that hold it and how much it weighs there, as slices of two flat arrays."""

    def __init__(self, features: Ints, documents: Ints, weights: Floats, size: int) -> None:
        order = np.argsort(features, kind="stable")
        self.size = size
        self._documents, self._weights = documents[order], weights[order]
        known = int(features.max(initial=-1)) + 1
        self._bounds = np.searchsorted(features[order], np.arange(known + 1))
        frequency = np.append(np.diff(self._bounds), 0)  # the last stands for every feature unknown here
        self._idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)

    def score(self, features: Ints, weights: Floats) -> Floats:
        """Sum of query weight × document weight over the features of a query, shape (size,)."""
        known = (features >= 0) & (features < len(self._bounds) - 1)
        features, weights = features[known], weights[known]
        if not len(features):
            return np.zeros(self.size, dtype=np.float32)
        starts, ends = self._bounds[features], self._bounds[features + 1]
        slices = list(zip(starts.tolist(), ends.tolist(), strict=True))
        documents = np.concatenate([self._documents[start:end] for start, end in slices])
        values = np.concatenate([self._weights[start:end] for start, end in slices])
        values *= np.repeat(weights, ends - starts)
        return np.bincount(documents, values, minlength=self.size).astype(np.float32)

    def idf(self, features: Ints) -> Floats:
        """Robertson–Spärck Jones weight of each feature, never negative; the highest for an unknown one."""
        last = len(self._idf) - 1
        found: Floats = self._idf[np.where((features >= 0) & (features < last), features, last)]
        return found


class Cosine:
    """TF-IDF cosine between a query and each document, both as sets of features, in [0, 1]."""

    def __init__(self, documents: Sequence[Ints]) -> None:
        features = np.concatenate([*documents, np.zeros(0, dtype=np.int32)])
        rows = np.repeat(np.arange(len(documents), dtype=np.int32), [len(row) for row in documents])
        ones = np.ones(len(features), dtype=np.float32)
        self._rarity = Postings(features, rows, ones, len(documents))
        weights = self._rarity.idf(features)
        norms = np.sqrt(np.bincount(rows, weights**2, minlength=len(documents)))
        values = (weights / np.where(norms == 0, 1, norms)[rows]).astype(np.float32)
        self._postings = Postings(features, rows, values, len(documents))

    def score(self, query: Ints) -> Floats:
        """Shape (number of documents,). Features no document has still count in the query's length."""
        weights = self._rarity.idf(query)
        length = float(np.linalg.norm(weights)) or 1.0
        return self._postings.score(query, weights / np.float32(length))


class BM25F:
    """BM25 over several fields with weights, divided by what a perfect document would score: about [0, 1]."""

    def __init__(self, fields: Sequence[tuple[float, Sequence[Bag]]]) -> None:
        parts: list[tuple[Ints, Ints, Floats]] = []
        for weight, documents in fields:
            lengths = np.array([counts.sum() for _, counts in documents], dtype=np.float32)
            norms = 1 - B + B * lengths / (float(lengths.mean()) or 1.0)
            for row, (features, counts) in enumerate(documents):
                rows = np.full(len(features), row, dtype=np.int32)
                parts.append((rows, features, (weight * counts / norms[row]).astype(np.float32)))
        rows, features, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        size = len(fields[0][1])
        keys, place = np.unique(features.astype(np.int64) * size + rows, return_inverse=True)
        summed = np.bincount(place, counts).astype(np.float32)
        saturated = (summed * (K1 + 1) / (summed + K1)).astype(np.float32)
        self._postings = Postings((keys // size).astype(np.int32), (keys % size).astype(np.int32), saturated, size)

    def score(self, query: Bag) -> Floats:
        """Shape (number of documents,)."""
        features, counts = query
        weights = counts * self._postings.idf(features)
        most = (K1 + 1) * float(weights.sum()) or 1.0
        return self._postings.score(features, weights) / np.float32(most)

    def covered(self, query: Bag, known: NDArray[np.bool_]) -> float:
        """Share in [0, 1] of what the query says (by idf) that lies in `known`, one flag a feature of the query."""
        features, counts = query
        weights = counts * self._postings.idf(features)
        total = float(weights.sum())
        return float(weights[known].sum()) / total if total else 1.0
