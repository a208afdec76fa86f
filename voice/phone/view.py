"""What the page of the browser telephone shows, as JSON: a call, and a flow as a list of boxes with their ways out."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from bot.dialogue.office_hours import TOKYO
from voice.flow import steps
from voice.flow.model import Telephone
from voice.flow.nodes import Flow, Node
from voice.phone import words
from voice.phone.calls import PhoneCall
from voice.sound import SoundShelf

SHOWN = 60  # characters of a node's words


class Piece(BaseModel):
    """A prompt to be played from `url`; it lasts `seconds`."""

    text: str
    url: str
    seconds: float


class Doing(BaseModel):
    """What the telephone does now. `kind`: play, wait, listen, transfer, line; `keys` mean something while waiting."""

    kind: str
    pieces: list[Piece] = []
    seconds: float = 0.0
    keys: str = ""


class SaidLine(BaseModel):
    """A line of the transcript; `at` is the call's own clock, 20:00:05."""

    who: str
    text: str
    at: str


class CallView(BaseModel):
    """A call."""

    id: str
    turn: int
    situation: str
    flow: str
    flow_title: str
    node: str
    node_title: str
    choice: str
    doing: Doing | None
    in_line: bool
    person: bool
    over: bool
    lines: list[SaidLine]


class WayOut(BaseModel):
    """A way out of a node: what leads there, and the box it leads to (flow/node); `key` if it is chosen."""

    label: str
    to: str
    key: str = ""


class Box(BaseModel):
    """A node of a flow."""

    id: str
    title: str
    kind: str
    says: str
    ways: list[WayOut]


class FlowView(BaseModel):
    """A flow, its nodes in the order in which a call may come to them."""

    id: str
    title: str
    boxes: list[Box]


def call_view(call: PhoneCall, shelf: SoundShelf, audio: str) -> CallView:
    """A call as the page gets it; prompts are found below `audio`."""
    position, flow = call.position, call.telephone.flows.get(call.position.flow)
    node = call.telephone.node(position.flow, position.node)
    state = words.situation(call.situation, call.began + call.ahead, call.telephone.hours)
    lines = [SaidLine(who=one.who, text=one.text, at=f"{one.at.astimezone(TOKYO):%H:%M:%S}") for one in call.lines]
    return CallView(
        id=call.id, turn=call.turn, situation=state, flow=position.flow, flow_title=flow.title if flow else "",
        node=position.node, node_title=(node.title or position.node) if node else "", choice=position.subject,
        doing=_doing(call.doing, shelf, audio), in_line=bool(call.in_line), person=call.person, over=call.over,
        lines=lines,
    )  # fmt: skip


def _doing(action: steps.Action | None, shelf: SoundShelf, audio: str) -> Doing | None:
    match action:
        case steps.Play():
            pieces = [
                Piece(text=spoken.text, url=f"{audio}/{shelf.address(spoken)}", seconds=shelf.seconds(spoken))
                for spoken in action.spoken
            ]
            return Doing(kind="play", pieces=pieces, seconds=sum(piece.seconds for piece in pieces))
        case steps.Wait():
            return Doing(kind="wait", seconds=action.seconds, keys=action.keys)
        case steps.WaitInLine():
            return Doing(kind="line", seconds=action.seconds)
        case steps.Listen():
            return Doing(kind="listen", seconds=action.seconds)
        case steps.Transfer():
            return Doing(kind="transfer", seconds=action.ring_seconds)
        case _:
            return None


def flow_view(telephone: Telephone, flow: Flow) -> FlowView:
    """A flow as boxes. Nodes that no call comes to are last."""
    order = [flow.start]
    for name in order:  # grows while it is read
        node = flow.nodes.get(name)
        for way in _ways(telephone, flow, name, node) if node else ():
            other, target = way.to.split("/")
            if other == flow.id and target not in order and target in flow.nodes:
                order.append(target)
    names = [*order, *(name for name in flow.nodes if name not in order)]
    boxes = [_box(telephone, flow, name, flow.nodes[name]) for name in names if name in flow.nodes]
    return FlowView(id=flow.id, title=flow.title, boxes=boxes)


def _box(telephone: Telephone, flow: Flow, name: str, node: Node) -> Box:
    said = "".join(part.text for part in node.say)
    shown = said if len(said) <= SHOWN else said[:SHOWN] + "…"
    ways = list(_ways(telephone, flow, name, node))
    return Box(id=f"{flow.id}/{name}", title=node.title or name, kind=words.kind(node.kind), says=shown, ways=ways)


def _ways(telephone: Telephone, flow: Flow, name: str, node: Node) -> Iterator[WayOut]:
    def to(target: str) -> str:
        return "/".join(telephone.target(flow.id, target or name))

    for choice in node.active():
        yield WayOut(label=choice.title, to=to(choice.goto or node.after), key=choice.key)
    for place, target, _ in node.links():
        if label := words.way(place):
            yield WayOut(label=label, to=to(target))
