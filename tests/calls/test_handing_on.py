"""Handing calls on to people: by REFER where the trunk takes it, else by a second leg."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from .baresip import Baresip
from .conftest import CALLER_SAYS, OPERATOR_SAYS, Desks
from .ear import Ear
from .service import Service, fact, names
from .sipp import Sipp

pytestmark = pytest.mark.slow

SORRY = "ただいま出られません。"
_TRUNKS = itertools.count(16)


def a_trunk() -> str:
    """An address nobody has called from: the service remembers who takes no REFER."""
    return f"127.0.0.{next(_TRUNKS)}"


@pytest.fixture
def operator(desks: Desks, tmp_path: Path, tidy: Callable[[Baresip], Baresip]) -> Baresip:
    """An operator who answers at once."""
    return tidy(Baresip(tmp_path / "operator", "operator", answers=True, say=OPERATOR_SAYS, port=desks.operators))


def test_a_trunk_that_takes_refer_gets_the_call_and_is_left(
    dial: Callable[..., Sipp], service: Service, desks: Desks
) -> None:
    outcome = dial("referred", dialled="refer", desk=f"127.0.0.1:{desks.operators}").outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    call = service.ended_call("refer")
    assert "transferred" in names(call)
    assert fact(call, "call_ended")["person"] is True


def test_a_transfer_that_fails_at_the_trunk_leads_on(dial: Callable[..., Sipp], service: Service) -> None:
    run = dial("refer_failed", dialled="refer-failed")
    outcome = run.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]


def test_baresip_is_transferred_to_the_operator_itself(
    service: Service, operator: Baresip, tmp_path: Path, tidy: Callable[[Baresip], Baresip]
) -> None:
    caller = tidy(Baresip(tmp_path / "caller", say=CALLER_SAYS))
    caller.dial(service.target("real-refer"))
    caller.press("2")
    operator.until("CALL_ESTABLISHED", 20)
    call = service.ended_call("real-refer")
    assert "transferred" in names(call)
    caller.hang_up()


@pytest.mark.parametrize("status", [405, 603])
def test_a_trunk_that_refuses_refer_is_bridged_both_ways(
    dial: Callable[..., Sipp], service: Service, operator: Baresip, ear: Ear, status: int
) -> None:
    run = dial("refuses_refer", dialled=f"bridge-{status}", source=a_trunk(), audio=ear.port, status=status)
    operator.until("CALL_ESTABLISHED", 20)
    ear.press("7")
    outcome = run.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    operator.until("CALL_CLOSED")
    assert "7" in [event["param"] for event in operator.told("CALL_DTMF_START")]
    operator.stop()
    assert ear.heard().share_of(OPERATOR_SAYS.between(0, 4)) >= 0.75  # a busy machine may make baresip stumble once
    assert operator.heard().share_of(CALLER_SAYS.between(2, 6)) >= 0.75
    call = service.ended_call(f"bridge-{status}")
    assert "transferred" in names(call)
    assert fact(call, "call_ended")["by"] == "caller"


def test_a_trunk_that_took_no_refer_is_not_asked_again(
    dial: Callable[..., Sipp], service: Service, operator: Baresip, ear: Ear
) -> None:
    trunk = a_trunk()
    for scenario in ("bridged_then_left", "bridged_at_once"):
        run = dial(scenario, dialled=scenario, source=trunk, audio=ear.port)
        operator.until("CALL_ESTABLISHED", 20)
        operator.hang_up()
        outcome = run.outcome()
        assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
        operator.events.clear()


def test_the_caller_is_hung_up_when_the_operator_hangs_up(
    dial: Callable[..., Sipp], service: Service, operator: Baresip, ear: Ear
) -> None:
    run = dial("bridged_then_left", dialled="operator-leaves", source=a_trunk(), audio=ear.port)
    operator.until("CALL_ESTABLISHED", 20)
    operator.hang_up()
    assert run.outcome().ok == 1
    assert fact(service.ended_call("operator-leaves"), "call_ended")["by"] == "service"


def test_an_operator_who_does_not_answer_is_no_longer_rung(
    dial: Callable[..., Sipp], service: Service, desks: Desks, tmp_path: Path, tidy: Callable[[Sipp], Sipp], ear: Ear
) -> None:
    away = tidy(Sipp(tmp_path / "away", "operator_away", None, port=desks.night))
    run = dial("bridged_then_left", dialled="away", source=a_trunk(), audio=ear.port, key=3)
    assert run.outcome().ok == 1
    outcome = away.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    assert ear.heard().contains(service.said(SORRY))
    assert fact(service.ended_call("away"), "transfer_failed")["reason"] == "no answer"


def test_a_caller_in_line_gets_the_operator_who_was_busy(
    dial: Callable[..., Sipp], service: Service, desks: Desks, tmp_path: Path, tidy: Callable[..., object], ear: Ear
) -> None:
    busy = Sipp(tmp_path / "busy", "operator_busy", None, port=desks.night)
    tidy(busy)
    run = dial("refuses_refer", dialled="line", source=a_trunk(), audio=ear.port, key=4, stay=9000)
    assert busy.outcome().ok == 1
    operator = Baresip(tmp_path / "operator", "night", answers=True, say=OPERATOR_SAYS, port=desks.night)
    tidy(operator)
    operator.until("CALL_ESTABLISHED", 20)
    assert run.outcome().ok == 1
    assert ear.heard().share_of(OPERATOR_SAYS.between(0, 3)) >= 0.6
    call = service.ended_call("line")
    assert fact(call, "queue_left")["reason"] == "answered"
    assert fact(call, "call_ended")["person"] is True


def test_the_operator_stops_ringing_when_the_caller_gives_up(
    dial: Callable[..., Sipp], service: Service, desks: Desks, tmp_path: Path, tidy: Callable[[Sipp], Sipp]
) -> None:
    away = tidy(Sipp(tmp_path / "away", "operator_away", None, port=desks.night))
    run = dial("refuses_refer", dialled="gave-up", source=a_trunk(), key=3, stay=1500)
    assert run.outcome().ok == 1
    outcome = away.outcome()
    assert outcome.ok == 1, outcome.errors + outcome.messages[-4000:]
    assert fact(service.ended_call("gave-up"), "call_ended")["by"] == "caller"
