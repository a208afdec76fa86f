"""Search quality on questions the training data has not seen, beside the peer, wrong answers first.

`guarding` are tests/questions; `heldout-1` was looked at once while out-of-scope groups were added; `heldout-2` was
written afterwards by somebody who saw neither the training data nor the other questions, and was only measured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from benchmarks import QUESTIONS, keep
from benchmarks.peer import Peer
from bot import assemble
from bot.dialogue.office_hours import TOKYO
from bot.knowledge.loader import load
from bot.search.check import as_query
from bot.search.engine import Engine
from bot.search.evaluate import Outcome, Query, ask_all, figures, read_queries, report
from bot.settings import Settings


def main() -> None:
    """Measure all sets."""
    loaded = load(Settings().root)
    assert loaded.knowledge is not None
    engine = assemble.engine(Settings(), loaded.knowledge)
    peer = Peer(loaded.knowledge)
    sets = {"guarding": [as_query(placed.question) for placed in loaded.questions]}
    sets |= {name: read_queries(QUESTIONS / f"{name}.jsonl") for name in ("heldout-1", "heldout-2")}
    keep("quality", {name: measure(engine, peer, queries) for name, queries in sets.items()})


def measure(engine: Engine, peer: Peer, queries: Sequence[Query]) -> dict[str, object]:
    """Our figures, the reliability of our confidence, and the peer's figures at our share of direct answers."""
    outcomes = ask_all(engine, queries, dt.datetime.now(TOKYO).date())
    ours = figures(outcomes)
    return {
        "ours": ours,
        "reliability": reliability(outcomes),
        "peer": measure_peer(peer, queries, float(ours["answered"])),
        "by_topic": report(outcomes)["by_topic"],
    }


def reliability(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """For tenths of confidence: how many questions with an answer, and how many of them were right."""
    inside = [(outcome.result.confidence, outcome.rank == 1) for outcome in outcomes if outcome.query.expected]
    rows = []
    for low in np.arange(0, 1, 0.1):
        hits = [right for confidence, right in inside if low <= confidence < low + 0.1 + (low > 0.85)]
        if hits:
            rows.append({"from": round(float(low), 1), "questions": len(hits), "right": round(float(np.mean(hits)), 3)})
    return rows


def measure_peer(peer: Peer, queries: Sequence[Query], answered: float) -> dict[str, float]:
    """The peer's threshold is set so that it answers as large a share of the questions as we do."""
    ranked = [(query, *peer.rank(query.query)) for query in queries]
    inside = [(query, ids, chance) for query, ids, chance in ranked if query.expected]
    outside = [chance for query, _, chance in ranked if not query.expected]
    threshold = float(np.quantile([chance for _, _, chance in inside], 1 - answered))
    direct = [(query, ids) for query, ids, chance in inside if chance >= threshold]
    return {
        "hit@1": _share([ids[0] in query.expected for query, ids, _ in inside]),
        "hit@3": _share([bool(set(ids[:3]) & set(query.expected)) for query, ids, _ in inside]),
        "wrong_answers": _share([ids[0] not in query.expected for query, ids in direct]),
        "out_of_scope_answered": _share([chance >= threshold for chance in outside]),
    }


def _share(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if flags else 0.0


if __name__ == "__main__":
    main()
