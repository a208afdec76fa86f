"""Everything that guards the content, in one run: lint, look-alikes, validity, the guarding questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.knowledge.findings import Finding, finding
from bot.knowledge.lint import check_validity
from bot.knowledge.loader import Loaded, Placed
from bot.knowledge.models import Question
from bot.knowledge.translations import check_terms
from bot.search.engine import Engine
from bot.search.evaluate import Outcome, Query, ask_all, figures

# What must be reached on the guarding questions (the floor of CI).
FLOORS = {"hit@1": 0.90, "hit@3": 0.97, "answered": 0.75}
FOREIGN_FLOORS = {"hit@1": 0.85, "hit@3": 0.95}
CEILINGS = {"wrong_answers": 0.03, "out_of_scope_answered": 0.05}
FOREIGN_CEILINGS = {"wrong_answers": 0.03}
ENOUGH = (100, 200)  # questions in another language, in Japanese: with fewer a rate says little
ALIKE = 0.97  # cosine from which two phrasings can't be told apart


@dataclass(frozen=True)
class Checked:
    """All findings, sorted, and the figures of the guarding questions."""

    findings: tuple[Finding, ...]
    figures: dict[str, float | int]
    by_lang: dict[str, dict[str, float | int]]


def check(loaded: Loaded, engines: Mapping[str, Engine], today: dt.date) -> Checked:
    """Check knowledge that loaded without errors; `loaded.findings` are part of the outcome. The figures are those of
    Japanese, with those of the other languages beside them."""
    entries = list(engines["ja"].knowledge.entries.values())
    found = [*loaded.findings, *check_validity(entries, today)]
    for pack in loaded.packs:
        found += check_terms(pack, engines["ja"].knowledge.entries)
    measured: dict[str, dict[str, float | int]] = {}
    for lang, engine in engines.items():
        asked = [placed for placed in loaded.questions if placed.question.lang == lang]
        outcomes = ask_all(engines, [as_query(placed.question) for placed in asked], today)
        for placed, outcome in zip(asked, outcomes, strict=True):
            found += _judge(placed, outcome)
        found += _lookalikes(engine)
        measured[lang] = figures(outcomes)
        if len(outcomes) >= ENOUGH[lang == "ja"]:
            found += _bounds(lang, measured[lang])
    return Checked(tuple(sorted(found)), measured["ja"], measured)


def as_query(question: Question) -> Query:
    """A guarding question as a line of an evaluation file."""
    expected = () if question.expect == "none" else (question.expect, *question.accept)
    return Query(query=question.ask, lang=question.lang, expected=expected)


def _judge(placed: Placed, outcome: Outcome) -> Sequence[Finding]:
    question, place = placed.question, (placed.path, placed.line)
    got = outcome.result.matches[0].id if outcome.result.matches else "（なし）"
    facts: dict[str, Any] = {"text": question.ask, "got": got, "expected": question.expect}
    if outcome.wrong:
        return [finding("ASK010" if question.right else "ASK012", *place, **facts)]
    if question.right and not 0 < outcome.rank <= 3:
        return [finding("ASK011", *place, **facts)]
    return []


def _bounds(lang: str, measured: dict[str, float | int]) -> list[Finding]:
    path = "tests/questions" if lang == "ja" else f"tests/questions/{lang}.yaml"
    floors, ceilings = (FLOORS, CEILINGS) if lang == "ja" else (FOREIGN_FLOORS, FOREIGN_CEILINGS)
    low = [(name, limit, "下限") for name, limit in floors.items() if measured[name] < limit]
    high = [(name, limit, "上限") for name, limit in ceilings.items() if measured[name] > limit]
    return [
        finding("ASK020", path, name=name, value=measured[name], bound=bound, limit=limit)
        for name, limit, bound in (*low, *high)
    ]


def _lookalikes(engine: Engine) -> list[Finding]:
    findings = []
    for first, second, a, b in engine.index.lookalikes(ALIKE):
        folder = "faq" if engine.knowledge.lang == "ja" else engine.knowledge.lang
        path = f"nlu_data/{folder}/{engine.knowledge.entries[first].topic}.yml"
        findings.append(finding("NLU006", path, first=first, second=second, a=a, b=b))
    return findings
