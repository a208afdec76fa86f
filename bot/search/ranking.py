"""Weigh evidence into a ranking and a calibrated confidence. All figures come from `model/ranking.json`, which
`madoguchi train` fits by cross-validation; nothing here is tuned by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from bot.search.encoder import BUILTIN, ModelMissing
from bot.search.index import COLUMNS, Evidence, Index

Doubles = NDArray[np.float64]

SIGNALS = (
    "bias", "probability", "margin", "reading", "covered_by_entry", "covered_by_all",
    "out_of_scope", "length", "kana", "agreement",
)  # fmt: skip


class Profile(BaseModel):
    """Fitted figures for one kind of knowledge: `weights` of COLUMNS, logistic regressions over SIGNALS for "the
    first is right" and "the right one is among the first five", and the bands cut into them."""

    model_config = ConfigDict(frozen=True)
    weights: tuple[float, ...]
    first_right: tuple[float, ...]
    among_five: tuple[float, ...]
    answer_from: float
    choices_from: float


class Ranking(BaseModel):
    """`rich`: entries have phrasings; `bare`: questions and answers only, as a newly imported FAQ."""

    model_config = ConfigDict(frozen=True)
    rich: Profile
    bare: Profile

    def profile(self, index: Index) -> Profile:
        """The profile that fits an index."""
        return self.rich if index.has_phrasings else self.bare


def load_ranking(directory: Path = BUILTIN) -> Ranking:
    """Read the fitted figures. Raises ModelMissing, ValidationError."""
    if not (directory / "ranking.json").is_file():
        raise ModelMissing(f"検索モデルがありません: {directory}。「madoguchi train」で作ってください。")
    return Ranking.model_validate_json((directory / "ranking.json").read_bytes())


def probabilities(rows: NDArray[np.float32], weights: tuple[float, ...]) -> Doubles:
    """Softmax over the targets, shape (targets,)."""
    scores: Doubles = rows.astype(np.float64) @ np.asarray(weights, dtype=np.float64)
    odds: Doubles = np.exp(scores - scores.max())
    total: Doubles = odds / odds.sum()
    return total


def signals(index: Index, evidence: Evidence, chances: Doubles, allowed: NDArray[np.bool_]) -> Doubles:
    """What tells whether the best allowed entry is right: shape (SIGNALS,)."""
    among_allowed = np.where(allowed, chances, 0.0)
    order = np.argsort(-among_allowed)
    first, second = int(order[0]), int(order[min(1, len(order) - 1)])
    winners = np.where(allowed[:, None], evidence.rows[:, _RANKERS], -1).argmax(axis=0)
    row = evidence.rows[first]
    values = (
        1.0,
        among_allowed[first],
        np.log((among_allowed[first] + 1e-6) / (among_allowed[second] + 1e-6)),
        row[COLUMNS.index("reading")],
        index.covered(evidence, first),
        index.covered(evidence),
        chances[~index.is_entry].sum(),
        np.log1p(len(evidence.query.text)),
        float(row[COLUMNS.index("reading_of_kana")] > 0),
        (winners == first).mean(),
    )
    return np.array(values, dtype=np.float64)


_RANKERS = [COLUMNS.index(name) for name in ("document", "usage", "reading", "meaning")]


def chance(values: Doubles, coefficients: tuple[float, ...]) -> float:
    """Logistic regression."""
    return float(1 / (1 + np.exp(-float(values @ np.asarray(coefficients)))))
