"""A telephone service for the tests of calls, and telephones that are ended after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from . import process
from .baresip import Baresip
from .ear import Ear
from .linphone import Linphone
from .listening import warble
from .service import Service
from .sipp import Sipp

T = TypeVar("T", bound="Baresip | Linphone | Sipp | Service")
Tidy = Callable[[T], T]

CALLER_SAYS, OPERATOR_SAYS = warble(8, seed=1), warble(8, seed=2)


class Desks:
    """Where the service hands calls on to: ports that a test puts a telephone on, and one operator that answers."""

    def __init__(self) -> None:
        self.operators, self.night = process.port(), process.port()


@pytest.fixture(scope="session")
def desks() -> Desks:
    """The same two desks for all calls to the shared service."""
    return Desks()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, desks: Desks) -> Iterator[Service]:
    """One service, closed today, for all tests that only call it."""
    running = Service(
        tmp_path_factory.mktemp("telephone"),
        operators=f"sip:operator@127.0.0.1:{desks.operators}",
        night_desk=f"sip:night@127.0.0.1:{desks.night}",
    )
    yield running
    running.stop()


@pytest.fixture
def tidy() -> Iterator[Callable[[T], T]]:
    """Ends whatever is handed through it after the test, the latest first."""
    running: list[Baresip | Linphone | Sipp | Service] = []

    def keep(started: T) -> T:
        running.append(started)
        return started

    yield keep
    for each in reversed(running):
        each.stop()


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Audio for a SIPp call: says CALLER_SAYS, hears what comes."""
    listening = Ear(say=CALLER_SAYS)
    yield listening
    listening.close()


@pytest.fixture
def dial(service: Service, tmp_path: Path, tidy: Callable[[Sipp], Sipp]) -> Callable[..., Sipp]:
    """Starts a SIPp scenario against the shared service; `dialled` is what its events are found by."""

    def start(scenario: str, *options: str, dialled: str, tcp: bool = False, **parameters: Any) -> Sipp:
        folder = tmp_path / f"{scenario}-{dialled}"
        return tidy(Sipp(folder, scenario, service.sip, "-s", dialled, *options, tcp=tcp, **parameters))

    return start
