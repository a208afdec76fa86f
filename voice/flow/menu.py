"""What happens at a menu: keys, slips, topics, and keys pressed ahead of it by callers who know it."""

from __future__ import annotations

from bot.dialogue.events import Happened
from voice.flow.course import MOST_HOPS, Course, Phase
from voice.flow.model import Telephone, topic
from voice.flow.nodes import Choice, Kind, Node, Retry
from voice.flow.steps import KeyPressed


def key_at_menu(course: Course, node: Node, pressed: KeyPressed) -> None:
    """A key while the menu is read or waited for."""
    if course.position.phase == Phase.SAYING:
        if not node.barge_in:
            return
        course.heard_menu(False, pressed.seconds)
    if choice := node.chosen(pressed.key):
        choose(course, node, choice)
        return
    course.note(Happened.WRONG_KEY_PRESSED, key=pressed.key)
    retry, count = node.no_match, course.position.wrong
    if retry is None and node.no_input:  # no wording of its own: the menu again, in silence
        retry = Retry(attempts=node.no_input.attempts, then=node.no_input.then)
    _again(course, node, retry, wrong=count + 1)


def nothing_pressed(course: Course, node: Node) -> None:
    """The time for a key ran out."""
    count = course.position.misses + 1
    course.note(Happened.NOTHING_PRESSED, time=count)
    _again(course, node, node.no_input, misses=count)


def _again(course: Course, node: Node, retry: Retry | None, **counted: int) -> None:
    if retry is None:
        course.end()
    elif max(counted.values()) > retry.attempts:
        course.go(retry.then, course.words(retry.last))
    else:
        course.say(node, course.words(retry.say), **counted)


def choose(course: Course, node: Node, choice: Choice) -> None:
    """A line of the menu was chosen: its announcement, or where it leads."""
    course.at(subject=choice.key, misses=0, wrong=0)
    course.note(Happened.TOPIC_CHOSEN, **course.subject())
    if choice.say:
        _tell(course, choice)
    else:
        course.go(choice.goto or node.after)


def _tell(course: Course, choice: Choice) -> None:
    if flow := course.flow:
        course.play(Phase.TELLING, topic(choice, course.telephone, course.day, flow))


def told(course: Course, node: Node, seconds: float) -> None:
    """A topic was heard to its end: offer it again if that is on, else go on."""
    course.heard_topic(True, seconds)
    if node.repeat and node.repeat.on:
        course.play(Phase.OFFERING, course.words(node.repeat.say))
    else:
        leave_topic(course, node)


def leave_topic(course: Course, node: Node) -> None:
    """Where the topic leads."""
    choice = node.chosen(course.position.subject)
    course.go((choice.goto if choice else "") or node.after)


def key_in_topic(course: Course, node: Node, pressed: KeyPressed) -> None:
    """A key while a topic is heard, or after it: only the one that repeats means something."""
    if node.repeat is None or not node.repeat.on or pressed.key != node.repeat.key:
        return
    if course.position.phase == Phase.TELLING:
        course.heard_topic(False, pressed.seconds)
    if choice := node.chosen(course.position.subject):
        _tell(course, choice)


# -- keys pressed ahead ----------------------------------------------------------------------------------------------
def menu_ahead(telephone: Telephone, flow: str, node: str) -> tuple[str, str] | None:
    """The menu that a call at (flow, node) comes to whatever happens, if keys may interrupt everything before it.
    Where questions can be spoken, the menu for those who press is ahead too."""
    for _ in range(MOST_HOPS):
        found = telephone.node(flow, node)
        if found is None or not found.barge_in:
            return None
        if found.kind is Kind.MENU:
            return flow, node
        target = found.listen.without if found.listen else found.then
        if not target:
            return None
        flow, node = telephone.target(flow, target)
    return None


def key_ahead(course: Course, pressed: KeyPressed) -> None:
    """A key before its menu was read counts as its choice; a key that means nothing there is ignored."""
    place = menu_ahead(course.telephone, course.position.flow, course.position.node)
    node = course.telephone.node(*place) if place else None
    if place and node and (choice := node.chosen(pressed.key)):
        course.place(*place)
        choose(course, node, choice)
