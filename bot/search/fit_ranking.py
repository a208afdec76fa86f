"""Fit the ranking and its calibration by cross-validation on our own training data (extra `train`).

Phrasings are dealt into folds; each fold is asked of an index and an embedding that have not seen it. Groups of
out-of-scope questions are held out whole, so that what is measured is refusing a *new* kind of question.
The same is done for `bare` knowledge (questions and answers only), without the embedding, which would know the words.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from bot.knowledge.models import Knowledge, SmallTalk
from bot.search.analysis import Analysis, Analyzer
from bot.search.encoder import MODELS, Encoder
from bot.search.features import FeatureTable
from bot.search.foreign import analyzer_of
from bot.search.index import COLUMNS, Evidence, Index, Kind
from bot.search.ranking import SIGNALS, Doubles, Profile, Ranking, probabilities, signals
from bot.search.train_embedding import train_embedding


class Aims(NamedTuple):
    """Rates of held-out questions, 0–1, that the threshold for direct answers must keep."""

    wrong_answers: float
    strangers_answered: float


FOLDS = 3
SMOOTHING = 2e-3  # L2 on the weights of the ranking
# Aims on held-out data, where a third of the phrasings and whole kinds of out-of-scope questions are missing and a
# neighbour's answer counts as wrong even if it would serve. On questions of people who had not seen the phrasings the
# same threshold gave a fifth of these rates: docs/decisions/0005.
AIMS = Aims(wrong_answers=0.065, strangers_answered=0.09)
BARE_AIMS = Aims(wrong_answers=0.03, strangers_answered=0.03)  # a foreign FAQ is unknown ground: rather offer choices
KEPT = 0.985  # share of answerable questions that must still be offered choices

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A held-out phrasing: what the index said, and the target that is right (None: out of scope)."""

    index: Index
    evidence: Evidence
    right: tuple[Kind, str] | None


@dataclass(frozen=True)
class Fold:
    """Knowledge without some phrasings, and those with what they mean."""

    known: Knowledge
    held_out: list[tuple[str, tuple[Kind, str] | None]]


def train(
    knowledge: Knowledge,
    directory: Path | None = None,
    progress: Progress = lambda _: None,
    columns: Collection[str] = COLUMNS,
) -> Ranking:
    """Make the whole built-in model of the knowledge's language in `directory` (None: where it is shipped): embedding
    and ranking (of `columns`, for an ablation)."""
    directory = directory or MODELS / knowledge.lang
    asked: list[Asked] = []
    analyse = _Remembering(analyzer_of(knowledge))
    for number in range(FOLDS):
        progress(f"交差検証 {number + 1}/{FOLDS}")
        fold = _fold(knowledge, number)
        with TemporaryDirectory() as scratch:
            encoder = embed(fold.known, analyse, Path(scratch) / "model")
            index = Index(fold.known, FeatureTable(analyse, encoder))
        asked += [Asked(index, index.evidence(text), right) for text, right in fold.held_out]
    progress("重みと確信度")
    rich = _fit(asked, set(columns), AIMS)
    progress("言い回しのないFAQ用の重み")
    bare = _fit(_ask_bare(knowledge, analyse), set(columns) - {"meaning", "out_of_scope", "small_talk"}, BARE_AIMS)
    progress("検索モデル")
    fitted, fresh = Ranking(rich=rich, bare=bare), directory.with_name(f"{directory.name}.new")
    embed(knowledge, analyse, fresh)
    (fresh / "ranking.json").write_text(fitted.model_dump_json(indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(directory, ignore_errors=True)  # only now: an interrupted training leaves the old model
    fresh.rename(directory)
    return fitted


def embed(knowledge: Knowledge, analyse: Analyzer, directory: Path) -> Encoder:
    """Train the embedding on everything `knowledge` holds."""
    groups, answers = [], []
    for id_, entry in knowledge.entries.items():
        groups.append([analyse(text) for text in (entry.question, *knowledge.phrasings[id_])])
        answers.append(analyse(entry.answer))
    for texts in (*(talk.phrasings for talk in knowledge.small_talk.values()), *knowledge.out_of_scope.values()):
        groups.append([analyse(text) for text in texts])
    return train_embedding(groups, [*answers, *[None] * (len(groups) - len(answers))], directory)


def _fold(knowledge: Knowledge, number: int) -> Fold:
    held_out: list[tuple[str, tuple[Kind, str] | None]] = []

    def keep(texts: Iterable[str], right: tuple[Kind, str]) -> tuple[str, ...]:
        kept = []
        for position, text in enumerate(texts):
            if position % FOLDS == number:
                held_out.append((text, right))
            else:
                kept.append(text)
        return tuple(kept)

    phrasings = {id_: keep(texts, (Kind.ENTRY, id_)) for id_, texts in knowledge.phrasings.items()}
    small_talk = {
        id_: SmallTalk(id_, keep(talk.phrasings, (Kind.SMALL_TALK, id_)), talk.replies)
        for id_, talk in knowledge.small_talk.items()
    }
    strangers = {}
    for position, (group, texts) in enumerate(sorted(knowledge.out_of_scope.items())):
        if position % FOLDS == number:
            held_out += [(text, None) for text in texts]
        else:
            strangers[group] = texts
    known = replace(knowledge, phrasings=phrasings, small_talk=small_talk, out_of_scope=strangers)
    return Fold(known, held_out)


class _Remembering:
    """Analyses each text once, although several folds index it."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._seen: dict[str, Analysis] = {}
        self.words, self.terms = analyzer.words, analyzer.terms

    def __call__(self, text: str) -> Analysis:
        if text not in self._seen:
            self._seen[text] = self._analyzer(text)
        return self._seen[text]


class _NoEncoder:
    """Stands where there is no embedding: every text is the same."""

    name, dimensions = "none", 1

    def encode(self, texts):  # type: ignore[no-untyped-def]
        return np.ones((len(texts), 1), dtype=np.float32)


def _ask_bare(knowledge: Knowledge, analyse: Analyzer) -> list[Asked]:
    bare = replace(knowledge, phrasings={}, small_talk={}, out_of_scope={})
    index = Index(bare, FeatureTable(analyse, _NoEncoder()))
    questions = [(t, (Kind.ENTRY, id_)) for id_, texts in knowledge.phrasings.items() for t in texts[::3]]
    strangers = [(text, None) for texts in knowledge.out_of_scope.values() for text in texts]
    return [Asked(index, index.evidence(text), right) for text, right in (*questions, *strangers)]


def _fit(asked: list[Asked], columns: set[str], aims: Aims) -> Profile:
    weights = _fit_weights([one for one in asked if _right(one).any()], columns)
    rows, first, five, in_scope = [], [], [], []
    for one in asked:
        if one.right and one.right[0] is Kind.SMALL_TALK:
            continue
        allowed = one.index.is_entry
        chances = probabilities(one.evidence.rows, weights)
        order = np.argsort(-np.where(allowed, chances, -1))
        right = _right(one) & allowed
        rows.append(signals(one.index, one.evidence, chances, allowed))
        first.append(bool(right[order[0]]))
        five.append(bool(right[order[:5]].any()))
        in_scope.append(one.right is not None)
    table, inside = np.array(rows), np.array(in_scope)
    first_right, among_five = _logistic(table, np.array(first)), _logistic(table, np.array(five))
    return Profile(
        weights=weights,
        first_right=tuple(np.round(first_right, 5)),
        among_five=tuple(np.round(among_five, 5)),
        answer_from=_answer_from(_sigmoid(table @ first_right), np.array(first), inside, aims),
        choices_from=round(float(np.quantile(_sigmoid(table @ among_five)[np.array(five)], 1 - KEPT)), 4),
    )


def _right(one: Asked) -> NDArray[np.bool_]:
    """Targets that are right: for an out-of-scope question, every group of them that the index knows."""
    if one.right is None:
        return np.array([target.kind is Kind.OUT_OF_SCOPE for target in one.index.targets])
    return np.array([(target.kind, target.id) == one.right for target in one.index.targets])


def _fit_weights(asked: list[Asked], columns: set[str]) -> tuple[float, ...]:
    """Conditional logit (softmax over targets): maximise the log-probability of the right ones."""
    active = np.array([name in columns for name in COLUMNS])
    tables = [(one.evidence.rows.astype(np.float64), _right(one)) for one in asked]

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        total, slope = 0.0, np.zeros_like(weights)
        for rows, right in tables:
            scores = rows @ weights
            odds = np.exp(scores - scores.max())
            chance = odds / odds.sum()
            share = chance * right
            total -= np.log(share.sum() + 1e-12)
            slope += rows.T @ (chance - share / (share.sum() + 1e-12))
        n = len(tables)
        return total / n + SMOOTHING * float(weights @ weights), (slope / n + 2 * SMOOTHING * weights) * active

    result = minimize(loss, np.where(active, 3.0, 0.0), jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return tuple(float(value) for value in np.round(result.x, 4))


def _logistic(table: Doubles, outcome: NDArray[np.bool_]) -> Doubles:
    fitted = LogisticRegression(C=1.0, fit_intercept=False, max_iter=2000).fit(table, outcome)
    coefficients: Doubles = fitted.coef_[0]
    assert len(coefficients) == len(SIGNALS)
    return coefficients


def _sigmoid(values: Doubles) -> Doubles:
    result: Doubles = 1 / (1 + np.exp(-values))
    return result


def _answer_from(confidence: Doubles, right: NDArray[np.bool_], inside: NDArray[np.bool_], aims: Aims) -> float:
    """The lowest threshold that keeps both aims on held-out questions."""
    for threshold in np.arange(0.5, 0.995, 0.005):
        answered = confidence >= threshold
        wrong = (answered & inside & ~right).sum() / max(1, (answered & inside).sum())
        strangers = (answered & ~inside).sum() / max(1, (~inside).sum())
        if wrong <= aims.wrong_answers and strangers <= aims.strangers_answered:
            return round(float(threshold), 4)
    return 0.995
