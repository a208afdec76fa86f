"""What a trunk may do to us, played by SIPp against the real service. All scenarios run at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .ear import Ear
from .listening import key_tones
from .service import Service, fact, names
from .sipp import DIGITS, Outcome, Sipp

pytestmark = pytest.mark.slow

GREETING = "お電話ありがとうございます。ただいまは、受付時間外です。"
NUMBER = "0481234567"  # who calls in all scenarios
KEY_1 = DIGITS / "dtmf_2833_1.pcap"


@dataclass(frozen=True)
class Case:
    """A scenario and what to run it with; `chosen` is the topic that its keys choose."""

    scenario: str
    options: tuple[str, ...] = ()
    tcp: bool = False
    calls: int = 1
    chosen: str = ""
    limit_secs: float = 30.0
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Also what it dials, by which its events are found."""
        return self.scenario.replace("_", "-") + ("-tcp" if self.tcp else "")


CASES = [
    Case("ack_lost", limit_secs=60),
    Case("vanished", limit_secs=60),
    Case("answer"),
    Case("answer", tcp=True),
    Case("diverted"),
    Case("keys_events", chosen="1", parameters={"events": 96}),
    Case("keys_recorded", chosen="1"),
    Case("keys_info", chosen="#", parameters={"key": 9, "second": "#"}),
    Case("keys_info", tcp=True, chosen="#", parameters={"key": 9, "second": "#"}),
    Case("keys_tones", chosen="5"),
    Case("pcma", chosen="1", parameters={"codecs": "8"}),
    Case("g729", calls=0),
    Case("options", calls=0),
    Case("options", tcp=True, calls=0),
    Case("unknown_dialog", calls=0),
    Case("unknown_method"),
    Case("unknown_method", tcp=True),
    Case("hold"),
    Case("late_offer", chosen="1"),
    Case("late_offer", tcp=True, chosen="1"),
    Case("reliable_ringing", calls=0),
    Case("timer_short"),
    Case("crossed_cancel"),
    Case("any_moment", ("-m", "20", "-r", "10"), calls=20),
    Case("lossy", ("-m", "40", "-r", "10", "-lost", "10"), calls=40, limit_secs=50),
]
BY_PATIENCE: list[Case] = sorted(CASES, key=lambda case: case.limit_secs)  # the slowest is waited for last


@pytest.fixture(scope="module")
def runs(
    service: Service, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Outcome]]:
    """Starts every scenario that is wanted, at once; gives the outcome of one."""
    folder = tmp_path_factory.mktemp("scenarios")
    tones = folder / "tones.raw"
    tones.write_bytes(key_tones("5").followed_by_silence(0.5).ulaw())
    mine = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    wanted = {item.callspec.params["case"].name for item in mine}
    started = {case.name: start(case, service, folder, (KEY_1, tones)) for case in CASES if case.name in wanted}
    yield lambda name: started[name].outcome()
    for run in started.values():
        run.stop()


def start(case: Case, service: Service, folder: Path, files: tuple[Path, ...]) -> Sipp:
    return Sipp(
        folder / case.name, case.scenario, service.sip, "-s", case.name, *case.options,
        tcp=case.tcp, limit_secs=case.limit_secs, files=files, **case.parameters,
    )  # fmt: skip


@pytest.mark.parametrize("case", BY_PATIENCE, ids=lambda case: case.name)
def test_scenario_goes_as_written(runs: Callable[[str], Outcome], service: Service, case: Case) -> None:
    outcome = runs(case.name)
    assert (outcome.ok, outcome.failed) == (max(1, case.calls), 0), outcome.errors[-3000:] + outcome.messages[-6000:]
    if not case.calls:
        assert service.calls(case.name) == []
        return
    for call in service.ended_calls(case.name, case.calls):
        assert names(call)[0] == "call_received"
        assert case.chosen in [event["key"] for event in call if event["name"] == "topic_chosen"] or not case.chosen


def test_a_caller_who_vanished_is_hung_up(runs: Callable[[str], Outcome], service: Service) -> None:
    assert runs("vanished").ok == 1
    ended = fact(service.ended_call("vanished"), "call_ended")
    assert (ended["by"], ended["reason"]) == ("failure", "no audio")


def test_a_lost_ack_has_the_answer_repeated_and_then_the_call_ended(
    runs: Callable[[str], Outcome], service: Service
) -> None:
    outcome = runs("ack-lost")
    assert len(outcome.received("SIP/2.0 200")) >= 8  # 0, 0.5, 1.5, 3.5, 7.5, 11.5 … 31.5 s
    call = service.ended_call("ack-lost")
    assert fact(call, "call_ended")["by"] != "caller"
    assert "call_answered" not in names(call)


def test_audio_stops_while_held_and_goes_on_where_it_was(dial: Callable[..., Sipp], service: Service, ear: Ear) -> None:
    run = dial("hold", dialled="held", audio=ear.port, before=1000, stay=5000)
    assert run.outcome().ok == 1
    assert sum(gap > 0.5 for gap in ear.gaps()) == 2
    assert ear.joined().contains(service.said(GREETING))


def test_a_forwarded_call_is_known_as_one(runs: Callable[[str], Outcome], service: Service) -> None:
    runs("diverted")
    assert fact(service.ended_call("diverted"), "call_received")["diverted"] is True
    runs("answer")
    assert fact(service.ended_call("answer"), "call_received")["diverted"] is False


def test_no_number_of_a_caller_is_kept(runs: Callable[[str], Outcome], service: Service) -> None:
    runs("diverted")
    caller = fact(service.ended_call("diverted"), "call_received")["caller"]
    assert caller == fact(service.ended_call("answer"), "call_received")["caller"]  # the same one, under another name
    kept = [file for file in service.data.rglob("*") if file.is_file() and file.parent.parent.name != "prompts"]
    assert service.database in kept
    for file in kept:
        assert NUMBER.encode() not in file.read_bytes(), file
