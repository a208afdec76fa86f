"""What the residents of the demo see of the service: a chat and a telephone. The composition root gives the real ones.

Doors work at the instant of the simulated clock and return at once; time passes only between their answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Visitor:
    """Where a conversation comes from. `tag`: BCP 47; `device`: phone, tablet, computer; `page`: a path."""

    door: Literal["widget", "rasa"]
    tag: str
    device: str
    page: str


@dataclass(frozen=True)
class Shown:
    """A reply. `kind`: answer, choices, fallback, or "" where the door does not say; `answers`: ids of entries;
    `choices`: payloads of the buttons."""

    conversation: str
    kind: str
    answers: tuple[str, ...]
    choices: tuple[str, ...]

    def offered(self) -> list[str]:
        """The entries that can be chosen."""
        return [payload.removeprefix("/entry/") for payload in self.choices if payload.startswith("/entry/")]


class Chat(Protocol):
    """The chat: by `visitor.door` that of the widget or the Rasa channel."""

    def open(self, visitor: Visitor) -> Shown:
        """Open a conversation."""
        ...

    def send(self, conversation: str, text: str) -> Shown:
        """Say something in free text."""
        ...

    def choose(self, conversation: str, payload: str) -> Shown:
        """Press a button."""
        ...

    def rate(self, conversation: str, entry: str, helpful: bool, reason: str) -> Shown:
        """Say whether an answer helped."""
        ...


@dataclass(frozen=True)
class Said:
    """What the telephone does now. `words`: it speaks for so many `seconds`; `menu`: it speaks, then `waits` for a key
    for so many; `person`: it rings somebody; `over`: it hangs up."""

    kind: Literal["words", "menu", "person", "over"]
    seconds: float = 0.0
    waits: float = 0.0


class Telephone(Protocol):
    """The telephone. `call` is a name that the caller's side gives."""

    def call(self, call: str, number: str, busy: bool) -> Said:
        """Call from a number; `busy`: everybody who could answer is talking."""
        ...

    def press(self, call: str, key: str) -> Said:
        """Press a key."""
        ...

    def listen(self, call: str) -> Said:
        """Hear it out, press nothing."""
        ...

    def rung(self, call: str, talked: int) -> Said:
        """The person who was rung talked for so many seconds; 0: nobody answered."""
        ...

    def hang_up(self, call: str, seconds: int) -> None:
        """The call is over, whoever ended it, after so many seconds."""
        ...
