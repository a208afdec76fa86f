"""A month whose truth is known, tuned once for all tests."""

from __future__ import annotations

import pytest
from simulated import Simulated, simulate

from bot.dialogue.published import Published


@pytest.fixture(scope="session")
def simulated(published: Published) -> Simulated:
    """What was planted, asked and proposed."""
    return simulate(published.engine.knowledge)
