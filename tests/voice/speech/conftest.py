"""One real engine with the real table of readings for all tests of speech: it takes half a second to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.speech.japanese import Japanese
from voice.speech.pronunciation import Pronunciation, load_pronunciation

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def pronunciation() -> Pronunciation:
    table, findings = load_pronunciation(ROOT)
    assert table is not None, findings
    return table


@pytest.fixture(scope="session")
def engine(pronunciation: Pronunciation, tmp_path_factory: pytest.TempPathFactory) -> Japanese:
    return Japanese.of(pronunciation, tmp_path_factory.mktemp("dictionary"))
