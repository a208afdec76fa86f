"""Does each part of the search earn its place? Each is left out, the ranking fitted anew, the guarding questions asked.

Needs the extra `train`; about five minutes.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import QUESTIONS, keep
from bot.dialogue.office_hours import TOKYO
from bot.knowledge.loader import Placed, load
from bot.knowledge.models import Knowledge
from bot.search import fit_ranking
from bot.search.analysis import JapaneseAnalyzer
from bot.search.check import as_query
from bot.search.encoder import StaticEncoder
from bot.search.engine import Engine
from bot.search.evaluate import ask_all, figures, read_queries
from bot.search.features import FeatureTable
from bot.search.index import COLUMNS
from bot.settings import Settings

PARTS = {
    "meaning (dense embedding)": {"meaning"},
    "reading": {"reading", "reading_of_kana"},
    "usage (words of all phrasings)": {"usage"},
    "document (question and answer)": {"document"},
}


def main() -> None:
    """Measure everything, then everything less one part."""
    loaded = load(Settings().root)
    knowledge, questions = loaded.knowledge, loaded.questions
    assert knowledge is not None
    no_synonyms = replace(knowledge, vocabulary=replace(knowledge.vocabulary, synonyms={}))
    rows = {}
    for name, used, left_out in [
        ("everything", knowledge, set()), ("without domain synonyms", no_synonyms, set()),
        *((f"without {name}", knowledge, columns) for name, columns in PARTS.items()),
    ]:  # fmt: skip
        print(name, file=sys.stderr)
        rows[name] = measure(used, questions, set(COLUMNS) - left_out)
    keep("ablation", rows)


def measure(knowledge: Knowledge, questions: tuple[Placed, ...], columns: set[str]) -> dict[str, object]:
    """Train with some columns only and ask."""
    with TemporaryDirectory() as scratch:
        directory = Path(scratch) / "model"
        fitted = fit_ranking.train(knowledge, directory, columns=columns)
        table = FeatureTable(JapaneseAnalyzer(knowledge.vocabulary), StaticEncoder(directory))
        engine = Engine(knowledge, table, fitted)
    today = dt.datetime.now(TOKYO).date()
    guarding = figures(ask_all(engine, [as_query(placed.question) for placed in questions], today))
    heldout = figures(ask_all(engine, read_queries(QUESTIONS / "heldout-2.jsonl"), today))
    return {"guarding": guarding, "heldout-2": heldout}


if __name__ == "__main__":
    main()
