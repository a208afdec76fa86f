"""The content as it stands reaches what it must, on questions that no training data has seen (design.md 4.4)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bot.dialogue.published import Published
from bot.knowledge.chinese import TRADITIONAL
from bot.knowledge.findings import errors
from bot.knowledge.loader import load
from bot.knowledge.translations import LANGUAGES
from bot.search.check import CEILINGS, FLOORS, check

ROOT = Path(__file__).resolve().parents[2]


def test_real_content_passes_its_own_check(published: Published) -> None:
    loaded = load(ROOT)
    engines = {lang: edition.engine for lang, edition in published.editions.items() if lang != TRADITIONAL}
    assert set(engines) == {"ja", *LANGUAGES}
    checked = check(loaded, engines, dt.date(2026, 11, 20))
    assert [str(found) for found in errors(checked.findings)] == []
    assert all(checked.figures[name] >= floor for name, floor in FLOORS.items())
    assert all(checked.figures[name] <= ceiling for name, ceiling in CEILINGS.items())


def test_every_entry_is_guarded_and_there_are_enough_strangers(published: Published) -> None:
    questions = [placed.question for placed in load(ROOT).questions]
    for id_ in published.engine.knowledge.entries:
        assert sum(question.expect == id_ for question in questions) >= 3, id_
    assert sum(question.expect == "none" for question in questions) >= 150


def test_content_is_as_large_as_ordered(published: Published) -> None:
    knowledge, day = published.engine.knowledge, dt.date(2026, 11, 20)
    served = [id_ for id_ in knowledge.entries if knowledge.served(id_, day)]
    assert len(served) >= 200
    assert min(len(knowledge.phrasings[id_]) for id_ in served) >= 20
    assert sum(bool(knowledge.entries[id_].voice) for id_ in served) >= 60
    assert sum(map(len, knowledge.out_of_scope.values())) >= 300
    assert [topic.id for topic in knowledge.topics] == list(dict.fromkeys(topic.id for topic in knowledge.topics))
    assert len(knowledge.topics) == 11
