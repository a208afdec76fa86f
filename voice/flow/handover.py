"""What happens on the way to a person: ringing, standing in line, giving up."""

from __future__ import annotations

from bot.dialogue.events import Happened
from voice.flow.course import Course, Phase
from voice.flow.nodes import HandOver, Node, Queue
from voice.flow.steps import NotConnected, Spoken

NOT_SET = "not set"
SECONDS_A_SIGN = 0.2  # of Japanese speech, unhurried (domain.md 12-3: 300 signs are 60 s)


def ring(course: Course, hand_over: HandOver) -> None:
    """The words before a transfer were said."""
    course.note(Happened.TRANSFER_TRIED, to=hand_over.to)
    course.at(phase=Phase.TRANSFERRING, playing=())


def connected(course: Course, node: Node) -> None:
    """A person has taken the call."""
    if node.queue:
        course.note_left(node.queue.to, "answered")
    to = node.queue.to if node.queue else node.transfer.to if node.transfer else ""
    course.note(Happened.TRANSFERRED, to=to, waited=round(course.position.waited, 1))
    course.at(phase=Phase.CONNECTED, playing=())


def not_connected(course: Course, hand_over: HandOver, why: NotConnected) -> None:
    """Nobody took the call."""
    course.note(Happened.TRANSFER_FAILED, to=hand_over.to, reason=why.reason)
    unset = hand_over.not_set if why.reason == NOT_SET else ""
    course.go(unset or hand_over.failed)


# -- in line ---------------------------------------------------------------------------------------------------------
def line_failed(course: Course, queue: Queue, why: NotConnected) -> None:
    """An attempt came to nothing: the call stays in line, unless there is nobody it could ever reach."""
    course.note(Happened.TRANSFER_FAILED, to=queue.to, reason=why.reason)
    if why.reason == NOT_SET:
        course.leave_line(queue.to, NOT_SET)
        course.go(queue.not_set or queue.then)


def message_said(course: Course, queue: Queue, seconds: float) -> None:
    """A message to those in line was heard; its time is waiting too."""
    _wait_on(course, queue, seconds or duration(course.position.playing))


def waited(course: Course, queue: Queue) -> None:
    """The time between two messages is over."""
    course.at(waited=course.position.waited + pause(course, queue))
    if not _gave_up(course, queue):
        course.play(Phase.SAYING, course.words(queue.say))


def pause(course: Course, queue: Queue) -> float:
    """Seconds until the next message or the limit; at least 1, so that every wait ends."""
    return max(1.0, min(float(queue.every_secs), queue.limit_secs - course.position.waited))


def duration(words: tuple[Spoken, ...]) -> float:
    """About how many seconds words take, for doors that cannot tell how long a prompt took (TwiML)."""
    return sum(len(piece.text) for piece in words) * SECONDS_A_SIGN


def _wait_on(course: Course, queue: Queue, seconds: float) -> None:
    course.at(phase=Phase.HOLDING, playing=(), waited=course.position.waited + seconds)
    _gave_up(course, queue)


def _gave_up(course: Course, queue: Queue) -> bool:
    over = course.position.waited >= queue.limit_secs
    if over:
        course.leave_line(queue.to, "limit")
        course.go(queue.then)
    return over
