"""A telephone call in text, for editors (`madoguchi call`): what is heard, what is pressed, how it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from bot.dialogue.office_hours import TOKYO, spoken
from voice.calendar import situation
from voice.flow import machine
from voice.flow.handover import duration
from voice.flow.model import Telephone, key_name
from voice.flow.nodes import KEYS
from voice.flow.steps import (
    FLOW_OF,
    Action,
    Began,
    Connected,
    HangUp,
    Heard,
    Input,
    JoinLine,
    KeyPressed,
    LeaveLine,
    Listen,
    NotConnected,
    Play,
    PromptEnded,
    Transfer,
    Wait,
    Waited,
    WaitInLine,
)

NOTHING, PERSON = "-", "+"  # "keys": press nothing until the time is over; a person answers
SAID = "案内："  # begins the lines of what is heard
MOST_STEPS = 2000  # an hour in line with a message every ten seconds has 720

_SITUATIONS = {
    "emergency": "緊急案内", "exception": "臨時の休業", "after_hours": "時間外",
    "overflow": "混雑", "open": "受付時間内",
}  # fmt: skip
_DESKS = {"operators": "担当者", "night_desk": "夜間の窓口"}


def transcript(
    telephone: Telephone,
    flow: str | None,
    at: dt.datetime,
    keys: Sequence[str],
    emergency: bool = False,
    busy: bool = False,
) -> list[str]:
    """A call at the instant `at`, in Japanese lines. `flow` None: what the calendar says. `keys` are used where the
    call waits, in order: 0-9 * #, "-" nothing, "+" a person answers. Raises ValueError for another key, LookupError
    for a flow that does not exist; both messages are Japanese."""
    for key in keys:
        if key not in (*KEYS, NOTHING, PERSON):
            raise ValueError(
                f"キー「{key}」は使えません。0から9、*、#、-（何も押さない）、+（担当者が出る）が使えます。"
            )
    found = situation(at, telephone.hours, emergency, busy)
    id_ = flow or FLOW_OF[found]
    if id_ not in telephone.flows:
        raise LookupError(f"流れ「{id_}」はありません。あるのは {'、'.join(telephone.flows)} です。")
    begun = telephone.flows[id_]
    why = "" if flow else f"（{_SITUATIONS[found]}）"
    lines = [f"着信：{at.astimezone(TOKYO).year}年{spoken(at)}　{begun.title}{why}"]
    return [*lines, *_Reading(telephone, at, list(keys)).lines(machine.Position(id_, begun.start))]


class _Reading:
    """One call; `keys` are those not used yet."""

    def __init__(self, telephone: Telephone, now: dt.datetime, keys: list[str]) -> None:
        self.telephone, self.now, self.keys = telephone, now, keys

    def lines(self, position: machine.Position) -> Iterator[str]:
        """Until the call ends."""
        given: Input | None = Began()
        actions: tuple[Action, ...] = ()
        for _ in range(MOST_STEPS):
            if given is None:
                break
            step = machine.step(position, given, self.telephone, "", self.now)
            position, actions = step.position, step.actions or actions[-1:]
            if isinstance(given, KeyPressed) and not step.actions:
                yield "　　　（ここでは、この番号に意味はありません）"
            if position.phase == machine.Phase.CONNECTED:
                yield "終話：担当者におつなぎしました（ここからは担当者との通話です）"
                break
            given = None
            for action in actions:
                line, given = self.carry_out(action)
                yield from line
                self.now += dt.timedelta(seconds=_seconds(action))
        else:
            yield f"（{MOST_STEPS}回の手順で終わらないので、ここで止めました）"
        if self.keys:
            yield f"（使わなかったキー：{'、'.join(self.keys)}）"

    def carry_out(self, action: Action) -> tuple[list[str], Input | None]:
        """What a reader sees of an action, and what comes of it; None: the call is over, or the next action tells."""
        match action:
            case Play(words):
                return [SAID + "".join(piece.text for piece in words)], PromptEnded(duration(words))
            case Wait(seconds):
                return self.wait(seconds)
            case Listen(seconds):
                return [f"（{seconds:g}秒まで、質問を聞く）"], self.pressed() or Heard()
            case Transfer(to, seconds):
                return self.person([f"（{_DESKS[to]}を{seconds:g}秒まで呼び出す）"], NotConnected("no answer"))
            case WaitInLine(seconds):
                return self.person([f"（{seconds:g}秒、順番を待つ）"], Waited())
            case JoinLine(to):
                return [f"（{_DESKS[to]}の待ち行列に入る）"], None
            case LeaveLine():
                return ["（待ち行列を出る）"], None
            case HangUp():
                return ["終話：案内を終えて、こちらから切る"], None
        return [], None

    def wait(self, seconds: float) -> tuple[list[str], Input]:
        """A key, or the time over."""
        if pressed := self.pressed():
            return [f"利用者：{key_name(pressed.key)}を押す"], pressed
        self.take(NOTHING)
        return [f"（{seconds:g}秒 何も押さない）"], Waited()

    def person(self, lines: list[str], otherwise: Input) -> tuple[list[str], Input]:
        """A person answers, or not."""
        if self.take(PERSON):
            return [*lines, "担当者：電話に出る"], Connected()
        self.take(NOTHING)
        return lines, otherwise

    def pressed(self) -> KeyPressed | None:
        """The next key, if it is one."""
        return KeyPressed(self.keys.pop(0)) if self.keys and self.keys[0] in KEYS else None

    def take(self, sign: str) -> bool:
        """Use up the next key if it is `sign`."""
        found = self.keys[:1] == [sign]
        del self.keys[: int(found)]
        return found


def _seconds(action: Action) -> float:
    """How long an action takes, so that a long call may pass midnight."""
    if isinstance(action, Play):
        return duration(action.spoken)
    return getattr(action, "seconds", 0.0) or getattr(action, "ring_seconds", 0.0)
