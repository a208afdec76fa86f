"""Who may call, how often, and what happens when the service is stopped or breaks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from served import eventually

from .service import Service, fact
from .sipp import Sipp

pytestmark = pytest.mark.slow

KEEP = 2  # calls of one source at a time


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that takes few calls of one source and is stopped and broken by these tests, in the order below."""
    running = Service(tmp_path_factory.mktemp("small"), calls_per_source=str(KEEP), drain_seconds="6")
    yield running
    running.stop()


@pytest.fixture
def call(small: Service, tmp_path: Path, tidy: Callable[[Sipp], Sipp]) -> Callable[..., Sipp]:
    """Starts a SIPp scenario against the small service."""

    def start(scenario: str, *options: str, dialled: str, source: str = "127.0.0.1", **parameters: Any) -> Sipp:
        folder = tmp_path / f"{scenario}-{dialled}"
        return tidy(Sipp(folder, scenario, small.sip, "-s", dialled, *options, source=source, **parameters))

    return start


def test_a_source_that_is_not_on_the_list_gets_no_answer(call: Callable[..., Sipp], small: Service) -> None:
    outcome = call("stranger", dialled="stranger", source="127.0.0.2").outcome()
    assert outcome.received("SIP/2.0") == []
    assert small.calls("stranger") == []
    assert call("answer", dialled="friend").outcome().ok == 1


def test_one_source_gets_no_more_than_its_calls(call: Callable[..., Sipp], small: Service) -> None:
    held = call("answer", "-m", str(KEEP), "-r", "20", dialled="crowd", stay=2500)
    eventually(lambda: len(small.calls("crowd")) == KEEP)
    refused = call("refused", dialled="too-many").outcome()
    assert refused.ok == 1, refused.messages[-3000:]
    assert held.outcome().ok == KEEP
    assert call("answer", dialled="after-the-crowd").outcome().ok == 1  # those that ended count no longer


def test_a_killed_telephone_is_started_again(call: Callable[..., Sipp], small: Service) -> None:
    before = small.telephone_process()
    small.kill_telephone()
    eventually(lambda: small.is_up(other_than=before), 30)
    assert small.client.get("/healthz").status_code == 200
    assert call("answer", dialled="after-the-kill").outcome().ok == 1
    assert fact(small.ended_call("after-the-kill"), "call_ended")["by"] == "caller"


def test_stopping_lets_calls_end_and_takes_no_new_ones(call: Callable[..., Sipp], small: Service) -> None:
    short = call("answer", dialled="drained", stay=3000)
    long = call("until_left", dialled="cut-off")
    eventually(lambda: small.calls("drained") and small.calls("cut-off"))
    small.process.send_signal(signal.SIGTERM)
    ended = threading.Thread(target=small.process.wait)
    ended.start()
    refused = call("refused", dialled="too-late").outcome()
    assert refused.ok == 1, refused.messages[-3000:]
    assert short.outcome().ok == 1
    assert long.outcome().ok == 1  # BYE when the time to drain is over
    ended.join(20)
    assert small.process.returncode == 0
    assert fact(small.calls("cut-off")[0], "call_ended")["by"] == "service"
