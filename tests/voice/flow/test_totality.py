"""No input in no position ends the machine, and a call in which nobody does a thing always ends by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.office_hours import TOKYO
from voice.flow.machine import Phase, Position, begin, resume, step
from voice.flow.model import Telephone, speech
from voice.flow.nodes import KEYS
from voice.flow.steps import (
    Began,
    Connected,
    HangUp,
    Heard,
    HungUp,
    Input,
    JoinLine,
    KeyPressed,
    LeaveLine,
    Listen,
    NotConnected,
    Play,
    PromptEnded,
    Situation,
    Spoken,
    Transfer,
    Wait,
    Waited,
    WaitInLine,
)  # fmt: skip

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FLOWS = ["after_hours", "after_hours_en", "question", "office_hours", "overflow", "emergency", "gone"]
NODES = ["greeting", "menu", "farewell", "ask", "hand_on", "sorry", "line", "announcement", "gone", ""]
IDS = ["slip-lost", "deadline", "refund", "silent", "gone", ""]

moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 12, 31)).map(lambda at: at.replace(tzinfo=TOKYO))
seconds = st.floats(min_value=0, max_value=1e4)
words = st.lists(st.builds(Spoken, st.text(max_size=8), st.sampled_from(["ja", "en"])), max_size=2).map(tuple)
ids = st.lists(st.sampled_from(IDS), max_size=4).map(tuple)
inputs: st.SearchStrategy[Input] = st.one_of(
    st.just(Began()), st.just(Waited()), st.just(Connected()), st.builds(PromptEnded, seconds),
    st.builds(KeyPressed, st.sampled_from([*KEYS, "", "A", "１"]), st.none() | seconds),
    st.builds(Heard, st.text(max_size=8), ids, st.booleans()),
    st.builds(NotConnected, st.sampled_from(["busy", "no answer", "refused", "not set"])),
    st.builds(HungUp, st.sampled_from(["caller", "service", "failure"]), st.none() | seconds),
)  # fmt: skip
positions = st.builds(
    Position, st.sampled_from(FLOWS), st.sampled_from(NODES), st.sampled_from([*Phase, "?"]), st.just("ja"),
    st.integers(0, 9), st.integers(0, 9), words, st.sampled_from(["1", "3", "#", "?", *IDS]), ids, seconds,
)  # fmt: skip


@QUICK
@given(position=positions, sent=st.lists(inputs, max_size=6), now=moments, listening=st.booleans())
def test_any_input_is_legal_in_any_position(
    telephone: Telephone, position: Position, sent: list[Input], now: dt.datetime, listening: bool
) -> None:
    telephone = telephone.model_copy(update={"listening": listening})
    for one in sent:
        done = step(position, one, telephone, "c1", now)
        assert all(isinstance(action, JoinLine | LeaveLine) for action in done.actions[:-1])
        assert all(action.spoken for action in done.actions if isinstance(action, Play))
        assert all(event.conversation == "c1" and event.at == now for event in done.events)
        resume(done.position, telephone, now)
        position = done.position


def idle(action: object) -> Input:
    """What comes of an action when nobody does a thing and nobody answers."""
    match action:
        case Play():
            return PromptEnded()
        case Wait() | WaitInLine() | JoinLine() | LeaveLine():
            return Waited()
        case Listen():
            return Heard()
        case Transfer():
            return NotConnected("no answer")
    return HungUp("service")


@QUICK
@given(
    situation=st.sampled_from(list(Situation)), sent=st.lists(inputs, max_size=8), now=moments, listening=st.booleans()
)
def test_call_always_reaches_its_end_when_nobody_does_a_thing(
    telephone: Telephone, situation: Situation, sent: list[Input], now: dt.datetime, listening: bool
) -> None:
    telephone = telephone.model_copy(update={"listening": listening})
    done = begin(telephone, situation, "c1", now)
    actions = done.actions
    for one in sent:
        done = step(done.position, one, telephone, "c1", now)
        actions = done.actions or actions
    for _ in range(60):
        if done.position.phase in (Phase.OVER, Phase.CONNECTED):
            break
        actions = resume(done.position, telephone, now)
        done = step(done.position, idle(actions[-1]), telephone, "c1", now)
    assert done.position.phase in (Phase.OVER, Phase.CONNECTED)
    assert done.position.phase == Phase.CONNECTED or done.actions in ((HangUp(),), ())


@pytest.mark.parametrize("listening", [True, False])
@QUICK
@given(sent=st.lists(inputs, max_size=8), now=moments, situation=st.sampled_from(list(Situation)))
def test_everything_that_is_said_was_to_be_rendered(
    telephone: Telephone, listening: bool, sent: list[Input], now: dt.datetime, situation: Situation
) -> None:
    telephone = telephone.model_copy(update={"listening": listening})
    rendered = speech(telephone)
    done = begin(telephone, situation, "c1", now)
    for one in [None, *sent]:
        done = step(done.position, one, telephone, "c1", now) if one else done
        for action in done.actions:
            if isinstance(action, Play):
                assert set(action.spoken) <= rendered
