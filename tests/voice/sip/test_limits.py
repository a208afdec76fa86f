"""Who may speak to the server, and how fast."""

from __future__ import annotations

import pytest

from voice.sip.limits import SOURCES, Gate


def test_source_has_its_burst_and_then_its_rate() -> None:
    gate = Gate((), rate=10.0, burst=5.0, rate_of_all=1000.0)
    assert [gate.admits("192.0.2.1", 0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert gate.admits("192.0.2.2", 0.0)
    assert [gate.admits("192.0.2.1", 0.25) for _ in range(3)] == [True, True, False]


def test_all_sources_together_have_a_rate() -> None:
    gate = Gate((), rate=10.0, burst=5.0, rate_of_all=10.0)
    admitted = sum(gate.admits(f"192.0.2.{number}", 0.0) for number in range(100))
    assert admitted == 20


def test_sources_are_forgotten_when_there_are_too_many() -> None:
    gate = Gate(("10.0.0.0/8",), rate=1.0, burst=1.0, rate_of_all=1e9)
    for number in range(SOURCES + 100):
        host = f"10.0.{number // 250}.{number % 250}"
        assert gate.allows(host)
        gate.admits(host, 0.0)
    assert len(gate) == SOURCES


@pytest.mark.parametrize(
    ("allowed", "host", "may"),
    [
        ((), "192.0.2.1", True),
        (("192.0.2.0/24",), "192.0.2.1", True),
        (("192.0.2.0/24", "198.51.100.7"), "198.51.100.7", True),
        (("192.0.2.0/24",), "192.0.3.1", False),
        (("192.0.2.77/24",), "192.0.2.1", True),
    ],
)
def test_only_listed_networks_may_speak(allowed: tuple[str, ...], host: str, may: bool) -> None:
    gate = Gate(allowed, 1.0, 1.0, 1.0)
    assert gate.allows(host) is may
    assert gate.allows(host) is may


def test_what_is_no_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="trunk"):
        Gate(("trunk.example",), 1.0, 1.0, 1.0)
