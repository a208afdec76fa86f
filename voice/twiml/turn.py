"""One request of a telephone cloud: from the state of a call to the next one, and what the cloud shall do meanwhile.

A cloud is told beforehand what to do and asks again afterwards. So this looks ahead: prompts that follow each other up
to a wait for a key become one document, and what really happened of it is worked out when the cloud asks again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.dialogue.events import Event
from bot.dialogue.office_hours import TOKYO
from voice.door import DoorContext
from voice.flow import machine, steps
from voice.flow.model import Telephone
from voice.flow.steps import Play, Position, PromptEnded, Situation, Spoken
from voice.sound import SoundShelf
from voice.twiml import verbs
from voice.twiml.line import Line
from voice.twiml.state import CallState, Next

MOST_STEPS = 20  # without a word to the caller; flows are checked not to go in circles
LOOK_SECONDS = 5.0  # how often a caller in line looks whether it is the turn, and whether somebody is free
RING_SECONDS = 20.0  # how long an operator's telephone rings for a caller in line

Address = Callable[[CallState], str]
"""Where the cloud asks how to go on from a state."""


@dataclass(frozen=True)
class House:
    """What all calls of the door share. `sound` gives the address of a piece of speech."""

    context: DoorContext
    shelf: SoundShelf
    line: Line
    sound: Callable[[Spoken], str]


class Turn:
    """Makes one `document` for one call, with the `events` that happened and the `state` to go on from (None: the
    document ends the call). `person`: somebody took the call."""

    def __init__(self, house: House, call: str, telephone: Telephone, address: Address) -> None:
        self._house, self._call, self._telephone, self._address = house, call, telephone, address
        self.now = house.context.clock()
        self.document = verbs.document()
        self.events: list[Event] = []
        self.state: CallState | None = None
        self.position: Position | None = None
        self.person = False
        self._to, self._joined = "", 0.0

    # -- what happened -----------------------------------------------------------------------------------------

    def begin(self, situation: Situation) -> None:
        """The cloud answered a call."""
        step = machine.begin(self._telephone, situation, self._call, self.now)
        self.events += step.events
        self._run(step)

    def go_on(self, state: CallState, key: str) -> None:
        """The cloud did what it was told; `key`: what was pressed, "" if nothing was."""
        self._recall(state)
        if key:
            step, heard = self._catch_up(state, self._elapsed(state))
            pressed = self._give(step.position, steps.KeyPressed(key, heard), self.now)
            self._run(pressed if pressed.actions else self._as_before(state, pressed.position, heard))
        elif state.next == "prompt":
            self._run(self._catch_up(state, None)[0])
        elif state.next == "line" and self._rest(state) >= 1:
            self._look_in_line(state, dial=True)
        else:
            step, _ = self._catch_up(state, None)
            self._run(self._give(step.position, steps.Waited(), self.now))

    def dialled(self, state: CallState, status: str, talked: float) -> None:
        """A person was called; `status` as the cloud's DialCallStatus, `talked` seconds if the person answered."""
        self._recall(state)
        if status in {"completed", "answered"}:
            self.person = True
            self._run(self._give(state.position, steps.Connected(), self.now - dt.timedelta(seconds=talked)))
        elif state.next == "line":
            self._look_in_line(state, dial=False)
        else:
            reason = {"busy": "busy", "no-answer": "no answer"}.get(status, "refused")
            self._run(self._give(state.position, steps.NotConnected(reason), self.now))

    def lost(self, state: CallState, by: str) -> None:
        """The call ended while the cloud was at it."""
        self._recall(state)
        step, heard = self._catch_up(state, self._elapsed(state))
        self.position = self._give(step.position, steps.HungUp(by, heard), self.now).position
        self._house.line.leave(self._call)

    # -- working out -------------------------------------------------------------------------------------------

    def _give(self, position: Position, given: steps.Input, at: dt.datetime) -> machine.Step:
        step = machine.step(position, given, self._telephone, self._call, at)
        self.events += step.events
        return step

    def _recall(self, state: CallState) -> None:
        self.position = state.position
        self._to, self._joined = state.to, state.joined
        if state.to:
            self._house.line.stand(self._call, state.to, dt.datetime.fromtimestamp(state.joined, TOKYO), self.now)

    def _elapsed(self, state: CallState) -> float:
        """Seconds since the document was given; fetching the sounds is part of it, so prompts are a little behind."""
        return max(0.0, self.now.timestamp() - state.sent)

    def _rest(self, state: CallState) -> float:
        return state.seconds - self._elapsed(state)

    def _catch_up(self, state: CallState, elapsed: float | None) -> tuple[machine.Step, float | None]:
        """The step a call has come to after so many seconds (None: after all prompts), and how much of a prompt that is
        still running was heard."""
        step, began = machine.Step(state.position, (), ()), state.sent
        for length in state.lengths:
            if elapsed is not None and elapsed < length:
                return step, elapsed
            elapsed = None if elapsed is None else elapsed - length
            began += length
            ended = min(dt.datetime.fromtimestamp(began, TOKYO), self.now)
            step = self._give(step.position, PromptEnded(length), ended)
        return step, None

    def _as_before(self, state: CallState, position: Position, heard: float | None) -> machine.Step:
        """A key without a meaning stopped the cloud's `Gather` all the same: go on with what was running, from the
        beginning of the piece that was cut."""
        if heard is None:
            left = state.seconds + sum(state.lengths) - self._elapsed(state)
            return machine.Step(position, (steps.Wait(max(1.0, left)),), ())
        pieces = list(position.playing)
        while pieces and heard >= (length := self._house.shelf.seconds(pieces[0])):
            heard -= length
            del pieces[0]
        return machine.Step(position, (Play(tuple(pieces)),), ())

    # -- telling the cloud -------------------------------------------------------------------------------------

    def _run(self, step: machine.Step) -> None:
        """Carry out steps up to the first one that takes time. What leads nowhere ends the call."""
        for _ in range(MOST_STEPS):
            self.position, following = step.position, None
            for action in step.actions:
                following = self._carry_out(step.position, action)
                if following is not None:
                    break
            if following is None:
                break
            step = following
        if not len(self.document):
            self._hang_up(step.position)

    def _carry_out(self, position: Position, action: steps.Action) -> machine.Step | None:
        """The step that follows at once, None if the cloud has something to do or nothing follows."""
        match action:
            case Play():
                self._play(position, action)
            case steps.Wait():
                self._ask(position, [], action)
            case steps.Listen():  # this door offers keys only: speech would be sent to the cloud's own recognition
                return self._give(position, steps.Heard(), self.now)
            case steps.Transfer():
                return self._transfer(position, action)
            case steps.JoinLine():
                return self._join(position, action)
            case steps.WaitInLine():
                self._look_in_line(self._keep(position, "line", seconds=action.seconds), dial=True)
            case steps.LeaveLine():
                self._to, self._joined = "", 0.0
                self._house.line.leave(self._call)
            case steps.HangUp():
                self._hang_up(position)
        return None

    def _play(self, position: Position, play: Play) -> None:
        plays, wait = self._ahead(position, play)
        if wait is not None:
            self._ask(position, plays, wait)
            return
        verbs.play(self.document, self._sounds([play]))
        state = self._keep(position, "prompt", lengths=(self._length(play),))
        verbs.redirect(self.document, self._address(state))

    def _ahead(self, position: Position, play: Play) -> tuple[list[Play], steps.Wait | None]:
        """Prompts that follow each other by themselves, and the wait for a key that they lead to. Nothing is told of
        what might happen: the events are dropped, and come again when it has happened."""
        plays, ended = [play], self.now
        for _ in range(MOST_STEPS):
            ended += dt.timedelta(seconds=self._length(plays[-1]))
            length = PromptEnded(self._length(plays[-1]))
            step = machine.step(position, length, self._telephone, self._call, ended)
            position = step.position
            match step.actions:
                case (steps.Wait() as wait,):
                    return plays, wait
                case (Play() as more,):
                    plays.append(more)
                case _:
                    break
        return plays, None

    def _ask(self, position: Position, plays: Sequence[Play], wait: steps.Wait) -> None:
        """Prompts and a wait for a key. What must not be interrupted comes before the `Gather`; a cloud keeps no key
        that is pressed there."""
        deaf = max((number for number, play in enumerate(plays, 1) if not play.interruptible), default=0)
        verbs.play(self.document, self._sounds(plays[:deaf]))
        state = self._keep(position, "time", tuple(map(self._length, plays)), wait.seconds)
        verbs.gather(self.document, self._address(state), wait.seconds, self._sounds(plays[deaf:]))
        verbs.redirect(self.document, self._address(state))

    def _transfer(self, position: Position, transfer: steps.Transfer) -> machine.Step | None:
        number = self._house.context.number(transfer.to)
        if not number:
            return self._give(position, steps.NotConnected("not set"), self.now)
        state = self._keep(position, "person", seconds=transfer.ring_seconds)
        verbs.dial(self.document, number, self._address(state), transfer.ring_seconds)
        return None

    def _join(self, position: Position, join: steps.JoinLine) -> machine.Step | None:
        if not self._house.context.number(join.to):
            step = self._give(position, steps.NotConnected("not set"), self.now)
            return step if step.actions else None
        self._to, self._joined = join.to, self._joined or self.now.timestamp()
        self._house.line.stand(self._call, join.to, dt.datetime.fromtimestamp(self._joined, TOKYO), self.now)
        return None

    def _look_in_line(self, state: CallState, dial: bool) -> None:
        """A part of the wait in line: ring an operator if it is this call's turn (and none was rung just now), or be
        quiet for a moment."""
        self.state = state
        number = self._house.context.number(state.to) if state.to else ""
        if dial and number and self._house.line.is_first(self._call, self.now):
            verbs.dial(self.document, number, self._address(state), min(RING_SECONDS, self._rest(state)))
            return
        verbs.pause(self.document, min(LOOK_SECONDS, self._rest(state)))
        verbs.redirect(self.document, self._address(state))

    def _hang_up(self, position: Position) -> None:
        self.position = self._give(position, steps.HungUp("service"), self.now).position
        self.state = None
        self._house.line.leave(self._call)
        verbs.hang_up(self.document)

    def _keep(
        self, position: Position, following: Next, lengths: tuple[float, ...] = (), seconds: float = 0.0
    ) -> CallState:
        sent = round(self.now.timestamp(), 2)
        self.state = CallState(position, sent, following, lengths, seconds, round(self._joined, 2), self._to)
        return self.state

    def _length(self, play: Play) -> float:
        return round(sum(map(self._house.shelf.seconds, play.spoken)), 2)

    def _sounds(self, plays: Sequence[Play]) -> list[str]:
        return [self._house.sound(spoken) for play in plays for spoken in play.spoken]
