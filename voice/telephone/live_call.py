"""One call on the telephone: gives the machine what happens and carries out what it says."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.dialogue.events import Event, Happened
from voice.flow import machine
from voice.flow.steps import (
    Action,
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
    Transfer,
    Wait,
    Waited,
    WaitInLine,
)  # fmt: skip
from voice.sip.call import Call
from voice.telephone.transfer import Transfer as Attempt
from voice.tones import ringing

if TYPE_CHECKING:
    from voice.telephone.switchboard import Switchboard

log = logging.getLogger(__name__)


class LiveCall:
    """Handler of one incoming `Call`. `take` it once; afterwards everything comes from the network or from timers."""

    def __init__(self, switchboard: Switchboard, call: Call, situation: Situation) -> None:
        self.call, self.id = call, secrets.token_urlsafe(12)
        self._switchboard, self._situation = switchboard, situation
        self._telephone = switchboard.telephone  # a call keeps the content it began with
        self._received_at = switchboard.now()
        self._answered_at: dt.datetime | None = None
        self._position: machine.Position | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._transfer: Attempt | None = None
        self._person = False
        self._line: str | None = None
        self._ear: Callable[[], None] | None = None
        self._prompting = False

    def take(self) -> None:
        """Answer the call."""
        facts: dict[str, object] = {
            "door": "sip",
            "situation": self._situation,
            "caller": self._switchboard.callers.name(self.call.caller),
            "dialled": self.call.dialled,
            "diverted": bool(self.call.diverted),
        }
        self._tell(Happened.CALL_RECEIVED, facts)
        self.call.handler = self
        self.call.answer()

    # -- what happens (CallHandler) ----------------------------------------------------------------------------

    def on_answered(self) -> None:
        """The caller's ACK has come: both sides can hear."""
        self._answered_at = self._switchboard.now()
        waited = round((self._answered_at - self._received_at).total_seconds(), 2)
        self._tell(Happened.CALL_ANSWERED, {"situation": self._situation, "seconds": waited})
        self._do(machine.begin(self._telephone, self._situation, self.id, self._answered_at))

    def on_key(self, key: str) -> None:
        """A digit, however it came; with a person on the line it is not for us."""
        if not self._person:
            self._give(KeyPressed(key, self._heard()))

    def on_ended(self, by: str, reason: str) -> None:
        """The call is over, whoever ended it."""
        heard = self._heard()
        self._settle()
        self.leave_line()
        if self._position is not None:
            self._give(HungUp(by, heard))
        now = self._switchboard.now()
        audio = self.call.stream.report()
        seconds = round((now - (self._answered_at or now)).total_seconds(), 1)
        self._tell(Happened.CALL_ENDED, {
            "by": by, "reason": reason, "seconds": seconds, "answered": self._answered_at is not None,
            "total_seconds": round((now - self._received_at).total_seconds(), 1),
            "situation": self._situation, "person": self._person,
            "packets_lost": audio.lost,
            "jitter_ms": round(audio.jitter_ms, 1),
            "node": f"{self._position.flow}/{self._position.node}" if self._position else "",
        })  # fmt: skip
        if self._transfer is not None:
            self._transfer.give_up()
        self._switchboard.forget(self)

    # -- steps -------------------------------------------------------------------------------------------------

    def _give(self, given: Input) -> None:
        if self._position is not None:
            self._do(machine.step(self._position, given, self._telephone, self.id, self._switchboard.now()))

    def _do(self, step: machine.Step) -> None:
        self._position = step.position
        self._switchboard.events.append(step.events)
        if step.actions:
            self._settle()
        for action in step.actions:
            self._carry_out(action)

    def _carry_out(self, action: Action) -> None:
        match action:
            case Play():
                self._prompting = True
                clips = [self._switchboard.clip(spoken) for spoken in action.spoken]
                self.call.stream.play(clips, self._prompt_ended)
            case Wait() | WaitInLine():
                self.call.stream.play([self._switchboard.music] if isinstance(action, WaitInLine) else [], _nothing)
                self._after(action.seconds, Waited())
            case Listen():
                self._ear = self._switchboard.listening.hear(self.call.stream, action.seconds, self._understood)
            case Transfer():
                self._attempt = asyncio.create_task(self._hand_over(action.to, action.ring_seconds))
            case JoinLine():
                self._line = action.to
                self._switchboard.line(action.to).join(self)
            case LeaveLine():
                self.leave_line()
            case HangUp():
                self.call.hang_up()

    def _settle(self) -> None:
        """Whatever runs is replaced: no old timer, prompt or ear may speak into the new step."""
        self._prompting = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._ear is not None:
            self._ear()
            self._ear = None

    def _after(self, seconds: float, given: Input) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._give, given)

    def _prompt_ended(self) -> None:
        self._prompting = False
        self._give(PromptEnded(self.call.stream.heard))

    def _understood(self, heard: Heard) -> None:
        self._ear = None
        self._give(heard)

    def _heard(self) -> float | None:
        return self.call.stream.heard if self._prompting else None  # the stream of an ended call still knows

    # -- people ------------------------------------------------------------------------------------------------

    async def _hand_over(self, to: str, ring_seconds: float) -> None:
        done, reason = await self.try_person(to, ring_seconds)
        self._give(Connected() if done else NotConnected(reason))
        self._let_go(done, reason)

    async def try_person(self, to: str, ring_seconds: float) -> tuple[bool, str]:
        """Try once to give the call to `to`; the caller hears it ring unless something is playing."""
        target = self._switchboard.config.targets.get(to)
        if target is None:
            return False, "not set"
        if not self.call.stream.playing:
            self.call.stream.play([ringing()] * int(ring_seconds / ringing().seconds + 1), _nothing)
        self._transfer = Attempt(self._switchboard.server, self.call, target, self._switchboard.no_refer)
        done, reason = await self._transfer.run(self._switchboard.config.transfer_by, ring_seconds)
        if done:
            self._person = True
            self._settle()
        if not done or reason == "refer":
            self._transfer = None
        return done, reason

    def _let_go(self, done: bool, way: str) -> None:
        """After a REFER the caller talks to the person without us (RFC 5589 6.1: the transferor says BYE)."""
        if done and way == "refer":
            self.call.hang_up("transferred")

    async def offered(self) -> bool:
        """It is our turn in line."""
        assert self._line is not None
        done, way = await self.try_person(self._line, self._switchboard.ring_seconds)
        if done:
            self._line = None
            self._give(Connected())
            self._let_go(done, way)
        return done

    def leave_line(self) -> None:
        """Stop standing in line, if we did."""
        if self._line is not None:
            self._switchboard.line(self._line).leave(self)
            self._line = None

    def _tell(self, name: Happened, facts: dict[str, object]) -> None:
        self._switchboard.events.append([Event(name, self._switchboard.now(), self.id, facts)])


def _nothing() -> None:
    """Nobody waits for this to end."""
