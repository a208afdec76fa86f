"""Prove a change before anyone accepts it: the guarding questions and the month, asked again of the changed content."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.models import Entry, Knowledge, Question
from bot.search.batch import BANDS, Replay, Results
from bot.search.engine import Band, Engine
from bot.search.features import FeatureTable
from bot.search.index import Kind
from bot.search.lexical import Floats
from bot.search.questions import Places, Questions, analysed
from bot.search.ranking import Ranking
from bot.tuning.effects import ANSWER, OTHER_ANSWER, Case, Guarded, Move, Proof, Replayed

NEAREST = 600  # different questions of the month that are asked again for one proposal
SHOWN = 20  # changed ones that are named
OTHER = {Band.ANSWER: OTHER_ANSWER, Band.CHOICES: "別の候補"}
REPLIES = {Band.ANSWER: ANSWER, Band.CHOICES: "候補", Band.FALLBACK: "答えなし"}
IN_WORDS = {Band.ANSWER: "答える", Band.CHOICES: "候補に出す", Band.FALLBACK: "答えない"}


@dataclass(frozen=True)
class Change:
    """What is added to the content: phrasings by entry, by group of out-of-scope questions, and new entries; with the
    questions that guard it."""

    phrasings: Mapping[str, tuple[str, ...]]
    out_of_scope: Mapping[str, tuple[str, ...]]
    entries: tuple[Entry, ...] = ()
    guards: tuple[Question, ...] = ()

    def applied(self, knowledge: Knowledge) -> Knowledge:
        """The content with it."""
        entries = {**knowledge.entries, **{entry.id: entry for entry in self.entries}}
        said = {id_: (*knowledge.phrasings.get(id_, ()), *self.phrasings.get(id_, ())) for id_ in entries}
        outside = dict(knowledge.out_of_scope)
        for kind, texts in self.out_of_scope.items():
            outside[kind] = (*outside.get(kind, ()), *texts)
        return replace(knowledge, entries=entries, phrasings=said, out_of_scope=outside)

    @property
    def words(self) -> list[str]:
        """Everything it adds to the index."""
        added = [*self.phrasings.values(), *self.out_of_scope.values()]
        return [text for texts in added for text in texts] + [entry.question for entry in self.entries]


def joined(changes: Sequence[Change]) -> Change:
    """All of them at once."""
    phrasings: dict[str, tuple[str, ...]] = {}
    outside: dict[str, tuple[str, ...]] = {}
    for change in changes:
        for whole, part in ((phrasings, change.phrasings), (outside, change.out_of_scope)):
            for key, texts in part.items():
                whole[key] = (*whole.get(key, ()), *texts)
    entries = tuple(entry for change in changes for entry in change.entries)
    return Change(phrasings, outside, entries, tuple(guard for change in changes for guard in change.guards))


@dataclass(frozen=True)
class Heard:
    """The month's questions of a language: how many times each was asked, and the right answer where residents showed
    it ("" elsewhere)."""

    questions: Questions
    counts: NDArray[np.int64]
    right: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Results with entries by their id: `firsts`, and `tops` of up to five."""

    bands: NDArray[np.int8]
    tops: NDArray[np.object_]

    def words(self, i: int) -> str:
        """What a question gets, for people."""
        band = BANDS[self.bands[i]]
        return IN_WORDS[band] if band is Band.FALLBACK else f"{self.tops[i, 0]}を{IN_WORDS[band]}"


class Bench:
    """One language's content, its guarding questions and the month, asked once as things are now."""

    def __init__(self, knowledge: Knowledge, table: FeatureTable, fitted: Ranking, day: dt.date) -> None:
        self.knowledge, self._table, self._fitted, self._day = knowledge, table, fitted, day
        self.engine = Engine(knowledge, table, fitted)
        self.replay = Replay(self.engine, day)
        self._guards: list[Question] = []
        self._guarding = analysed((), knowledge, table)
        self._heard: Heard | None = None
        self._last: tuple[Change, Engine, Replay] | None = None

    def guard(self, questions: Sequence[Question]) -> None:
        """The guarding questions of the language."""
        self._guards = [question for question in questions if question.lang == self.knowledge.lang]
        self._guarding = analysed([question.ask for question in self._guards], self.knowledge, self._table)
        self._guarded = said(self.engine, self.replay.ask(self._guarding))

    def hear(self, heard: Heard, results: Results) -> None:
        """The month, and what is said to it now."""
        self._heard, self._now = heard, said(self.engine, results)

    def asked_of(self, change: Change, questions: Questions) -> Said:
        """What some questions would get."""
        engine, replay = self._changed(change)
        return said(engine, replay.ask(questions))

    def _changed(self, change: Change) -> tuple[Engine, Replay]:
        """The search over the changed content; that of the last change is kept, for it is asked twice."""
        change = replace(change, guards=())
        if self._last is None or self._last[0] != change:
            engine = Engine(change.applied(self.knowledge), self._table, self._fitted)
            self._last = change, engine, Replay(engine, self._day)
        return self._last[1], self._last[2]

    def near(self, change: Change) -> Places:
        """The month's questions that a change is most likely to touch."""
        if self._heard is None:
            return np.zeros(0, dtype=np.int64)
        vectors = self._heard.questions.vectors
        if len(vectors) <= NEAREST:
            return np.arange(len(vectors))
        added = analysed(change.words, self.knowledge, self._table).vectors
        closest: Floats = (vectors @ added.T).max(axis=1)
        return np.sort(np.argsort(-closest, kind="stable")[:NEAREST])

    def proof(self, change: Change, rows: Places | None = None) -> tuple[Proof, Places]:
        """What a change does to the guarding questions, and to the month's questions `rows` (None: all); with the rows
        that change."""
        engine, replay = self._changed(change)
        guarded = self._compared(said(engine, replay.ask(self._guarding)))
        if self._heard is None:
            nothing = Replayed(asked=0, different=0, whole=True, before=(0, 0, 0), after=(0, 0, 0))
            return Proof(guarded=guarded, replayed=nothing), np.zeros(0, dtype=np.int64)
        whole = rows is None or len(rows) == len(self._heard.counts)
        places = np.arange(len(self._heard.counts)) if rows is None else rows
        after = said(engine, replay.ask(self._heard.questions.take(places)))
        replayed, changed = self._again(self._heard, places, after, whole)
        return Proof(guarded=guarded, replayed=replayed), changed

    def _compared(self, after: Said) -> Guarded:
        before, won, lost = self._guarded, list[Case](), list[Case]()
        wrong, outside = [0, 0], [0, 0]
        for i, question in enumerate(self._guards):
            good = []
            for number, results in enumerate((before, after)):
                answered = BANDS[results.bands[i]] is Band.ANSWER
                missed = answered and results.tops[i, 0] not in question.right
                (wrong if question.right else outside)[number] += missed
                found = not question.right or any(id_ in question.right for id_ in results.tops[i, :3])
                good.append(not missed and found)
            if good[0] != good[1]:
                case = Case(ask=question.ask, expect=question.expect, before=before.words(i), after=after.words(i))
                (won if good[1] else lost).append(case)
        return Guarded(
            asked=len(self._guards), won=tuple(won), lost=tuple(lost), wrong=(wrong[0], wrong[1]),
            out_of_scope=(outside[0], outside[1]),
        )  # fmt: skip

    def _again(self, heard: Heard, rows: Places, after: Said, whole: bool) -> tuple[Replayed, Places]:
        before = Said(self._now.bands[rows], self._now.tops[rows])
        counts = heard.counts[rows]
        shown = [(s.bands > 0) for s in (before, after)]
        other = (before.bands != after.bands) | (shown[0] & shown[1] & (before.tops[:, 0] != after.tops[:, 0]))
        places = np.flatnonzero(other)
        places = places[np.argsort(-counts[places], kind="stable")]
        cases = [
            Case(
                ask=heard.questions.texts[rows[i]], before=before.words(i), after=after.words(i), askers=int(counts[i])
            )
            for i in places[:SHOWN].tolist()
        ]
        right = np.array([heard.right[i] for i in rows.tolist()], dtype=object)
        direct = [(s.bands == 2) & (right != "") for s in (before, after)]
        hits = [int(counts[d & (s.tops[:, 0] == right)].sum()) for d, s in zip(direct, (before, after), strict=True)]
        misses = [int(counts[d].sum()) - hit for d, hit in zip(direct, hits, strict=True)]
        replayed = Replayed(
            asked=int(counts.sum()), different=len(rows), whole=whole, before=_replies(before, counts),
            after=_replies(after, counts), changes=int(counts[places].sum()),
            moves=_moves(before, after, counts, places), changed=tuple(cases),
            right=(hits[0], hits[1]), wrong=(misses[0], misses[1]),
        )  # fmt: skip
        return replayed, rows[places]


def said(engine: Engine, results: Results) -> Said:
    """Results with the names of entries."""
    names = np.array([*(t.id if t.kind is Kind.ENTRY else "" for t in engine.index.targets), ""], dtype=object)
    return Said(results.bands, names[results.tops])


def _moves(before: Said, after: Said, counts: NDArray[np.int64], places: Places) -> tuple[Move, ...]:
    """What becomes what at `places`, most questions first."""
    moves: Counter[tuple[str, str]] = Counter()
    for i in places.tolist():
        old, new = BANDS[before.bands[i]], BANDS[after.bands[i]]
        moves[REPLIES[old], REPLIES[new] if old is not new else OTHER[new]] += int(counts[i])
    return tuple(Move(before=old, after=new, questions=times) for (old, new), times in moves.most_common())


def _replies(results: Said, counts: NDArray[np.int64]) -> tuple[int, int, int]:
    answer, choices, fallback = (int(counts[results.bands == band].sum()) for band in (2, 1, 0))
    return answer, choices, fallback
