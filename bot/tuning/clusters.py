"""Put questions that ask the same together: deterministic, and quick with tens of thousands of different ones.

Two questions are alike if the search model thinks so (its vectors know which words of our subject mean the same) if the
engine would lead them to the same entries (the Bhattacharyya coefficient of its probabilities), and if they share rare
words and sounds (which also holds for words the model has never seen). All go into one vector, so that "alike" is one
inner product. The heaviest question that is like no leader so far becomes the next leader; then the
groups of leaders whose centres are alike are joined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.search.encoder import unit
from bot.search.lexical import Floats, Ints
from bot.search.questions import Places, Questions, Ragged

HASHED = 128  # dimensions each for words and sounds: two strangers seem alike by .09 there, .03 of the whole
ALIKE = 0.55  # from here on a question belongs to a leader
JOINED = 0.66  # from here on two groups are one
BLOCK = 512
MAX_GROUPS = 6000  # what comes later stays alone: it was asked by few
SHARES = (0.3, 0.4, 0.2, 0.1)  # of the likeness: meaning, destination, words, sounds


@dataclass(frozen=True)
class Cluster:
    """Places of questions, the most typical first."""

    members: tuple[int, ...]
    typical: tuple[float, ...]  # likeness of each to the middle


def clustered(questions: Questions, chances: Floats, weights: Floats) -> list[Cluster]:
    """All questions in groups, those with the most weight first. `chances`: what the engine says to each
    (`Results.chances`); `weights`: how many people asked each."""
    if not len(questions):
        return []
    points = _points(questions, chances)
    order = np.lexsort((np.arange(len(points)), -weights))
    group = _led(points, order)
    group = _joined(points, weights, group)
    middles = _middles(points, weights, group)
    typical = np.einsum("ij,ij->i", points, middles[group])
    clusters = []
    by_group = np.lexsort((np.arange(len(points)), -typical, group))
    for members in np.split(by_group, np.flatnonzero(np.diff(group[by_group])) + 1):
        clusters.append(Cluster(tuple(members.tolist()), tuple(typical[members].tolist())))
    return sorted(clusters, key=lambda c: (-float(weights[list(c.members)].sum()), c.members))


def likeness(questions: Questions, chances: Floats) -> Floats:
    """How alike each is to each, at most 1; for a few hundred questions."""
    points = _points(questions, chances)
    alike: Floats = points @ points.T
    return alike


def _points(questions: Questions, chances: Floats) -> Floats:
    words = _hashed(questions.words, questions.weights, 1)
    sounds = _hashed(questions.readings, np.ones(len(questions.readings.values), dtype=np.float32), 2)
    parts = [vectors * np.float32(np.sqrt(share)) for vectors, share in zip(
        (questions.vectors, np.sqrt(chances), words, sounds), SHARES, strict=True
    )]  # fmt: skip
    return unit(np.concatenate(parts, axis=1))


def _hashed(rows: Ragged, weights: Floats, seed: int) -> Floats:
    """Features by how rare they are among these questions, folded into HASHED dimensions with random signs."""
    size, owner = len(rows), rows.owner()
    features, place = np.unique(rows.values, return_inverse=True)
    frequency = np.bincount(place, minlength=len(features))
    rarity = np.log((size + 1) / (frequency + 0.5))
    numbers = _scrambled(features, seed)
    signs = np.where(numbers >> 40 & 1, 1.0, -1.0)
    cells = owner * HASHED + (numbers % HASHED)[place]
    values = (weights * (rarity * signs)[place]).astype(np.float64)
    folded = np.bincount(cells, values, minlength=size * HASHED).reshape(size, HASHED)
    return unit(folded.astype(np.float32))


def _scrambled(features: Ints, seed: int) -> Places:
    """Numbers that look random, the same in every run (splitmix64)."""
    x = features.astype(np.uint64) + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def _led(points: Floats, order: Places) -> Places:
    """The group of each point: that of the nearest leader, or a new one."""
    group = np.full(len(points), -1, dtype=np.int64)
    leaders = np.zeros((0, points.shape[1]), dtype=np.float32)
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        left = block
        if len(leaders):
            alike = points[block] @ leaders.T
            nearest = alike.argmax(axis=1)
            near = alike[np.arange(len(block)), nearest] >= ALIKE
            group[block[near]] = nearest[near]
            left = block[~near]
        new = _new_leaders(points[left])
        group[left] = new + len(leaders)
        firsts = [int(left[np.argmax(new == i)]) for i in range(int(new.max(initial=-1)) + 1)]
        leaders = np.concatenate([leaders, points[firsts]])[: max(MAX_GROUPS, len(leaders))]
    return np.unique(group, return_inverse=True)[1]


def _new_leaders(points: Floats) -> Places:
    """Groups among points that no leader is near to, in their order."""
    group = np.full(len(points), -1, dtype=np.int64)
    alike = points @ points.T
    made = 0
    for i in range(len(points)):
        if group[i] < 0:
            group[(group < 0) & (alike[i] >= ALIKE)] = made
            group[i] = made
            made += 1
    return group


def _joined(points: Floats, weights: Floats, group: Places) -> Places:
    """Groups whose middles are alike made one, twice over."""
    for _ in range(2):
        middles = _middles(points, weights, group)
        heavy = np.bincount(group, weights)
        order = np.lexsort((np.arange(len(middles)), -heavy))
        into = np.full(len(middles), -1, dtype=np.int64)
        for i in order[:MAX_GROUPS]:
            if into[i] < 0:
                near = (into < 0) & (middles @ middles[i] >= JOINED)
                into[near] = i
                into[i] = i
        into = np.where(into < 0, np.arange(len(middles)), into)
        group = np.unique(into[group], return_inverse=True)[1]
    return group


def _middles(points: Floats, weights: Floats, group: Places) -> Floats:
    middles = np.zeros((int(group.max()) + 1, points.shape[1]), dtype=np.float32)
    np.add.at(middles, group, points * weights[:, None].astype(np.float32))
    return unit(middles)
