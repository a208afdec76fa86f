"""The peer that every figure stands beside: nearest phrasing by character 1–4-gram TF-IDF cosine, a few lines of
scikit-learn as many FAQ bots do it. It sees the same phrasings and out-of-scope examples."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.knowledge.models import Knowledge

NONE = "none"


class Peer:
    """Ranks entries by their nearest phrasing."""

    def __init__(self, knowledge: Knowledge) -> None:
        texts: list[str] = []
        labels: list[str] = []
        for id_, entry in knowledge.entries.items():
            said = (entry.question, *knowledge.phrasings[id_])
            texts += said
            labels += [id_] * len(said)
        for group in (*knowledge.out_of_scope.values(), *(t.phrasings for t in knowledge.small_talk.values())):
            texts += group
            labels += [NONE] * len(group)
        self._labels = labels
        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
        self._phrasings = self._vectorizer.fit_transform(texts)

    def rank(self, query: str) -> tuple[list[str], float]:
        """Entries, best first, and the cosine of the first; 0 if it takes the query for out of scope."""
        scores = (self._phrasings @ self._vectorizer.transform([query]).T).toarray().ravel()
        order = np.argsort(-scores)[:200]
        ids = dict.fromkeys(self._labels[i] for i in order)
        first = float(scores[order[0]])
        return [id_ for id_ in ids if id_ != NONE][:5], 0.0 if self._labels[order[0]] == NONE else first
