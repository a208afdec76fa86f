"""What happens at a node that listens: the answer, up to three choices, or the question again."""

from __future__ import annotations

from bot.dialogue.events import Happened
from voice.flow.course import Course, Phase
from voice.flow.model import NONE_OF_THESE, OFFERED, offer, spoken
from voice.flow.nodes import Node, Part, Parts, Question
from voice.flow.steps import Heard, KeyPressed


def heard(course: Course, node: Node, question: Question, what: Heard) -> None:
    """What came of listening. Entries that may not be spoken today are left out."""
    entries = tuple(id_ for id_ in what.entries if course.telephone.served(id_, course.day, course.position.lang))
    sure = what.sure and bool(entries) and entries[0] == what.entries[0]
    offers = entries[:OFFERED] if question.choose_each else ()
    said = bool(what.text.strip() or what.entries)
    kind = "answer" if sure else "choices" if offers else "not_sure" if said else "not_heard"
    course.note(Happened.QUESTION_SPOKEN, text=what.text, entries=list(entries), sure=sure, kind=kind)
    if sure:
        _tell(course, entries[0])
    elif offers:
        course.at(offered=offers)
        _offer(course, question)
    else:
        _ask_again(course, node, question, question.not_sure if said else question.not_heard)


def _tell(course: Course, entry: str) -> None:
    if flow := course.flow:
        parts = [Part(entry=entry)]
        course.play(Phase.TELLING, spoken(parts, course.telephone, course.day, flow), subject=entry)


def told(course: Course, question: Question, seconds: float) -> None:
    """The answer was heard to its end."""
    course.heard_topic(True, seconds)
    course.go(question.after or question.then)


def _offer(course: Course, question: Question, **counted: int) -> None:
    if flow := course.flow:
        words = offer(course.position.offered, question, course.telephone, flow)
        course.play(Phase.CHOOSING, words, **counted)


def _patient(course: Course, question: Question) -> bool:
    return course.position.misses + course.position.wrong < question.attempts


def _ask_again(course: Course, node: Node, question: Question, first: Parts) -> None:
    if _patient(course, question):
        course.say(node, course.words(first), misses=course.position.misses + 1, offered=())
    else:
        course.go(question.then)


def picked(course: Course, node: Node, question: Question, pressed: KeyPressed) -> None:
    """A key while entries are offered: one of them, none of these, or a slip."""
    offered = dict(zip("123456789", course.position.offered, strict=False))
    if entry := offered.get(pressed.key):
        course.at(subject=entry)
        course.note(Happened.TOPIC_CHOSEN, **course.subject() | {"key": pressed.key})
        _tell(course, entry)
    elif pressed.key == NONE_OF_THESE:
        _ask_again(course, node, question, question.not_sure)
    else:
        course.note(Happened.WRONG_KEY_PRESSED, key=pressed.key)
        _offer_again(course, question)


def nothing_picked(course: Course, question: Question) -> None:
    """The time for a key ran out."""
    course.note(Happened.NOTHING_PRESSED, time=course.position.wrong + 1)
    _offer_again(course, question)


def _offer_again(course: Course, question: Question) -> None:
    if _patient(course, question):
        _offer(course, question, wrong=course.position.wrong + 1)
    else:
        course.go(question.then)
