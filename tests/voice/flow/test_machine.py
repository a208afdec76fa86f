"""Whole calls by table (calls.yaml), and what holds for every call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.events import Event
from bot.dialogue.office_hours import TOKYO
from voice.flow import machine
from voice.flow.machine import Phase, Position, begin, resume, step
from voice.flow.model import Telephone
from voice.flow.steps import (
    Action,
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

CALLS = yaml.safe_load((Path(__file__).parent / "calls.yaml").read_text(encoding="utf-8"))
EVENING = dt.datetime(2026, 11, 20, 20, 0, tzinfo=TOKYO)


def given(text: str) -> Input:
    """An input as calls.yaml writes it."""
    verb, _, rest = text.partition(" ")
    match verb:
        case "began":
            return Began()
        case "ended":
            return PromptEnded(float(rest or 0))
        case "press":
            key, _, seconds = rest.removeprefix("\\").partition(" ")
            return KeyPressed(key, float(seconds) if seconds else None)
        case "waited":
            return Waited()
        case "connected":
            return Connected()
        case "failed":
            return NotConnected(rest)
        case "hung":
            seconds = rest.removeprefix("up").strip()
            return HungUp("caller", float(seconds) if seconds else None)
    said, _, ids = rest.partition("-> ")
    return Heard(said.strip(), tuple(ids.split(", ")) if ids else (), verb == "heard!")


def told(action: Action) -> str:
    """An action as calls.yaml writes it."""
    match action:
        case Play(words):
            return "say " + "".join(piece.text for piece in words)
        case Wait(seconds, keys):
            return f"wait {seconds} {keys}"
        case Listen(seconds):
            return f"listen {seconds}"
        case Transfer(to, seconds):
            return f"transfer {to} {seconds}"
        case JoinLine(to):
            return f"join {to}"
        case WaitInLine(seconds):
            return f"hold {seconds:g}"
        case LeaveLine():
            return "leave"
        case HangUp():
            return "hang up"


def facts(events: Iterable[Event]) -> list[dict[str, str]]:
    return [{"name": e.name.value, **{key: str(value) for key, value in e.facts.items()}} for e in events]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call["call"])
def test_call_goes_as_the_table_says(telephone: Telephone, call: dict[str, Any]) -> None:
    now = dt.datetime.fromisoformat(str(call.get("at", EVENING))).replace(tzinfo=TOKYO)
    telephone = telephone.model_copy(update={"listening": call.get("listening") != "false"})
    situation = Situation(str(call.get("situation", "after_hours")))
    position, events = begin(telephone, situation, "c1", now).position, []
    for line in call["steps"]:
        what, _, expected = line.partition(" => ")
        if what == "began":
            done = begin(telephone, situation, "c1", now)
        else:
            done = step(position, given(what), telephone, "c1", now)
        position, events = done.position, events + list(done.events)
        got = [told(action) for action in done.actions] or ["nothing"]
        wanted = expected.split(" + ")
        assert len(got) == len(wanted), f"{line}: {got}"
        for one, other in zip(got, wanted, strict=True):
            assert one.startswith(other) if other.startswith("say") else one == other, f"{line}: {got}"
    found, expected_events = facts(events), call["events"]
    assert [e["name"] for e in found] == [line.split()[0] for line in expected_events]
    for event, line in zip(found, expected_events, strict=True):
        wanted_facts = dict(pair.split("=") for pair in line.split()[1:])
        assert {key: event[key] for key in wanted_facts} == wanted_facts


def with_repeat(telephone: Telephone) -> Telephone:
    text = telephone.model_dump_json().replace('"on":false', '"on":true')
    return Telephone.model_validate_json(text)


def walk(telephone: Telephone, *inputs: Input) -> machine.Step:
    done = begin(telephone, Situation.AFTER_HOURS, "c1", EVENING)
    for one in inputs:
        done = step(done.position, one, telephone, "c1", EVENING)
    return done


def test_repeat_that_is_on_is_offered_and_says_the_topic_again(telephone: Telephone) -> None:
    on = with_repeat(telephone)
    offered = walk(on, KeyPressed("1"), PromptEnded(9))
    assert [told(action) for action in offered.actions] == ["say もう一度聞くときは0を押してください。"]
    waiting = step(offered.position, PromptEnded(2), on, "c1", EVENING)
    assert waiting.actions == (Wait(4, "0"),)
    again = step(waiting.position, KeyPressed("0"), on, "c1", EVENING)
    assert told(again.actions[0]).startswith("say 再発行の案内です。")
    assert step(waiting.position, KeyPressed("5"), on, "c1", EVENING).actions == ()
    over = step(waiting.position, Waited(), on, "c1", EVENING)
    assert told(over.actions[0]) == "say ありがとうございました。"


def test_repeat_that_is_on_may_be_pressed_into_the_topic(telephone: Telephone) -> None:
    on = with_repeat(telephone)
    again = walk(on, KeyPressed("1"), KeyPressed("0", 3.0))
    assert told(again.actions[0]).startswith("say 再発行の案内です。")
    assert facts(again.events)[0]["complete"] == "False"


def test_prompt_says_whether_a_key_may_end_it(telephone: Telephone) -> None:
    def play(done: machine.Step) -> bool:
        action = done.actions[-1]
        assert isinstance(action, Play)
        return action.interruptible

    assert play(walk(telephone))  # the greeting: the menu follows whatever happens
    assert play(walk(telephone, PromptEnded()))
    assert not play(walk(telephone, KeyPressed("1")))
    assert not play(begin(telephone, Situation.OPEN, "c", EVENING))
    assert play(walk(with_repeat(telephone), KeyPressed("1")))


def strict(telephone: Telephone, name: str) -> Telephone:
    """The telephone with a node of after_hours that keys may not interrupt."""
    flow = telephone.flows["after_hours"]
    node = flow.nodes[name].model_copy(update={"barge_in": False})
    changed = flow.model_copy(update={"nodes": flow.nodes | {name: node}})
    return telephone.model_copy(update={"flows": telephone.flows | {flow.id: changed}})


def test_greeting_that_may_not_be_interrupted_keeps_its_keys_from_the_menu(telephone: Telephone) -> None:
    assert walk(strict(telephone, "greeting"), KeyPressed("1")).actions == ()


def test_menu_that_may_not_be_interrupted_takes_its_keys_afterwards(telephone: Telephone) -> None:
    phone = strict(telephone, "menu")
    assert walk(phone, KeyPressed("1")).actions == ()
    assert walk(phone, PromptEnded(), KeyPressed("1")).actions == ()
    assert told(walk(phone, PromptEnded(), PromptEnded(), KeyPressed("1")).actions[0]).startswith(
        "say 再発行の案内です。"
    )


@pytest.mark.parametrize("phase", list(Phase))
def test_hang_up_is_legal_everywhere_and_comes_once(telephone: Telephone, phase: Phase) -> None:
    for flow in telephone.flows.values():
        for node in flow.nodes:
            gone = step(Position(flow.id, node, phase, subject="1"), HungUp("caller", 3.0), telephone, "c", EVENING)
            assert gone.actions == ()
            assert gone.position.phase == Phase.OVER
            again = step(gone.position, HungUp("service"), telephone, "c", EVENING)
            assert (again.actions, again.events) == ((), ())


def test_resume_gives_what_the_position_was_doing(telephone: Telephone) -> None:
    done = begin(telephone, Situation.AFTER_HOURS, "c1", EVENING)
    for one in [PromptEnded(), PromptEnded(), Waited(), KeyPressed("1"), PromptEnded(), PromptEnded()]:
        assert resume(done.position, telephone, EVENING) == done.actions[-1:]
        done = step(done.position, one, telephone, "c1", EVENING)
    assert resume(done.position, telephone, EVENING) == (HangUp(),)


def test_node_that_is_gone_from_the_content_starts_its_flow_again(telephone: Telephone) -> None:
    lost = Position("after_hours", "renamed", Phase.WAITING)
    done = step(lost, KeyPressed("1"), telephone, "c", EVENING)
    assert done.position.node == "greeting"
    gone = step(Position("renamed", "menu", Phase.WAITING), Waited(), telephone, "c", EVENING)
    assert gone.actions == (HangUp(),)


def test_position_remembers_where_it_was(telephone: Telephone) -> None:
    done = walk(telephone, KeyPressed("1"), PromptEnded())
    assert done.position.trail == ("after_hours/greeting", "after_hours/menu", "after_hours/farewell")


def test_position_names_the_language_of_its_flow(telephone: Telephone) -> None:
    done = walk(telephone, KeyPressed("9"))
    assert done.position.lang == "en"
    assert done.position.playing[0] == Spoken("For a new slip, press 1. For the menu again, press star. ", "en")
