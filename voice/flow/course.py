"""A call while one step works on it: where it is, where it goes, what is noted. Lives for one step only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from voice.flow.model import Telephone, menu, spoken
from voice.flow.nodes import Flow, Kind, Node, Parts
from voice.flow.steps import Action, HungUp, JoinLine, LeaveLine, Position, Spoken

MOST_HOPS = 50  # nodes one step may pass without saying a thing; a checked flow has no such circle
TRAIL = 30  # nodes remembered: a position travels in a web address (TwiML)


class Phase(StrEnum):
    """What a call does at its node."""

    SAYING = "saying"  # the node's words, whatever kind it is
    WAITING = "waiting"  # for a key of the menu
    TELLING = "telling"  # the answer: a topic, an entry
    OFFERING = "offering"  # words of "hear it again?"
    OFFERED = "offered"  # waiting for the key of it
    LISTENING = "listening"
    CHOOSING = "choosing"  # the words of what a spoken question may have meant
    PICKING = "picking"  # waiting for a key of those
    TRANSFERRING = "transferring"
    HOLDING = "holding"  # in line, between two messages
    CONNECTED = "connected"
    OVER = "over"


def _tenths(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


@dataclass
class Course:
    """`before`: actions that take no time, carried out first. `silent`: there was nothing to say, so it has ended."""

    position: Position
    telephone: Telephone
    call_id: str
    now: dt.datetime
    events: list[Event] = field(default_factory=list)
    before: list[Action] = field(default_factory=list)
    moved: bool = False
    silent: bool = False
    hops: int = 0

    # -- where it is -------------------------------------------------------------------------------------------

    @property
    def day(self) -> dt.date:
        """Today in Tokyo."""
        return self.now.astimezone(TOKYO).date()

    @property
    def flow(self) -> Flow | None:
        """The flow, None if it is gone from the published content."""
        return self.telephone.flows.get(self.position.flow)

    @property
    def node(self) -> Node | None:
        """The node, None if it is gone from the published content."""
        return self.telephone.node(self.position.flow, self.position.node)

    def words(self, parts: Parts) -> tuple[Spoken, ...]:
        """What parts of the present flow say today."""
        return spoken(parts, self.telephone, self.day, self.flow) if self.flow else ()

    # -- where it goes -----------------------------------------------------------------------------------------

    def at(self, **changes: object) -> None:
        """A new position; the actions of a step come from it."""
        self.position = replace(self.position, **changes)  # type: ignore[arg-type]  # names are fields of Position
        self.moved = True

    def play(self, phase: Phase, words: tuple[Spoken, ...], **changes: object) -> None:
        """Say something; with nothing to say it has ended already."""
        self.at(phase=phase, playing=words, **changes)
        self.silent = not words

    def place(self, flow: str, node: str) -> None:
        """Stand at a node as if new, saying nothing yet."""
        lang = self.telephone.flows[flow].lang
        trail = (*self.position.trail, f"{flow}/{node}")[-TRAIL:]
        self.position, self.moved = Position(flow, node, Phase.SAYING, lang, trail=trail), True

    def enter(self, flow: str, node: str, first: tuple[Spoken, ...] = ()) -> None:
        """Come to a node and say its words, after the words `first`. A node that does not exist ends the call."""
        self.hops += 1
        found = self.telephone.node(flow, node)
        if found is None or self.hops > MOST_HOPS:
            self.end()
            return
        self.place(flow, node)
        if found.listen and not self.telephone.listening:
            self.go(found.listen.without or found.listen.then, first)
            return
        if found.queue:
            self.before.append(JoinLine(found.queue.to))
            self.note(Happened.QUEUE_JOINED, to=found.queue.to)
        self.say(found, first)

    def say(self, node: Node, first: tuple[Spoken, ...] = (), **changes: object) -> None:
        """The words of the present node (again)."""
        sentence = menu(node, self.flow) if self.flow else ()
        self.play(Phase.SAYING, (*first, *self.words(node.say), *sentence), **changes)

    def go(self, target: str, first: tuple[Spoken, ...] = ()) -> None:
        """To a target written in the present flow."""
        self.enter(*self.telephone.target(self.position.flow, target), first)

    def begin(self) -> None:
        """From the node of the position, or from the flow's start if that node is gone."""
        position, flow = self.position, self.flow
        known = flow is None or position.node in flow.nodes
        self.enter(position.flow, position.node if known or flow is None else flow.start)

    def end(self) -> None:
        """Hang up."""
        self.at(phase=Phase.OVER, playing=())

    def gone(self, by: HungUp) -> None:
        """The call has ended, wherever it was; what was being heard is noted as not heard to its end."""
        node, phase = self.node, self.position.phase
        if node and phase == Phase.SAYING and node.kind is Kind.MENU and by.seconds is not None:
            self.heard_menu(False, by.seconds)
        elif phase == Phase.TELLING:
            self.heard_topic(False, by.seconds)
        elif node and node.queue and phase in (Phase.SAYING, Phase.HOLDING):
            self.note_left(node.queue.to, by.by, by.seconds or 0.0)
        self.end()

    # -- what is noted -----------------------------------------------------------------------------------------

    def note(self, name: Happened, **facts: object) -> None:
        """An event of this call at this node."""
        place = {"flow": self.position.flow, "node": self.position.node, "lang": self.position.lang}
        self.events.append(Event(name, self.now, self.call_id, place | facts))

    def heard_menu(self, complete: bool, seconds: float | None) -> None:
        """How much of the menu was heard; `time` 1 is the first of its readings."""
        time = 1 + self.position.misses + self.position.wrong
        self.note(Happened.MENU_HEARD, complete=complete, seconds=_tenths(seconds), time=time)

    def heard_topic(self, complete: bool, seconds: float | None) -> None:
        """How much of the answer was heard."""
        self.note(Happened.TOPIC_HEARD, complete=complete, seconds=_tenths(seconds), **self.subject())

    def note_left(self, to: str, reason: str, more: float = 0.0) -> None:
        """The call stands in line no longer: "answered", "limit", "not set", or who hung up."""
        self.note(Happened.QUEUE_LEFT, to=to, reason=reason, waited=round(self.position.waited + more, 1))

    def leave_line(self, to: str, reason: str) -> None:
        """Stop standing in line."""
        self.before.append(LeaveLine())
        self.note_left(to, reason)

    def subject(self) -> dict[str, object]:
        """The facts of the topic or entry that is being heard; the same at every event about it."""
        id_, node = self.position.subject, self.node
        if entry := self.telephone.voices.get(id_):
            return {"key": "", "title": entry.question, "category": entry.category, "entries": [id_]}
        choice = next((c for c in (node.choices if node else None) or () if c.key == id_), None)
        if choice is None:
            return {"key": id_, "title": "", "category": "", "entries": []}
        entries = [part.entry for part in choice.say if part.entry]
        return {"key": id_, "title": choice.title, "category": choice.category or "", "entries": entries}
