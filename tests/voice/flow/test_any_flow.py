"""What holds for any flow an editor could write, not only for good ones."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.office_hours import TOKYO, OfficeHours
from bot.knowledge.yaml_text import Document
from voice.flow import lint
from voice.flow.diagram import diagram
from voice.flow.machine import Phase, begin, resume, step
from voice.flow.model import Telephone, speech
from voice.flow.nodes import Choice, Flow, HandOver, Node, Part, Question, Queue, Repeat, Retry
from voice.flow.source import Source
from voice.flow.steps import (
    Heard,
    HungUp,
    Input,
    KeyPressed,
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

NAMES = ["a", "b", "c", "d"]
NOW = dt.datetime(2026, 11, 20, 20, 0, tzinfo=TOKYO)
HOURS = OfficeHours.model_validate({"hours": {"open": "8:30", "close": "17:15"}})
STRANDING = {"IVR004", "IVR005", "IVR018", "IVR034", "IVR035"}  # what a caller could be stranded by

targets = st.sampled_from([*NAMES, *NAMES, "after_hours/a", "gone", "gone/a", ""])
parts = st.lists(st.builds(Part, text=st.sampled_from(["はい。", ""]), entry=st.sampled_from(["", "gone"]),
                           from_=st.sampled_from(["", "12-29", "x", "2027-01-01"])), max_size=2).map(tuple)  # fmt: skip
counts = st.integers(-1, 3)
retries = st.builds(Retry, say=parts, attempts=counts, last=parts, then=targets)
choices = st.builds(
    Choice, key=st.sampled_from("129*#"), title=st.just("話題"), say=parts, goto=targets, stopped=st.booleans(),
    each=st.sampled_from(["", "{key}"]),
)  # fmt: skip
menus = st.fixed_dictionaries({
    "choices": st.lists(choices, max_size=3).map(tuple), "each": st.just("{title}{key}{"), "wait_secs": counts,
    "no_input": st.none() | retries, "no_match": st.none() | retries, "after": targets,
    "repeat": st.none() | st.builds(Repeat, say=parts, on=st.booleans()),
})  # fmt: skip
kinds = st.one_of(
    st.fixed_dictionaries({"then": targets}),
    menus,
    st.fixed_dictionaries({"listen": st.builds(
        Question, seconds=counts, attempts=counts, then=targets, without=targets, after=targets, not_heard=parts,
        choose_each=st.sampled_from(["", "{question}{key}"]),
    )}),
    st.fixed_dictionaries({"transfer": st.builds(HandOver, to=st.just("operators"), failed=targets, not_set=targets)}),
    st.fixed_dictionaries({"queue": st.builds(
        Queue, to=st.just("operators"), every_secs=counts, say=parts, limit_secs=st.integers(-1, 30), then=targets,
    )}),
    st.just({"hang_up": True}),
    st.just({}),
)  # fmt: skip
nodes = st.builds(lambda say, barge_in, rest: Node(say=say, barge_in=barge_in, **rest), parts, st.booleans(), kinds)
flows = st.builds(
    lambda made, start: Flow(id="after_hours", title="流れ", start=start, nodes=dict(zip(NAMES, made, strict=False))),
    st.lists(nodes, min_size=1, max_size=4), st.sampled_from([*NAMES, "gone"]),
)  # fmt: skip
inputs: st.SearchStrategy[Input] = st.one_of(
    st.just(PromptEnded(1.0)), st.just(Waited()), st.just(NotConnected("busy")),
    st.just(Heard("はい", ("gone",), True)),
    st.builds(KeyPressed, st.sampled_from("0129*#")),
)  # fmt: skip


def telephone(flow: Flow, listening: bool) -> Telephone:
    return Telephone(version="", flows={flow.id: flow}, voices={}, hours=HOURS, listening=listening)


def idle(action: object) -> Input:
    match action:
        case Wait() | WaitInLine():
            return Waited()
        case Listen():
            return Heard()
        case Transfer():
            return NotConnected("busy")
        case Play():
            return PromptEnded(1.0)
    return HungUp("service")


@settings(max_examples=200, deadline=None)
@given(flow=flows, sent=st.lists(inputs, max_size=8), listening=st.booleans())
def test_any_flow_can_be_called_drawn_and_listed(flow: Flow, sent: list[Input], listening: bool) -> None:
    phone = telephone(flow, listening)
    done = begin(phone, Situation.AFTER_HOURS, "c", NOW)
    said = set(speech(phone))
    for one in [None, *sent]:
        done = step(done.position, one, phone, "c", NOW) if one else done
        assert resume(done.position, phone, NOW) or done.position.phase == Phase.CONNECTED
        for action in done.actions:
            assert not isinstance(action, Play) or set(action.spoken) <= said
    assert diagram(flow).startswith("flowchart TD\n")
    assert Telephone.model_validate_json(phone.model_dump_json()) == phone


@st.composite
def sound_flows(draw: st.DrawFn) -> Flow:
    """Flows without stranding findings: what happens by itself only leads on, what callers do may lead anywhere."""
    names = [f"n{number}" for number in range(draw(st.integers(1, 6)))]
    made = {
        name: draw(sound_node(st.sampled_from(names[number + 1 :]), st.sampled_from(names)))
        for number, name in enumerate(names[:-1])
    }
    made[names[-1]] = Node(say=draw(parts), hang_up=True)
    return Flow(id="after_hours", title="流れ", start=names[0], nodes=made)


def sound_node(on: st.SearchStrategy[str], anywhere: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    few = st.integers(0, 3)
    retry = st.builds(Retry, say=parts, attempts=few, then=on)
    choice = st.builds(Choice, key=st.sampled_from("12#"), title=st.just("話題"), say=parts, goto=anywhere)
    lines = st.lists(choice, min_size=1, max_size=3).map(tuple)
    desk, template = st.just("operators"), st.just("{question}{key}")
    question = st.builds(
        Question, seconds=st.just(8), attempts=few, then=on, without=on, after=anywhere, choose_each=template
    )
    queue = st.builds(Queue, to=desk, every_secs=st.just(10), limit_secs=st.just(30), then=on, say=parts)
    return st.one_of(
        st.builds(Node, say=parts, then=on),
        st.builds(Node, say=parts, choices=lines, no_input=retry, no_match=st.none() | retry, after=anywhere),
        st.builds(Node, say=parts, listen=question),
        st.builds(Node, say=parts, transfer=st.builds(HandOver, to=desk, failed=on, not_set=on)),
        st.builds(Node, say=parts, queue=queue),
    )


@settings(max_examples=200, deadline=None)
@given(flow=sound_flows(), sent=st.lists(inputs, max_size=8), listening=st.booleans())
def test_call_ends_in_any_flow_without_stranding_findings(flow: Flow, sent: list[Input], listening: bool) -> None:
    phone = telephone(flow, listening)
    source = Source(flows={flow.id: (flow, Document("x", {}, {}))})
    assert not STRANDING & {found.code for found in lint.check(phone, source)}
    done = begin(phone, Situation.AFTER_HOURS, "c", NOW)
    for one in sent:
        done = step(done.position, one, phone, "c", NOW)
    for _ in range(200):
        if done.position.phase == Phase.OVER:
            break
        done = step(done.position, idle(resume(done.position, phone, NOW)[-1]), phone, "c", NOW)
    assert done.position.phase == Phase.OVER


@settings(max_examples=200, deadline=None)
@given(flow=sound_flows(), back=st.integers(0, 5), at=st.integers(0, 5))
def test_way_back_that_nobody_chooses_is_found(flow: Flow, back: int, at: int) -> None:
    names = list(flow.nodes)
    at = at % len(names)
    to = names[back % (at + 1)]
    nodes = flow.nodes | {names[at]: Node(say=(Part(text="はい。"),), then=to)}
    circle = flow.model_copy(update={"nodes": nodes})
    source = Source(flows={flow.id: (circle, Document("x", {}, {}))})
    by_itself = {name: [to for _, to, idle_ in node.links() if idle_] for name, node in nodes.items()}
    reached, new = {to}, [to]
    while new:
        more = set(by_itself[new.pop()]) - reached
        reached |= more
        new += more
    codes = {found.code for found in lint.check(telephone(circle, True), source)}
    assert ("IVR018" in codes) is (names[at] in reached)
