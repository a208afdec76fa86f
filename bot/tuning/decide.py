"""What to propose for a group of questions. The rules and their thresholds, one after the other; why they stand as they
do is in docs/decisions/0013. What people chose wins over what the search thinks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.search.index import Kind, Target
from bot.search.lexical import Floats
from bot.tuning.month import Asked
from bot.tuning.proposals import Near, Way

LEAST_ASKERS = 3  # fewer may be one person's way of speaking
ENOUGH_LABELS = 3  # choices of residents that say what a group is about
AGREED = 0.7  # share of them that must be for one entry
LIKELY = 0.4  # of the search's probability, for an entry without any choice of residents
SURE = 0.6  # the same, to be recommended without a look at the answer
OUTSIDE = 0.5  # of the search's probability on questions that are none of ours
SAME_KIND = 0.4  # share of that on one group, for its questions to go there
OURS = 0.5  # share of the words that our entries know, for a new entry rather than none of ours
TALKS_OF_SOMETHING = 1.5  # words of content a question holds on average; 「いつまで」 alone says nothing


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
    """`sure`: whether it may be recommended if the proof holds; `target`: "" for something new."""

    way: Way
    target: str
    why: list[str]
    sure: bool = True
    near: tuple[Near, ...] = ()
    groups: list[Group] = field(default_factory=list)


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
    told = f"{total}人が、そのあと自分でFAQを選ぶか、言い直して答えにたどり着き、{most}人がこのFAQでした。"
    return Decision(Way.PHRASING, first, [told])


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
    if group.ours >= OURS:
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
            earlier.why += [line for line in decision.why if line not in earlier.why]
        else:
            found[decision.way, decision.target] = decision
    return [*found.values(), *alone]
