"""A telephone call as a pure function: (position, input) → (position, actions, events).

No clock, no network, no file. Every input is legal in every position: one that means nothing there changes nothing and
gives no actions, that is, whatever is running goes on. `HungUp` is legal everywhere. What a door has to do is a
function of the position alone (`resume`), so a door that keeps nothing between requests can take a call up again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.dialogue.events import Event
from voice.flow import handover, menu, question
from voice.flow.course import MOST_HOPS, Course, Phase
from voice.flow.model import NONE_OF_THESE, Telephone
from voice.flow.nodes import HandOver, Kind, Node, Question, Queue
from voice.flow.steps import (
    FLOW_OF,
    Action,
    Began,
    Connected,
    HangUp,
    Heard,
    HungUp,
    Input,
    KeyPressed,
    Listen,
    NotConnected,
    Play,
    Position,
    PromptEnded,
    Situation,
    Transfer,
    Wait,
    Waited,
    WaitInLine,
)  # fmt: skip

__all__ = ["Phase", "Position", "Step", "begin", "resume", "step"]


@dataclass(frozen=True)
class Step:
    """What a step made. No actions: whatever runs goes on. Only the last of them takes time."""

    position: Position
    actions: tuple[Action, ...]
    events: tuple[Event, ...]


def begin(telephone: Telephone, situation: Situation, call_id: str, now: dt.datetime) -> Step:
    """The first step of a call that was answered in `situation`."""
    name = FLOW_OF[situation]
    flow = telephone.flows.get(name)
    return step(Position(name, flow.start if flow else ""), Began(), telephone, call_id, now)


def resume(position: Position, telephone: Telephone, now: dt.datetime) -> tuple[Action, ...]:
    """What a door does in `position`, from its beginning: for doors that cannot keep a prompt or a timer running."""
    return _doing(Course(position, telephone, "", now))


def step(position: Position, given: Input, telephone: Telephone, call_id: str, now: dt.datetime) -> Step:
    """The next step. `now` has a zone; `call_id` is that of the events. Never raises."""
    course = Course(position, telephone, call_id, now)
    if isinstance(given, HungUp):
        course.gone(given)
        return Step(course.position, (), tuple(course.events))
    _take(course, given)
    for _ in range(MOST_HOPS):
        if not course.silent:
            break
        course.silent = False
        _take(course, PromptEnded())
    else:
        course.end()  # a circle of nodes that say nothing; `lint` lets none through
    actions = (*course.before, *_doing(course)) if course.moved else ()
    return Step(course.position, actions, tuple(course.events))


def _take(course: Course, given: Input) -> None:
    node, phase = course.node, course.position.phase
    if isinstance(given, Began):
        course.begin()
    elif phase in (Phase.OVER, Phase.CONNECTED):
        return
    elif node is None:
        course.begin()  # the published content has changed under a call that keeps only its position
    elif node.kind is Kind.MENU:
        _at_menu(course, node, given)
    elif node.listen:
        _at_question(course, node, node.listen, given)
    elif node.transfer:
        _at_hand_over(course, node, node.transfer, given)
    elif node.queue:
        _in_line(course, node, node.queue, given)
    else:
        _at_words(course, node, given)


def _at_words(course: Course, node: Node, given: Input) -> None:
    match course.position.phase, given:
        case Phase.SAYING, PromptEnded() if node.then:
            course.go(node.then)
        case Phase.SAYING, PromptEnded():
            course.end()
        case Phase.SAYING, KeyPressed() as pressed:
            menu.key_ahead(course, pressed)


def _at_menu(course: Course, node: Node, given: Input) -> None:
    match course.position.phase, given:
        case Phase.SAYING, PromptEnded(seconds):
            course.heard_menu(True, seconds)
            course.at(phase=Phase.WAITING, playing=())
        case Phase.SAYING | Phase.WAITING, KeyPressed() as pressed:
            menu.key_at_menu(course, node, pressed)
        case Phase.WAITING, Waited():
            menu.nothing_pressed(course, node)
        case Phase.TELLING, PromptEnded(seconds):
            menu.told(course, node, seconds)
        case Phase.OFFERING, PromptEnded():
            course.at(phase=Phase.OFFERED, playing=())
        case Phase.OFFERED, Waited():
            menu.leave_topic(course, node)
        case Phase.TELLING | Phase.OFFERING | Phase.OFFERED, KeyPressed() as pressed:
            menu.key_in_topic(course, node, pressed)


def _at_question(course: Course, node: Node, asked: Question, given: Input) -> None:
    match course.position.phase, given:
        case Phase.SAYING, PromptEnded():
            course.at(phase=Phase.LISTENING, playing=())
        case Phase.SAYING | Phase.LISTENING, KeyPressed() as pressed:
            menu.key_ahead(course, pressed)
        case Phase.LISTENING, Heard() as what:
            question.heard(course, node, asked, what)
        case Phase.CHOOSING, PromptEnded():
            course.at(phase=Phase.PICKING, playing=())
        case Phase.CHOOSING | Phase.PICKING, KeyPressed() as pressed:
            question.picked(course, node, asked, pressed)
        case Phase.PICKING, Waited():
            question.nothing_picked(course, asked)
        case Phase.TELLING, PromptEnded(seconds):
            question.told(course, asked, seconds)


def _at_hand_over(course: Course, node: Node, to: HandOver, given: Input) -> None:
    match course.position.phase, given:
        case Phase.SAYING, PromptEnded():
            handover.ring(course, to)
        case Phase.TRANSFERRING, Connected():
            handover.connected(course, node)
        case Phase.TRANSFERRING, NotConnected() as why:
            handover.not_connected(course, to, why)


def _in_line(course: Course, node: Node, queue: Queue, given: Input) -> None:
    match course.position.phase, given:
        case Phase.SAYING, PromptEnded(seconds):
            handover.message_said(course, queue, seconds)
        case Phase.HOLDING, Waited():
            handover.waited(course, queue)
        case Phase.SAYING | Phase.HOLDING, Connected():
            handover.connected(course, node)
        case Phase.SAYING | Phase.HOLDING, NotConnected() as why:
            handover.line_failed(course, queue, why)


def _doing(course: Course) -> tuple[Action, ...]:
    """The action of a position; none while a person talks, and none for a position that fits no published node."""
    position, node = course.position, course.node
    if position.phase == Phase.OVER:
        return (HangUp(),)
    if position.playing:
        return (Play(position.playing, _interruptible(course)),)
    action = _waiting(position, node, course) if node else None
    return (action,) if action else ()


def _waiting(position: Position, node: Node, course: Course) -> Action | None:
    match position.phase:
        case Phase.WAITING:
            return Wait(node.wait_secs, "".join(choice.key for choice in node.active()))
        case Phase.OFFERED if node.repeat:
            return Wait(node.repeat.wait_secs, node.repeat.key)
        case Phase.LISTENING if node.listen:
            return Listen(node.listen.seconds, position.lang)
        case Phase.PICKING if node.listen:
            keys = "123456789"[: len(position.offered)] + NONE_OF_THESE
            return Wait(node.listen.wait_secs, keys)
        case Phase.TRANSFERRING if node.transfer:
            return Transfer(node.transfer.to, node.transfer.ring_secs)
        case Phase.HOLDING if node.queue:
            return WaitInLine(handover.pause(course, node.queue))
    return None


def _interruptible(course: Course) -> bool:
    """Whether any key means something while the present words are said."""
    node, position = course.node, course.position
    match position.phase:
        case Phase.SAYING:
            return menu.menu_ahead(course.telephone, position.flow, position.node) is not None
        case Phase.TELLING | Phase.OFFERING:
            return bool(node and node.repeat and node.repeat.on)
    return position.phase == Phase.CHOOSING
