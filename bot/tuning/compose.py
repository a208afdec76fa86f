"""Make a proposal of a decision: which words to write, which to guard it with, what the draft says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.knowledge.lint import same
from bot.knowledge.models import Entry, Knowledge, Question
from bot.search.batch import BANDS
from bot.search.engine import Band
from bot.search.index import Kind
from bot.search.lexical import Floats
from bot.search.questions import Places, Questions
from bot.tuning.clusters import likeness
from bot.tuning.decide import Decision
from bot.tuning.files import drafted, new_name, written
from bot.tuning.month import Asked
from bot.tuning.proof import Bench, Change
from bot.tuning.proposals import Example, Guard, Proposal, Way, marked
from bot.tuning.wording import TOO_ALIKE, TOO_FAR, chosen_phrasings, may_be_written

LOOKED_AT = 400  # questions of a group; the others are like them
PHRASINGS, GUARDS = 3, 2
EXAMPLES = 8
TITLE, TERMS = 40, 4
LETTERS = {Way.PHRASING: "a", Way.ENTRY: "b", Way.OUT_OF_SCOPE: "c"}


@dataclass(frozen=True)
class Poor:
    """The questions of a language that were not answered well; `right`: the entry residents showed, "" elsewhere."""

    asked: Sequence[Asked]
    questions: Questions
    chances: Floats
    right: Sequence[str]


@dataclass(frozen=True)
class Composed:
    """A proposal with the change it stands for, and whether the decision behind it is sure."""

    proposal: Proposal
    change: Change
    sure: bool


class Composer:
    """Makes the proposals of one language; no two of them write the same words."""

    def __init__(self, bench: Bench, poor: Poor, names: Sequence[str], guards: Sequence[Question]) -> None:
        self._bench, self._poor, self._word = bench, poor, names
        knowledge = bench.knowledge
        said = [*knowledge.phrasings.values(), *knowledge.out_of_scope.values()]
        said += [talk.phrasings for talk in knowledge.small_talk.values()]
        self._taken = {same(text) for texts in said for text in texts}
        self._taken |= {same(entry.question) for entry in knowledge.entries.values()}
        self._taken |= {same(question.ask) for question in guards}
        self._names: set[str] = set()
        self._guards = guards

    def compose(self, decision: Decision) -> Composed:
        """The proposal of a decision."""
        groups = sorted(decision.groups, key=lambda group: -group.askers)
        places = [i for group in groups for i in group.members]
        asked = [self._poor.asked[i] for i in places]
        terms = self._terms(places)
        proposal = Proposal(
            id="", way=decision.way, lang=self._bench.knowledge.lang, target=decision.target, terms=terms,
            title=_title(asked, terms, self._bench.knowledge.lang), questions=sum(each.count for each in asked),
            askers=decision.askers, different=len(asked), examples=_examples(asked),
            why=decision.reasons, near=decision.near,
        )  # fmt: skip
        proposal, change = self._worded(proposal, sorted(places, key=lambda i: -self._poor.asked[i].poor))
        mark = marked(proposal.way, proposal.lang, proposal.target, proposal.phrasings, proposal.title)[:6]
        stands_on = content_mark(self._bench.knowledge, self._guards, proposal)
        proposal = proposal.model_copy(update={"id": f"{LETTERS[decision.way]}-{mark}", "stands_on": stands_on})
        return Composed(proposal, change, decision.sure)

    def _worded(self, proposal: Proposal, places: list[int]) -> tuple[Proposal, Change]:
        looked = np.array(places[:LOOKED_AT])
        alike = likeness(self._poor.questions.take(looked), self._poor.chances[looked])
        weights = np.array([max(self._poor.asked[i].poor, 1) for i in looked], dtype=np.float32)
        middle = alike @ weights / weights.sum()
        allowed = [self._usable(int(i), proposal, float(m)) for i, m in zip(looked, middle, strict=True)]
        texts = [self._poor.asked[int(i)].text for i in looked]
        most = min(PHRASINGS, max(sum(allowed) - 1, 1))  # one should be left to guard
        chosen = chosen_phrasings(texts, weights, alike, allowed, most)
        phrasings = tuple(texts[i] for i in chosen)
        target, entry = proposal.target, None
        if proposal.way is Way.ENTRY:
            entry = drafted(proposal.title, proposal.terms[:2], proposal.near, self._bench.knowledge, self._names)
            target = entry.id
        elif not target:
            target = new_name("", proposal.terms[:2], {*self._bench.knowledge.out_of_scope, *self._names})
        self._names.add(target)
        change = _change(proposal.way, target, phrasings, entry)
        left = [i for i, may in enumerate(allowed) if may and i not in chosen]
        far = [i for i in left if not chosen or (alike[i, chosen].max() < TOO_ALIKE and not _within(texts, i, chosen))]
        guards = self._guarding(proposal.way, target, looked[far], change) if phrasings else ()
        why = (*proposal.why, *self._written_before(texts))
        self._taken |= {same(text) for text in (*phrasings, *(guard.ask for guard in guards))}
        draft = written(entry, phrasings, guards, proposal.near, proposal.lang) if entry else ""
        done = {"target": target, "phrasings": phrasings, "guards": guards, "draft": draft, "why": why}
        asks = tuple(Question(ask=guard.ask, expect=guard.expect, lang=proposal.lang) for guard in guards)
        return proposal.model_copy(update=done), replace(change, guards=asks)

    def _written_before(self, texts: Sequence[str]) -> list[str]:
        """A sentence if residents ask in words that are written already."""
        times = sum(same(text) in self._taken for text in texts)
        return [f"{times}通りの聞き方は、もう言い回しか検査の質問に書いてあります。"] if times else []

    def _usable(self, i: int, proposal: Proposal, typical: float) -> bool:
        """Whether a question may stand for its group in the files."""
        asked, right = self._poor.asked[i], self._poor.right[i]
        if same(asked.text) in self._taken or not may_be_written(asked.text, asked.askers, proposal.lang):
            return False
        if right:
            return proposal.way is Way.PHRASING and right == proposal.target
        likeliest = self._bench.engine.index.targets[int(self._poor.chances[i].argmax())]
        chatting = likeliest.kind is Kind.SMALL_TALK  # complaints and insults among it
        return typical >= TOO_FAR and bool(self._poor.questions.speaks[i]) and not chatting

    def _guarding(self, way: Way, target: str, places: Places, change: Change) -> tuple[Guard, ...]:
        """Other questions of the group that the change sets right; most askers first."""
        places = places[: 5 * GUARDS]
        if not len(places):
            return ()
        after = self._bench.asked_of(change, self._poor.questions.take(places))
        texts = [self._poor.asked[i].text for i in places]
        good: list[tuple[int, int]] = []  # (place among the first three, row)
        for row in range(len(places)):
            tops, answered = list(after.tops[row, :3]), BANDS[after.bands[row]] is Band.ANSWER
            if way is Way.OUT_OF_SCOPE:
                good += [] if answered else [(0, row)]
            elif target in tops and (not answered or tops[0] == target):
                good.append((tops.index(target), row))
        chosen: list[int] = []
        for _, row in sorted(good):
            if len(chosen) < GUARDS and not _within(texts, row, chosen):
                chosen.append(row)
        expect = "none" if way is Way.OUT_OF_SCOPE else target
        return tuple(Guard(ask=texts[row], expect=expect) for row in chosen)

    def _terms(self, places: Sequence[int]) -> tuple[str, ...]:
        """Words that many of the questions share and few others have."""
        rows = np.array(places)
        mine = self._poor.questions.words.take(rows).values
        features, counts = np.unique(mine, return_counts=True)
        everywhere = np.bincount(self._poor.questions.words.values, minlength=int(features.max(initial=0)) + 1)
        weight = counts * np.log((len(self._poor.asked) + 1) / (everywhere[features] + 0.5) + 1)
        best = features[np.lexsort((features, -weight))]
        words = [self._word[int(feature)] for feature in best[: 4 * TERMS]]
        plain = dict.fromkeys(word.lstrip("=") for word in words if word and word[0] != "~" and "〔" not in word)
        return tuple([word for word in plain if len(word) > 1][:TERMS])


def content_mark(knowledge: Knowledge, guards: Sequence[Question], proposal: Proposal) -> str:
    """A mark of the content a proposal stands on: its entry with its words, or the group it goes to."""
    target = proposal.target
    entry = knowledge.entries.get(target)
    said = knowledge.phrasings if proposal.way is Way.PHRASING else knowledge.out_of_scope
    known = [] if entry is None else [entry.question, entry.answer, str(entry.valid)]
    new = {same(text) for text in proposal.phrasings} | {same(guard.ask) for guard in proposal.guards}
    mine = [text for text in said.get(target, ()) if same(text) not in new]
    if proposal.way is Way.PHRASING:
        asked = [guard.ask for guard in guards if (guard.lang, guard.expect) == (knowledge.lang, target)]
        mine += [ask for ask in asked if same(ask) not in new]
    return marked(known, sorted(mine))


def _change(way: Way, target: str, phrasings: tuple[str, ...], entry: Entry | None) -> Change:
    if way is Way.OUT_OF_SCOPE:
        return Change({}, {target: phrasings} if phrasings else {})
    return Change({target: phrasings}, {}, (entry,) if entry else ())


def _examples(asked: Sequence[Asked]) -> tuple[Example, ...]:
    most = sorted(asked, key=lambda each: -each.askers)[:EXAMPLES]
    return tuple(Example(text=_short(each.text, 120), askers=each.askers) for each in most)


def _within(texts: Sequence[str], i: int, chosen: Sequence[int]) -> bool:
    """Whether a text is one of the chosen with more around it, or a part of one: it would guard nothing."""
    mine = same(texts[i])
    return any(mine in same(texts[j]) or same(texts[j]) in mine for j in chosen)


def _title(asked: Sequence[Asked], terms: Sequence[str], lang: str) -> str:
    """The most typical question that says nothing of a person; else what they speak of."""
    for each in asked[:EXAMPLES]:
        if may_be_written(_short(each.text), 2, lang):
            return _short(each.text)
    return f"「{'・'.join(terms)}」の質問" if terms else "いろいろな質問"


def _short(text: str, most: int = TITLE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
