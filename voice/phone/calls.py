"""Calls of the browser telephone: the same machine as at the other doors, with a day and a time of one's own choice.

Kept here, not in the browser: a few at a time, and not for long. Their events are marked `test`, so that figures leave
them out.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.dialogue.events import Event, Happened
from voice.door import DoorContext, marked
from voice.flow import machine, steps
from voice.flow.model import Telephone
from voice.flow.steps import Action, Position, Situation
from voice.phone import words

DOOR = "browser"
MOST = 50  # calls; the oldest ends when one more begins
KEPT = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Line:
    """A line of the transcript. `who`: "service", "caller" or "note"."""

    who: str
    text: str
    at: dt.datetime


@dataclass
class PhoneCall:
    """A call. `ahead`: how far its clock is ahead of ours. `turn` grows when what runs is replaced by something else;
    inputs name it, so that a timer and a key that cross each other do no harm."""

    id: str
    telephone: Telephone
    situation: Situation
    began: dt.datetime
    ahead: dt.timedelta
    position: Position
    turn: int = 0
    doing: Action | None = None
    lines: list[Line] = field(default_factory=list)
    in_line: str = ""
    person: bool = False
    over: bool = False

    def say(self, who: str, text: str, at: dt.datetime) -> None:
        """One more line of the transcript."""
        self.lines.append(Line(who, text, at + self.ahead))


class PhoneCalls:
    """All calls of the browser telephone."""

    def __init__(self, context: DoorContext) -> None:
        self._context = context
        self._calls: OrderedDict[str, PhoneCall] = OrderedDict()

    def begin(self, telephone: Telephone, situation: Situation, at: dt.datetime) -> PhoneCall:
        """Dial: the call is answered at once, at the instant `at` of its own clock."""
        now = self._context.clock()
        self._sweep(now)
        if not self._context.understand:
            telephone = telephone.model_copy(update={"listening": False})
        call = PhoneCall(secrets.token_urlsafe(12), telephone, situation, now, at - now, Position("", ""))
        self._calls[call.id] = call
        self._tell(call, Happened.CALL_RECEIVED, situation=situation, caller="", dialled="", diverted=False)
        self._tell(call, Happened.CALL_ANSWERED, situation=situation, seconds=0.0)
        self._do(call, machine.begin(telephone, situation, call.id, at), now)
        return call

    def find(self, id_: str) -> PhoneCall | None:
        """A call that is going on, or ended not long ago."""
        self._sweep(self._context.clock())
        return self._calls.get(id_)

    def give(self, call: PhoneCall, given: steps.Input, turn: int) -> None:
        """Something happened in a call. A timer of an earlier turn comes too late and changes nothing; a key that was
        on its way when the turn changed counts for the new one."""
        late = turn != call.turn
        if call.over or (late and not isinstance(given, steps.KeyPressed | steps.HungUp)):
            return
        if isinstance(given, steps.KeyPressed) and late:
            given = steps.KeyPressed(given.key)  # how much it interrupted is not known
        now = self._context.clock()
        if said := words.happened(given):
            call.say("note" if isinstance(given, steps.Waited) else "caller", said, now)
        if isinstance(given, steps.Connected):
            call.person = True
        self._do(call, machine.step(call.position, given, call.telephone, call.id, now + call.ahead), now)
        if isinstance(given, steps.HungUp):
            self._end(call, given.by, now)

    # -- parts -------------------------------------------------------------------------------------------------

    def _do(self, call: PhoneCall, step: machine.Step, now: dt.datetime) -> None:
        call.position = step.position
        self._emit(step.events, now)
        if step.actions:
            call.turn += 1
        for action in step.actions:
            match action:
                case steps.JoinLine():
                    call.in_line = action.to
                case steps.LeaveLine():
                    call.in_line = ""
                case steps.HangUp():
                    self._do(call, self._step(call, steps.HungUp("service"), now), now)
                    self._end(call, "service", now)
                case _:
                    call.doing = action
            if isinstance(action, steps.Play):
                for spoken in action.spoken:
                    call.say("service", spoken.text, now)

    def _step(self, call: PhoneCall, given: steps.Input, now: dt.datetime) -> machine.Step:
        return machine.step(call.position, given, call.telephone, call.id, now + call.ahead)

    def _end(self, call: PhoneCall, by: str, now: dt.datetime) -> None:
        call.over, call.doing, call.in_line = True, None, ""
        call.say("note", words.ended(by), now)
        seconds = round((now - call.began).total_seconds(), 1)
        self._tell(
            call, Happened.CALL_ENDED, by=by, reason="", seconds=seconds, answered=True, total_seconds=seconds,
            situation=call.situation, person=call.person, node=f"{call.position.flow}/{call.position.node}",
        )  # fmt: skip

    def _sweep(self, now: dt.datetime) -> None:
        """End and forget what is old, or too much: whoever began it has gone away."""
        while self._calls:
            call = next(iter(self._calls.values()))
            if now - call.began < KEPT and len(self._calls) < MOST:
                return
            self.give(call, steps.HungUp("failure"), call.turn)
            del self._calls[call.id]

    def _tell(self, call: PhoneCall, name: Happened, **facts: object) -> None:
        now = self._context.clock()
        self._emit([Event(name, now, call.id, facts)], now)

    def _emit(self, events: Iterable[Event], now: dt.datetime) -> None:
        """Events happen now, whatever the call's own clock says."""
        self._context.emit(marked([replace(event, at=now) for event in events], door=DOOR, test=True))
