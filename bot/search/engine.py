"""Search one published knowledge snapshot: the decision to answer, to offer choices or to decline is made here."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.models import Knowledge
from bot.search import ranking
from bot.search.analysis import Analysis
from bot.search.features import FeatureTable
from bot.search.index import COLUMNS, Evidence, Index, Kind
from bot.search.ranking import Ranking
from bot.search.text import in_kana, normalise

MATCHES = 5
OUR_TAX = "=自動車税"  # the term, as the analyzer writes it
FIGURES_ONLY = 4  # letters and marks around bare figures
SMALL_TALK_FROM = 0.5  # probability from which a message is taken as small talk


class Band(StrEnum):
    """What may be done with a result."""

    ANSWER = "answer"
    CHOICES = "choices"
    FALLBACK = "fallback"


@dataclass(frozen=True)
class Match:
    """An entry with its share of the ranking's probability and its calibrated chance to be right, both 0–1."""

    id: str
    score: float
    confidence: float


@dataclass(frozen=True)
class Result:
    """Up to five matches, best first; `small_talk` is set when the message is that rather than a question; `best`
    tells what the likeliest target is, entry or not."""

    band: Band
    matches: tuple[Match, ...]
    small_talk: str | None = None
    best: Kind | None = None
    evidence: Evidence | None = None

    @property
    def confidence(self) -> float:
        """Calibrated chance that the first match is right; 0 without one."""
        return self.matches[0].confidence if self.matches else 0.0


class Engine:
    """Knowledge with its index. Immutable: a new snapshot is a new engine."""

    def __init__(self, knowledge: Knowledge, table: FeatureTable, fitted: Ranking) -> None:
        self.knowledge = knowledge
        self.index = Index(knowledge, table)
        self.profile = fitted.profile(self.index)
        self._subjects = [normalise(word) for word in knowledge.vocabulary.subjects]
        self._texts = {
            id_: f"{normalise(entry.question)}\n{normalise(entry.answer)}" for id_, entry in knowledge.entries.items()
        }
        self._served: tuple[dt.date, NDArray[np.bool_]] | None = None

    def showing(self, knowledge: Knowledge) -> Engine:
        """The same search with other words for its results: of a new version, or in another script."""
        shown = copy.copy(self)
        shown.knowledge, shown._served = knowledge, None
        return shown

    def search(self, text: str, day: dt.date, boost: Mapping[str, float] | None = None) -> Result:
        """Find what `text` asks among the entries served on `day`; `boost` adds to the score of some entries."""
        evidence = self.index.evidence(in_kana(text) if self.knowledge.lang == "ja" else text)
        allowed = self._served_on(day)
        if not says_something(evidence.query) or not allowed.any():
            return Result(Band.FALLBACK, ())
        chances = ranking.probabilities(evidence.rows, self.profile.weights)
        if boost:
            chances = self._boosted(chances, boost)
        best = self.index.targets[int(chances.argmax())]
        if best.kind is Kind.SMALL_TALK and chances.max() >= SMALL_TALK_FROM:
            return Result(Band.FALLBACK, (), best.id, best.kind, evidence)
        values = ranking.signals(self.index, evidence, chances, allowed)
        first_right = ranking.chance(values, self.profile.first_right)
        ids = self._order(chances, allowed)
        top = chances[ids[0]]
        matches = tuple(
            Match(self.index.targets[i].id, float(chances[i]), first_right * float(chances[i] / top)) for i in ids
        )
        band = self._band(best.kind, first_right, ranking.chance(values, self.profile.among_five))
        if band is Band.ANSWER and not self._same_subject(evidence.query.text, matches[0].id):
            band = Band.CHOICES
        return Result(band, matches, None, best.kind, evidence)

    def _band(self, best: Kind, first_right: float, among_five: float) -> Band:
        if best is Kind.OUT_OF_SCOPE:
            return Band.CHOICES if among_five >= max(0.5, self.profile.choices_from) else Band.FALLBACK
        if first_right >= self.profile.answer_from:
            return Band.ANSWER
        return Band.CHOICES if among_five >= self.profile.choices_from else Band.FALLBACK

    def familiar(self, text: str) -> float:
        """Share of the words of `text` that this language's questions have held, 0–1: a sign of the language."""
        return self.index.familiar(text)

    def heard_before(self, text: str) -> float:
        """Share of the n-grams of the reading of `text` that our questions have held, 0–1."""
        return self.index.heard_before(text)

    def names_a_subject(self, plain: str) -> bool:
        """Whether a normalised text names one of the things our entries are about."""
        return bool(self.index.analyzer.terms(plain)) or any(word in plain for word in self._subjects)

    def _same_subject(self, query: str, entry_id: str) -> bool:
        """A direct answer must speak of the tax or thing that the question names (retrieval.md 7), unless the question
        names our tax as well (「住民税は引き落としなのに自動車税は？」)."""
        if OUR_TAX in self.index.analyzer.terms(query):
            return True
        return all(word in self._texts[entry_id] for word in self._subjects if word in query)

    def _served_on(self, day: dt.date) -> NDArray[np.bool_]:
        served = self._served
        if served is None or served[0] != day:
            flags = [t.kind is Kind.ENTRY and self.knowledge.served(t.id, day) is not None for t in self.index.targets]
            self._served = served = (day, np.array(flags))
        return served[1]

    def _boosted(self, chances: ranking.Doubles, boost: Mapping[str, float]) -> ranking.Doubles:
        factors = np.array([np.exp(boost.get(t.id, 0.0)) for t in self.index.targets])
        odds = chances * factors
        boosted: ranking.Doubles = odds / odds.sum()
        return boosted

    @staticmethod
    def _order(chances: ranking.Doubles, allowed: NDArray[np.bool_]) -> list[int]:
        order = np.argsort(-np.where(allowed, chances, -1.0), kind="stable")[:MATCHES]
        return [int(i) for i in order if allowed[i]]

    def explain(self, result: Result) -> list[dict[str, Any]]:
        """For each match: the nearest phrasing, the shared words and what each column of evidence gave."""
        if result.evidence is None:
            return []
        position = {target.id: i for i, target in enumerate(self.index.targets)}
        rows = []
        for match in result.matches:
            i = position[match.id]
            weighted = result.evidence.rows[i] * np.asarray(self.profile.weights)
            rows.append(
                {
                    "id": match.id,
                    "confidence": round(match.confidence, 3),
                    "phrasing": self.index.nearest(result.evidence, i),
                    "words": self.index.shared_words(result.evidence, i),
                    "columns": {name: round(float(value), 3) for name, value in zip(COLUMNS, weighted, strict=True)},
                }
            )
        return rows


def says_something(query: Analysis) -> bool:
    """False for marks, emoji and bare figures (「1+1は？」), which match entries with figures by accident."""
    return any(not word.isnumeric() for word in query.words) or len(query.text) > len(query.words) + FIGURES_ONLY
