"""Two entries too alike: offered together and then chosen about equally by people who asked alike, or taken for one
another. Nothing is written for these: an editor makes them one, or says in their questions how they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from bot.knowledge.lint import same
from bot.knowledge.models import Knowledge
from bot.search.features import FeatureTable
from bot.search.lexical import Floats
from bot.search.questions import Questions
from bot.tuning.month import Month, Pair
from bot.tuning.proposals import Example, Proposal, Way, marked

LEAST = 5  # times each of the two was chosen
EVEN = 0.35  # share of the choices that the rarer one must have
ONE_QUESTION = 0.8  # likeness of the words that led to the one and to the other
MISTAKEN = 5  # times an answer was no help and the other one was then found
NEAREST = 2  # pairs of phrasings that are shown
EXAMPLES = 6


def pairs(
    month: Month, knowledge: Knowledge, table: FeatureTable, rows: Mapping[str, int], questions: Questions
) -> list[Proposal]:
    """What to look at, most choices first. `rows`: the place of each question, by its key, in `questions`."""
    found = []
    nothing: Pair = Pair()
    mistaken = {tuple(sorted(pair)) for pair, times in month.mistaken.items() if times >= MISTAKEN}
    for first, second in sorted({*month.pairs, *mistaken}):
        if first not in knowledge.entries or second not in knowledge.entries:
            continue
        pair = month.pairs.get((first, second), nothing)
        why = [*_divided(pair, first, second, rows, questions), *_mistaken(month, first, second)]
        if why:
            why += _nearest(knowledge, table, first, second)
            found.append(_proposal(pair, knowledge, (first, second), why, month))
    return sorted(found, key=lambda proposal: (-proposal.askers, proposal.id))


def _divided(pair: Pair, first: str, second: str, rows: Mapping[str, int], questions: Questions) -> list[str]:
    times = sorted((pair.times(first), pair.times(second)))
    if times[0] < LEAST or times[0] < EVEN * sum(times):
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


def _nearest(knowledge: Knowledge, table: FeatureTable, first: str, second: str) -> list[str]:
    """The phrasings of both that are nearest to each other."""
    texts = [knowledge.phrasings.get(id_, ()) for id_ in (first, second)]
    if not all(texts):
        return []
    vectors = [np.stack([table.row(text).vector for text in said]) for said in texts]
    cosines = vectors[0] @ vectors[1].T
    told = []
    for _ in range(NEAREST):
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
