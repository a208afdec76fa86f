"""Tuning a month, from events to proposals with their proofs."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.analytics.period import Period
from bot.dialogue.events import Event
from bot.knowledge.models import Knowledge, Question
from bot.search.batch import BANDS
from bot.search.engine import Band
from bot.search.features import FeatureTable
from bot.search.questions import Questions, analysed
from bot.search.ranking import Ranking
from bot.tuning.clusters import clustered
from bot.tuning.compose import Composed, Composer, Poor
from bot.tuning.decide import AGREED, Decision, decided, gathered, together, too_alike
from bot.tuning.effects import Proof
from bot.tuning.month import Asked, Month, listen
from bot.tuning.proof import Bench, Heard, Said, joined, said
from bot.tuning.proposals import Proposal, Tuning, Way
from bot.tuning.wording import is_crude

LOOKED_AT = 300  # groups, those with the most askers
RELATED = 0.35  # likeness from which words tried next are about the same matter
Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is (0: nobody knows)."""


@dataclass(frozen=True)
class Searched:
    """One language to tune: its knowledge, the features of its texts, and the fitted figures."""

    knowledge: Knowledge
    table: FeatureTable
    fitted: Ranking


@dataclass(frozen=True)
class Wanted:
    """What to tune: a month, seen on a day (`now`), and how many proposals at most."""

    period: Period
    now: dt.datetime
    most: int = 20
    synthetic: bool = False


def tune(
    events: Iterable[Event], languages: Mapping[str, Searched], guards: Sequence[Question], wanted: Wanted,
    progress: Progress = lambda *_: None,
) -> Tuning:  # fmt: skip
    """All proposals of a month. The same events and content give the same proposals."""
    began, read = time.monotonic(), 0

    def heard(more: int) -> None:
        nonlocal read
        read += more
        progress("出来事を読む", read, 0)

    month = listen(events, heard)
    tuned = {
        lang: _Language(languages[lang], guards, wanted, month, progress)
        for lang in month.languages()
        if lang in languages
    }
    offers: list[tuple[str, Decision | Proposal]] = [(lang, each) for lang in tuned for each in tuned[lang].decisions]
    offers += [(lang, each) for lang in tuned for each in tuned[lang].alike]
    offers = sorted(offers, key=lambda offer: -offer[1].askers)[: wanted.most]
    made: list[Proposal] = []
    composed: list[Composed] = []
    for number, (lang, offer) in enumerate(offers):
        progress("効き目を確かめる", number, len(offers))
        if isinstance(offer, Proposal):
            made.append(offer)
        else:
            composed.append(tuned[lang].compose(offer))
            made.append(tuned[lang].proved(composed[-1]))
    progress("全部を合わせて確かめる", 0, 0)
    at_once, slips = None, 0
    if "ja" in tuned:
        at_once, slips = tuned["ja"].at_once(made, [each for each in composed if each.proposal.lang == "ja"])
    made.sort(key=lambda proposal: (-proposal.askers, proposal.id))
    return Tuning(
        month=wanted.period.first.strftime("%Y-%m"), made_at=wanted.now, synthetic=wanted.synthetic,
        unfinished=wanted.period.unfinished(wanted.now.date()),
        knowledge=next((each.knowledge.version for each in languages.values()), ""),
        questions=month.total, poor=sum(each.poor for each in tuned.values()),
        solved=sum(each.solved for each in tuned.values()),
        left_alone=sum(each.left_alone for each in tuned.values()),
        by_lang={lang: sum(asked.count for asked in month.of(lang)) for lang in month.languages()},
        seconds=round(time.monotonic() - began, 1), proposals=tuple(made), together=at_once, slips=slips,
    )  # fmt: skip


class _Language:
    """One language's share of the work."""

    def __init__(
        self, searched: Searched, guards: Sequence[Question], wanted: Wanted, month: Month, progress: Progress
    ) -> None:
        self.knowledge, self._table = searched.knowledge, searched.table
        asked = month.of(self.knowledge.lang)
        guards = [question for question in guards if question.lang == self.knowledge.lang]
        self._bench = Bench(self.knowledge, self._table, searched.fitted, wanted.now.date())
        self._bench.guard(guards)
        questions = self._analysed(asked, progress)
        labels = _labels(asked, questions)
        right = [_right(labels.get(i, Counter())) for i in range(len(asked))]
        now = self._as_answered_now(asked, questions, right, progress)
        places, self.solved = _poor(asked, now, right)
        progress("同じ質問をまとめる", 0, 0)
        poor = self._taken_out(places, asked, questions, right)
        self.poor = sum(each.poor for each in poor.asked)
        self.decisions = self._decided(poor, {row: labels[i] for row, i in enumerate(places) if i in labels})
        self.left_alone = self.poor - sum(each.askers for each in self.decisions)
        rows = {each.key: i for i, each in enumerate(asked)}
        self.alike = too_alike(month, self.knowledge, self._table, rows, questions)
        self._composer = Composer(self._bench, poor, self._table.names, guards)
        self._touched: set[int] = set()

    def _analysed(self, asked: Sequence[Asked], progress: Progress) -> Questions:
        texts = [each.text for each in asked]
        return analysed(texts, self.knowledge, self._table, lambda done: progress("質問を調べる", done, len(texts)))

    def _as_answered_now(
        self, asked: Sequence[Asked], questions: Questions, right: Sequence[str], progress: Progress
    ) -> Said:
        done = 0

        def more(number: int) -> None:
            nonlocal done
            done += number
            progress("いまの内容で流し直す", done, len(questions))

        results = self._bench.replay.ask(questions, progress=more)
        counts = np.array([each.count for each in asked], dtype=np.int64)
        self._bench.hear(Heard(questions, counts, tuple(right)), results)
        return said(self._bench.engine, results)

    def _taken_out(self, places: list[int], asked: Sequence[Asked], questions: Questions, right: Sequence[str]) -> Poor:
        """The questions at `places`, with what the search thinks of them."""
        mine = questions.take(np.array(places, dtype=np.int64))
        chances = self._bench.replay.ask(mine, chances=True).chances
        assert chances is not None
        return Poor([asked[i] for i in places], mine, chances, [right[i] for i in places])

    def _decided(self, poor: Poor, labels: Mapping[int, Counter[str]]) -> list[Decision]:
        weights = np.array([max(each.poor, 1) for each in poor.asked], dtype=np.float32)
        clusters = clustered(poor.questions, poor.chances, weights)[:LOOKED_AT]
        known = self._bench.replay.known(poor.questions).astype(np.float32)
        content = np.diff(poor.questions.words.starts).astype(np.float32)
        groups = [gathered(each.members, poor.asked, labels, (poor.chances, known, content)) for each in clusters]
        targets = self._bench.engine.index.targets
        return together([decision for group in groups if (decision := decided(group, targets))])

    def compose(self, decision: Decision) -> Composed:
        """The proposal of a decision."""
        return self._composer.compose(decision)

    def proved(self, composed: Composed) -> Proposal:
        """A proposal with its proof, and what speaks against it."""
        proposal, change = composed.proposal, composed.change
        if not change.words:
            return proposal.model_copy(update={"against": against(proposal, None, composed.sure)})
        near = self._bench.near(change)
        self._touched.update(near.tolist())
        proof, _ = self._bench.proof(change, near)
        return proposal.model_copy(update={"proof": proof, "against": against(proposal, proof, composed.sure)})

    def at_once(self, made: Sequence[Proposal], composed: Sequence[Composed]) -> tuple[Proof | None, int]:
        """The proof of all recommended proposals together on the whole month, and how many different questions change
        in it that were not asked again for any single one."""
        good = {proposal.id for proposal in made if proposal.recommended and proposal.way is not Way.ENTRY}
        changes = [each.change for each in composed if each.proposal.id in good]
        if not changes:
            return None, 0
        proof, changed = self._bench.proof(joined(changes))
        return proof, sum(i not in self._touched for i in changed.tolist())


def against(proposal: Proposal, proof: Proof | None, sure: bool) -> tuple[str, ...]:
    """Why a proposal is not recommended: sentences for staff; empty if it is."""
    if proposal.way is Way.ALIKE:
        return ()
    if not proposal.phrasings:
        return (
            "そのまま書ける言い方がありません（長すぎるか、個人のことかもしれない）。編集者が言い回しを書いてください。",
        )
    found = []
    if not proposal.guards:
        found.append("検査の質問にできる、別の聞き方がありません。")
    if not sure:
        found.append("利用者の選択で裏づけられていません。中身を読んで決めてください。")
    if proof is not None:
        found += proof.harm
        if not proof.replayed.changes and not proof.guarded.won:
            found.append("足しても、何も変わりません。")
    return tuple(found)


def _labels(asked: Sequence[Asked], questions: Questions) -> dict[int, Counter[str]]:
    """Entry → how often residents took it, for each question that has any: chosen, or found with other words."""
    place = {each.key: i for i, each in enumerate(asked)}
    labels: dict[int, Counter[str]] = {}
    for i, each in enumerate(asked):
        told = Counter({entry: times for entry, times in each.chosen.items() if times > 0})
        for (key, entry), times in each.tried.items():
            other = place.get(key)
            if other is not None and float(questions.vectors[i] @ questions.vectors[other]) >= RELATED:
                told[entry] += times
        if told:
            labels[i] = told
    return labels


def _right(labels: Counter[str]) -> str:
    """The entry residents agree on, if they do."""
    if not labels:
        return ""
    entry, times = labels.most_common(1)[0]
    return entry if times >= AGREED * sum(labels.values()) else ""


def _poor(asked: Sequence[Asked], now: Said, right: Sequence[str]) -> tuple[list[int], int]:
    """Places of the questions that were not answered well and still are not, and how many people asked others."""
    places, solved = [], 0
    for i, each in enumerate(asked):
        if is_crude(each.text) or (not each.poor and not (each.refused and right[i])):
            continue
        answered = BANDS[now.bands[i]] is Band.ANSWER and not each.unhelpful
        if answered and right[i] in ("", now.tops[i, 0]):
            solved += each.poor
        else:
            places.append(i)
    return places, solved
