"""Answers the requests of a telephone cloud: gives each its turn, tells the events, remembers how calls end."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from bot.dialogue.events import Event, Happened
from voice.door import DoorContext, marked
from voice.flow.model import Telephone
from voice.flow.nodes import KEYS
from voice.flow.steps import Spoken
from voice.sound import SoundShelf
from voice.twiml import verbs
from voice.twiml.calls import Running, RunningCalls
from voice.twiml.line import Line
from voice.twiml.state import CallState, seal, unseal
from voice.twiml.turn import House, Turn

DOOR = "twiml"
MOST_CALLS = 200  # at once; the next caller hears the busy tone

Form = Mapping[str, str]
"""The fields of a cloud's request: CallSid, From, To, Digits, DialCallStatus …"""


class CloudDesk:
    """The door without HTTP. `token` signs the states; `base` is the address of the door as the cloud sees it."""

    def __init__(self, context: DoorContext, token: str, base: str) -> None:
        self._context, self._token, self._base = context, token, base
        self.shelf = SoundShelf(context)
        self._house = House(context, self.shelf, Line(), self._sound)
        self._calls = RunningCalls()
        self._deaf: tuple[Telephone, Telephone] | None = None

    def take(self, call: str, form: Form) -> str:
        """A call comes in: the first document."""
        running, telephone, now = self._calls.get(call), self._telephone(), self._context.clock()
        if running is not None:
            return running.answer  # asked twice
        if telephone is None or self._calls.count(now) >= MOST_CALLS:
            return self._refuse(call, "not ready" if telephone is None else "full")
        running = Running(now, now, self._context.situation(now))
        self._calls.add(call, running)
        facts = {
            "situation": running.situation, "caller": self._context.caller_hash(form.get("From", "")),
            "dialled": form.get("To", ""), "diverted": bool(form.get("ForwardedFrom")),
        }  # fmt: skip
        self._tell(call, Happened.CALL_RECEIVED, facts)
        self._tell(call, Happened.CALL_ANSWERED, {"situation": running.situation, "seconds": 0.0})
        turn = self._turn(call, telephone)
        turn.begin(running.situation)
        return self._end(running, turn)

    def go_on(self, call: str, sealed: str, form: Form) -> str:
        """The cloud has done what it was told: the next document. Raises Forged for a state that is not this call's."""
        state = unseal(sealed, call, self._token, self.shelf.find)
        running, telephone = self._calls.get(call), self._telephone()
        request = _fingerprint(sealed, form)
        if running is not None and running.request == request:
            return running.answer
        if telephone is None:
            return self._refuse(call, "not ready")
        running = running or self._recovered(call, state)
        turn = self._turn(call, telephone)
        if status := form.get("DialCallStatus", ""):
            turn.dialled(state, status, _seconds(form.get("DialCallDuration", "")))
        else:
            turn.go_on(state, _key(form.get("Digits", "")))
        running.request = request
        return self._end(running, turn)

    def over(self, call: str, form: Form) -> None:
        """The cloud tells that a call has ended (statusCallback). Told twice, it counts once."""
        running, telephone, now = self._calls.get(call), self._telephone(), self._context.clock()
        by = "caller" if form.get("CallStatus") == "completed" else "failure"
        talked = _seconds(form.get("CallDuration", ""))
        if running is None:
            self._tell(call, Happened.CALL_ENDED, {"by": by, "reason": "", "seconds": talked, "answered": True})
            return
        if running.over:
            return
        if running.state is None:
            by = "service"
        elif telephone is not None:
            turn = self._turn(call, telephone)
            turn.lost(running.state, by)
            running.position = turn.position
            self._context.emit(marked(turn.events, door=DOOR))
        running.over = True
        position = running.position
        self._tell(call, Happened.CALL_ENDED, {
            "by": by, "reason": "", "seconds": talked, "answered": True,
            "total_seconds": round((now - running.began).total_seconds(), 1), "situation": running.situation,
            "person": running.person, "node": f"{position.flow}/{position.node}" if position else "",
        })  # fmt: skip

    # -- parts -------------------------------------------------------------------------------------------------

    def _telephone(self) -> Telephone | None:
        """What is published, without spoken questions: those would go to the cloud's own recognition."""
        current = self._context.telephone()
        if current is None or not current.listening:
            return current
        if self._deaf is None or self._deaf[0] is not current:
            self._deaf = (current, current.model_copy(update={"listening": False}))
        return self._deaf[1]

    def _turn(self, call: str, telephone: Telephone) -> Turn:
        return Turn(self._house, call, telephone, partial(self._address, call))

    def _end(self, running: Running, turn: Turn) -> str:
        running.position, running.state, running.seen = turn.position, turn.state, turn.now
        running.person = running.person or turn.person
        running.answer = verbs.text(turn.document)
        self._context.emit(marked(turn.events, door=DOOR))
        return running.answer

    def _recovered(self, call: str, state: CallState) -> Running:
        """A call from before a restart."""
        now = self._context.clock()
        running = Running(now, now, self._context.situation(now), state.position, state)
        self._calls.add(call, running)
        return running

    def _refuse(self, call: str, reason: str) -> str:
        self._tell(call, Happened.CALL_REFUSED, {"reason": reason})
        document = verbs.document()
        verbs.reject(document)
        return verbs.text(document)

    def _address(self, call: str, state: CallState) -> str:
        return f"{self._base}/twiml/next?{urlencode({'s': seal(state, call, self._token)})}"

    def _sound(self, spoken: Spoken) -> str:
        return f"{self._base}/twiml/audio/{self.shelf.address(spoken)}"

    def _tell(self, call: str, name: Happened, facts: dict[str, object]) -> None:
        self._context.emit([Event(name, self._context.clock(), call, {"door": DOOR, **facts})])


def _key(digits: str) -> str:
    """The key that counts: clouds send several when they were pressed faster than we asked."""
    return digits[0] if digits and digits[0] in KEYS else ""


def _seconds(text: str) -> float:
    return min(float(text), dt.timedelta(days=1).total_seconds()) if text.isascii() and text.isdigit() else 0.0


def _fingerprint(sealed: str, form: Form) -> str:
    told = f"{sealed} {form.get('Digits', '')} {form.get('DialCallStatus', '')}"
    return hashlib.sha256(told.encode()).hexdigest()
