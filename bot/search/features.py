"""Compact features and vectors of every indexed text, kept between builds: an edit costs only what it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.models import Vocabulary
from bot.search.analysis import Analysis, Analyzer
from bot.search.encoder import Encoder
from bot.search.lexical import Bag, Floats, Ints

SCHEMA = 3  # raise when the analysis changes, so that old caches are not read
CHUNK = 256


class Row(NamedTuple):
    """One text: content words, n-grams of its reading, its unit vector (which knows its letters too)."""

    words: Bag
    readings: Ints
    vector: Floats


class Names:
    """Feature ↔ number; grows while an index is built."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._number = {name: i for i, name in enumerate(names)}

    def add(self, names: Iterable[str]) -> Ints:
        """Numbers of features, new ones for new names."""
        number = self._number
        return np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int32)

    def find(self, names: Iterable[str]) -> Ints:
        """Numbers of features; -1 for an unknown name."""
        return np.array([self._number.get(name, -1) for name in names], dtype=np.int32)

    def __iter__(self) -> Iterator[str]:
        """All names in order."""
        return iter(self._number)

    def joined(self) -> bytes:
        """The same for the cache file."""
        return "\n".join(self).encode()


class FeatureTable:
    """Features of texts, analysed once. `row` never fails for a text given to `add`."""

    def __init__(self, analyzer: Analyzer, encoder: Encoder) -> None:
        self.analyzer, self._encoder = analyzer, encoder
        self._words, self._readings = Names(), Names()
        self._rows: dict[str, Row] = {}
        self._changed = False

    def add(self, texts: Iterable[str], answers: Iterable[str]) -> None:
        """Analyse and encode what is new, in pieces that keep memory low. Of answers only the words are looked at."""
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            self._rows.update(zip(chunk, self.rows_of([self.analyzer(text) for text in chunk]), strict=True))
        nothing = np.zeros(self._encoder.dimensions, dtype=np.float32)
        self._changed |= bool(new)
        for text in answers:
            if text not in self._rows:
                self._changed = True
                self._rows[text] = self._row(self.analyzer.words(text), nothing)

    @property
    def names(self) -> list[str]:
        """The words, each at the place that is its number."""
        return list(self._words)

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return self._encoder.dimensions

    def rows_of(self, analyses: Sequence[Analysis]) -> list[Row]:
        """Features of analysed texts, which are not kept; those that nobody had get numbers."""
        vectors = self._encoder.encode(analyses)
        return [self._row(analysis, vector) for analysis, vector in zip(analyses, vectors, strict=True)]

    def _row(self, analysis: Analysis, vector: Floats) -> Row:
        weights = np.fromiter(analysis.words.values(), dtype=np.float32)
        readings = self._readings.add(sorted(analysis.reading_grams))
        return Row((self._words.add(analysis.words), weights), readings, vector)

    def row(self, text: str) -> Row:
        """Features of a text that was added."""
        return self._rows[text]

    def query(self, analysis: Analysis) -> Row:
        """Features of a question; those nobody ever had are -1."""
        weights = np.fromiter(analysis.words.values(), dtype=np.float32)
        readings = self._readings.find(sorted(analysis.reading_grams))  # in one order: sums depend on it
        return Row(
            (self._words.find(analysis.words), weights),
            readings,
            self._encoder.encode([analysis])[0],
        )

    def known(self, analysis: Analysis) -> float:
        """Share of a text's words that some text has had."""
        found = self._words.find(analysis.words)
        return float((found >= 0).mean()) if len(found) else 0.0

    def known_readings(self, analysis: Analysis) -> float:
        """Share of the n-grams of a text's reading that some text has had."""
        found = self._readings.find(analysis.reading_grams)
        return float((found >= 0).mean()) if len(found) else 0.0

    def save(self, file: Path, texts: Sequence[str]) -> None:
        """Write the rows of `texts` to a cache file, whole or not at all, and forget the others. Raises OSError."""
        if not self._changed and file.is_file():
            return
        self._rows, self._changed = {text: self._rows[text] for text in texts}, False
        rows = list(self._rows.values())
        arrays: dict[str, Any] = {
            "texts": _bytes("\0".join(self._rows).encode()),
            "vectors": np.stack([row.vector for row in rows]),
            "weights": np.concatenate([row.words[1] for row in rows]),
        }
        columns = {"words": [row.words[0] for row in rows], "readings": [row.readings for row in rows]}
        for name, column in columns.items():
            arrays[name] = np.concatenate(column)
            arrays[f"{name}_ends"] = np.cumsum([len(row) for row in column])
        for name, names in (("words", self._words), ("readings", self._readings)):
            arrays[f"{name}_names"] = _bytes(names.joined())
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as stream:  # others may save as well
            np.savez(stream, **arrays)
        Path(stream.name).replace(file)
        for other in file.parent.glob("features-*.npz"):
            if other != file:
                other.unlink(missing_ok=True)

    def load(self, file: Path) -> None:
        """Take over the rows of a cache file, if it is there and whole."""
        try:
            with file.open("rb") as stream, np.load(stream) as stored:
                self._restore({name: stored[name] for name in stored.files})
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return  # it is made anew

    def _restore(self, stored: dict[str, NDArray[np.generic]]) -> None:
        names = {n: Names(_text(stored[f"{n}_names"]).split("\n")) for n in ("words", "readings")}
        split = {n: _split(stored[n], stored[f"{n}_ends"]) for n in names}
        weights = _split(stored["weights"], stored["words_ends"])
        texts = _text(stored["texts"]).split("\0")
        vectors = stored["vectors"]
        columns = zip(texts, split["words"], weights, split["readings"], vectors, strict=True)
        self._rows = {t: Row((w, x), r, v) for t, w, x, r, v in columns}
        self._words, self._readings = names["words"], names["readings"]


def cache_name(vocabulary: Vocabulary, encoder: Encoder) -> str:
    """File name of a cache: another for other synonyms, another encoder or another analysis."""
    facts = (SCHEMA, sorted(vocabulary.synonyms.items()), sorted(vocabulary.fillers), encoder.name)
    return f"features-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}.npz"


def _split(column: NDArray[Any], ends: NDArray[Any]) -> list[NDArray[Any]]:
    """The pieces of a column; np.split does the same ten times slower."""
    stops = ends.tolist()
    return [column[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, dtype=np.uint8)


def _text(array: NDArray[np.generic]) -> str:
    return array.tobytes().decode()
