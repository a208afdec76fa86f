"""What goes into a telephone step and what comes out of it: plain values, the same at every door.

A door (SIP, TwiML, the browser telephone, text) gives an input to `machine.step` and carries out the actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True)
class Spoken:
    """One piece of speech: reviewed words of a flow or an entry, in one language."""

    text: str
    lang: str = "ja"


# -- inputs ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Began:
    """The call was answered."""


@dataclass(frozen=True)
class PromptEnded:
    """The last `Play` was heard to its end; `seconds` is how long it took (0 where nobody can know)."""

    seconds: float = 0.0


@dataclass(frozen=True)
class KeyPressed:
    """One of 0-9 * #; `seconds`: how much of the running prompt had been heard, None if none was running."""

    key: str
    seconds: float | None = None


@dataclass(frozen=True)
class Waited:
    """The time of the last `Wait` or `WaitInLine` ran out."""


@dataclass(frozen=True)
class Heard:
    """What came of `Listen`: the entries that the search found for the spoken question. `sure`: the first one is the
    answer; otherwise they are choices. `text` is what was recognised (empty: nothing was understood)."""

    text: str = ""
    entries: tuple[str, ...] = ()
    sure: bool = False


@dataclass(frozen=True)
class Connected:
    """A person has taken the call: the last `Transfer` or `JoinLine` succeeded."""


@dataclass(frozen=True)
class NotConnected:
    """The last `Transfer` came to nothing; `reason` for the figures ("busy", "no answer", "refused", "not set")."""

    reason: str


@dataclass(frozen=True)
class HungUp:
    """The call is over. `by`: "caller", "service" (we ended it) or "failure" (no audio, the network).
    `seconds` as in KeyPressed."""

    by: str = "caller"
    seconds: float | None = None


Input: TypeAlias = Began | PromptEnded | KeyPressed | Waited | Heard | Connected | NotConnected | HungUp


# -- actions: carried out in order; a new list replaces whatever is still running ------------------------------------
@dataclass(frozen=True)
class Play:
    """Say these, then give `PromptEnded`. A key always gives `KeyPressed`; `interruptible` says whether a door may stop
    the prompt by itself when that comes (TwiML needs to know beforehand)."""

    spoken: tuple[Spoken, ...]
    interruptible: bool = True


@dataclass(frozen=True)
class Wait:
    """Give `Waited` after this many seconds without a key. `keys` are those that mean something."""

    seconds: float
    keys: str = ""


@dataclass(frozen=True)
class Listen:
    """Hear a spoken question of at most `seconds`, then give `Heard`."""

    seconds: float
    lang: str = "ja"


@dataclass(frozen=True)
class Transfer:
    """Hand the call to a person at `to` ("operators", "night_desk"), then give `Connected` or `NotConnected`."""

    to: str
    ring_seconds: float = 30.0


@dataclass(frozen=True)
class JoinLine:
    """Stand in line for `to`; `Connected` comes when it is this call's turn and a person answers. The call stays in
    line, whatever is played, until it ends or `LeaveLine`."""

    to: str


@dataclass(frozen=True)
class WaitInLine:
    """Hold quietly (with music if there is a recording), then give `Waited`."""

    seconds: float


@dataclass(frozen=True)
class LeaveLine:
    """Stop standing in line."""


@dataclass(frozen=True)
class HangUp:
    """End the call; `HungUp("service")` follows."""


Action: TypeAlias = Play | Wait | Listen | Transfer | JoinLine | WaitInLine | LeaveLine | HangUp


class Situation(StrEnum):
    """The state of the calendar when a call comes in, the strongest first (domain.md 12-5)."""

    EMERGENCY = "emergency"
    EXCEPTION = "exception"  # closed on a day of its own; the after-hours flow answers
    AFTER_HOURS = "after_hours"
    OVERFLOW = "overflow"
    OPEN = "open"


FLOW_OF: dict[Situation, str] = {
    Situation.EMERGENCY: "emergency",
    Situation.EXCEPTION: "after_hours",
    Situation.AFTER_HOURS: "after_hours",
    Situation.OVERFLOW: "overflow",
    Situation.OPEN: "office_hours",
}
"""Which file of `ivr_flows/` answers in which situation."""


@dataclass(frozen=True)
class Position:
    """Where a call is: a node of a flow, what it has heard, how often it tried. The machine gives new ones."""

    flow: str
    node: str
    phase: str = "saying"
    lang: str = "ja"
    misses: int = 0  # no input at this node so far
    wrong: int = 0  # keys without a meaning at this node so far
    playing: tuple[Spoken, ...] = ()
    subject: str = ""  # the topic whose answer is being heard, for the figures
    offered: tuple[str, ...] = ()  # entries offered as choices after `Listen`
    waited: float = 0.0  # seconds in line so far
    trail: tuple[str, ...] = field(default=())  # nodes visited, for diagrams and tests
