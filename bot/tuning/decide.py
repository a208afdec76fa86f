"""What to propose for a group of questions, and which two entries are too alike: the rules and their thresholds. Why
they stand as they do is in docs/decisions/0013. What people chose wins over what the search thinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.knowledge.lint import same
from bot.knowledge.models import Knowledge
from bot.search.features import FeatureTable
from bot.search.index import Kind, Target
from bot.search.lexical import Floats
from bot.search.questions import Questions
from bot.tuning.month import Asked, Month, Pair
from bot.tuning.proposals import Example, Near, Proposal, Way, marked

LEAST_ASKERS = 3  # fewer may be one person's way of speaking
ENOUGH_LABELS = 3  # choices of residents that say what a group is about
AGREED = 0.7  # share of them that must be for one entry
LIKELY = 0.4  # of the search's probability, for an entry without any choice of residents
SURE = 0.6  # the same, to be recommended without a look at the answer
OUTSIDE = 0.5  # of the search's probability on questions that are none of ours
SAME_KIND = 0.4  # share of that on one group, for its questions to go there
OURS = 0.5  # share of the words that our entries know, less OUTSIDE's probability, for a new entry: measured in 0013
TALKS_OF_SOMETHING = 1.5  # words of content a question holds on average; 「いつまで」 alone says nothing
CHOSEN = 5  # times each of two entries that are too alike was chosen
EVEN = 0.35  # share of the choices that the rarer one must have
ONE_QUESTION = 0.8  # likeness of the words that led to the one and to the other
MISTAKEN = 5  # times an answer was no help and the other one was then found
CLOSEST = 2  # pairs of phrasings that are shown
EXAMPLES = 6


@dataclass(frozen=True)
class Group:
    """Questions that ask the same: places among those answered poorly, the most typical first. `labels`: entry → how
    often residents took it; `chances`: mean over askers for each target; `ours`: mean share of known words; `content`:
    mean number of words of content."""

    members: tuple[int, ...]
    asked: tuple[Asked, ...]
    labels: Counter[str]
    none: int
    chances: Floats
    ours: float
    content: float

    @property
    def askers(self) -> int:
        """Conversations in which one of them was not answered well."""
        return sum(max(asked.poor, bool(asked.chosen)) for asked in self.asked)


@dataclass
class Decision:
    """`sure`: whether it may be recommended if the proof holds; `target`: "" for something new; `chosen`: how many
    residents showed what they wanted, and how many of them this."""

    way: Way
    target: str
    why: list[str]
    sure: bool = True
    chosen: tuple[int, int] = (0, 0)
    near: tuple[Near, ...] = ()
    groups: list[Group] = field(default_factory=list)

    @property
    def askers(self) -> int:
        """How many people asked."""
        return sum(group.askers for group in self.groups)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in sentences for staff."""
        total, mine = self.chosen
        told = f"{total}人が、そのあと自分でFAQを選ぶか、言い直して答えにたどり着き、{mine}人がこのFAQでした。"
        return (told, *self.why) if total else tuple(self.why)


def gathered(
    members: tuple[int, ...], asked: Sequence[Asked], labels: Mapping[int, Counter[str]], facts: tuple[Floats, ...]
) -> Group:
    """A group of the questions at `members`; `facts`: chances, share of known words, words of content of all."""
    mine, chances = [asked[i] for i in members], facts[0]
    weights = np.array([max(each.poor, 1) for each in mine], dtype=np.float32)
    rows = np.array(members)
    told: Counter[str] = Counter()
    for i in members:
        told.update(labels.get(i, {}))
    means = [np.average(values[rows], axis=0, weights=weights) for values in (chances, *facts[1:])]
    none = sum(each.none for each in mine)
    return Group(members, tuple(mine), told, none, means[0], float(means[1]), float(means[2]))


def decided(group: Group, targets: Sequence[Target]) -> Decision | None:
    """What to propose; None if nothing can be said."""
    if group.askers < LEAST_ASKERS:
        return None
    near = nearest(group.chances, targets)
    told = sum(group.labels.values())
    chosen = told >= ENOUGH_LABELS and group.none <= 2 * told
    found = _by_choices(group) if chosen else _by_search(group, targets, near)
    if found:
        found.near, found.groups = near, [group]
    return found


def nearest(chances: Floats, targets: Sequence[Target]) -> tuple[Near, ...]:
    """The three entries the search thinks of most."""
    entries = [i for i, target in enumerate(targets) if target.kind is Kind.ENTRY]
    best = sorted(entries, key=lambda i: -chances[i])[:3]
    return tuple(Near(id=targets[i].id, share=round(float(chances[i]), 3)) for i in best)


def _by_choices(group: Group) -> Decision | None:
    total = sum(group.labels.values())
    first, most = group.labels.most_common(1)[0]
    if most < AGREED * total:
        return None  # the same words mean several things
    return Decision(Way.PHRASING, first, [], chosen=(total, most))


def _by_search(group: Group, targets: Sequence[Target], near: tuple[Near, ...]) -> Decision | None:
    if group.content < TALKS_OF_SOMETHING:
        return None
    refused = group.none >= ENOUGH_LABELS and group.none > 2 * sum(group.labels.values())
    told = [f"候補を見て「この中にない」を押した人が{group.none}人います。"] if group.none else []
    outside = [i for i, target in enumerate(targets) if target.kind is Kind.OUT_OF_SCOPE]
    share = float(group.chances[outside].sum()) if outside else 0.0
    first, second = [*near, Near(id="", share=0), Near(id="", share=0)][:2]
    if share >= OUTSIDE:
        kind = max(outside, key=lambda i: group.chances[i])
        told.append(f"いまの検索は、平均{share:.0%}の見込みで「自動車税のことではない」と見ています。")
        if group.chances[kind] >= SAME_KIND * share:
            return Decision(Way.OUT_OF_SCOPE, targets[kind].id, told)
        return Decision(Way.OUT_OF_SCOPE, "", told)
    if not refused and first.share >= LIKELY and first.share >= 2 * second.share:
        told.append(f"いまの検索は、平均{first.share:.0%}の見込みでこのFAQと見ています（次は{second.share:.0%}）。")
        told.append("利用者が自分で選んだ記録は、まだ足りません。答えが質問に合うかを読んで確かめてください。")
        return Decision(Way.PHRASING, first.id, told, sure=first.share >= SURE)
    told.append(f"質問の言葉のうち、いまのFAQが知っているのは平均{group.ours:.0%}です。")
    if group.ours - share >= OURS:
        told.append("近いFAQはありますが、どれとも決まりません。答えがあるかを、まず近いFAQで確かめてください。")
        return Decision(Way.ENTRY, "", told, sure=False)
    return Decision(Way.OUT_OF_SCOPE, "", told, sure=refused)


def together(decisions: Sequence[Decision]) -> list[Decision]:
    """Those with the same end made one; new entries and new groups of out-of-scope questions stay apart."""
    found: dict[tuple[Way, str], Decision] = {}
    alone: list[Decision] = []
    for decision in decisions:
        if not decision.target:
            alone.append(decision)
        elif earlier := found.get((decision.way, decision.target)):
            earlier.groups += decision.groups
            earlier.sure |= decision.sure
            earlier.chosen = (earlier.chosen[0] + decision.chosen[0], earlier.chosen[1] + decision.chosen[1])
            earlier.why += [line for line in decision.why if line not in earlier.why]
        else:
            found[decision.way, decision.target] = decision
    return [*found.values(), *alone]


def too_alike(
    month: Month, knowledge: Knowledge, table: FeatureTable, rows: Mapping[str, int], questions: Questions
) -> list[Proposal]:
    """Two entries offered together and then chosen about equally by people who asked alike, or taken for one another.
    Nothing is written for these: an editor makes them one, or says in their questions how they differ. Most choices
    first. `rows`: the place of each question, by its key, in `questions`."""
    found = []
    nothing: Pair = Pair()
    mistaken = {tuple(sorted(pair)) for pair, times in month.mistaken.items() if times >= MISTAKEN}
    for first, second in sorted({*month.pairs, *mistaken}):
        if first not in knowledge.entries or second not in knowledge.entries:
            continue
        pair = month.pairs.get((first, second), nothing)
        why = [*_divided(pair, first, second, rows, questions), *_mistaken(month, first, second)]
        if why:
            why += _closest_phrasings(knowledge, table, first, second)
            found.append(_proposal(pair, knowledge, (first, second), why, month))
    return sorted(found, key=lambda proposal: (-proposal.askers, proposal.id))


def _divided(pair: Pair, first: str, second: str, rows: Mapping[str, int], questions: Questions) -> list[str]:
    times = sorted((pair.times(first), pair.times(second)))
    if times[0] < CHOSEN or times[0] < EVEN * sum(times):
        return []
    middles = [_middle(pair.chosen.get(entry, Counter()), rows, questions) for entry in (first, second)]
    if float(middles[0] @ middles[1]) < ONE_QUESTION:
        return []
    return [
        f"いっしょに{pair.offered}回候補に出て、同じような聞き方の人が「{first}」を{pair.times(first)}回、"
        f"「{second}」を{pair.times(second)}回選びました。"
    ]


def _middle(chosen: Counter[str], rows: Mapping[str, int], questions: Questions) -> Floats:
    found = [(rows[key], times) for text, times in chosen.items() if (key := same(text)) in rows]
    total = np.zeros(questions.vectors.shape[1], dtype=np.float32)
    for row, times in found:
        total += questions.vectors[row] * times
    middle: Floats = total / (float(np.linalg.norm(total)) or 1.0)
    return middle


def _mistaken(month: Month, first: str, second: str) -> list[str]:
    told = []
    for answered, wanted in ((first, second), (second, first)):
        if (times := month.mistaken[answered, wanted]) >= MISTAKEN:
            told.append(f"「{answered}」の答えが役に立たず、「{wanted}」にたどり着いた人が{times}人います。")
    return told


def _closest_phrasings(knowledge: Knowledge, table: FeatureTable, first: str, second: str) -> list[str]:
    """The phrasings of both that are nearest to each other."""
    texts = [knowledge.phrasings.get(id_, ()) for id_ in (first, second)]
    if not all(texts):
        return []
    vectors = [np.stack([table.row(text).vector for text in said]) for said in texts]
    cosines = vectors[0] @ vectors[1].T
    told = []
    for _ in range(CLOSEST):
        i, j = np.unravel_index(int(cosines.argmax()), cosines.shape)
        told.append(f"近い言い回し: 「{texts[0][i]}」（{first}）と「{texts[1][j]}」（{second}）")
        cosines[i, :], cosines[:, j] = -1, -1
    return told


def _proposal(pair: Pair, knowledge: Knowledge, both: tuple[str, str], why: list[str], month: Month) -> Proposal:
    first, second = both
    said: Counter[str] = Counter()
    for words in pair.chosen.values():
        said.update(words)
    mistaken = month.mistaken[first, second] + month.mistaken[second, first]
    target = f"{first}+{second}"
    return Proposal(
        id=f"d-{marked(Way.ALIKE, knowledge.lang, target)[:6]}", way=Way.ALIKE, lang=knowledge.lang, target=target,
        title=f"「{knowledge.entries[first].question}」と「{knowledge.entries[second].question}」",
        questions=pair.offered, askers=pair.times(first) + pair.times(second) + mistaken, different=len(said),
        examples=tuple(Example(text=text[:120], askers=times) for text, times in said.most_common(EXAMPLES)),
        why=tuple(why),
    )  # fmt: skip
