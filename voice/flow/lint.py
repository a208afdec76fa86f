"""What makes the flows right as a whole (codes IVR0xx): where they lead, that they end, keys, figures. Pure.

The rules on words and dates are in `lint_words`. Errors are what a caller would be stranded by; the rest are notices.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.knowledge.findings import Finding, finding
from bot.knowledge.shape import near
from bot.knowledge.yaml_text import Document
from voice.flow import lint_words
from voice.flow.model import Telephone
from voice.flow.nodes import KEYS, Flow, Node
from voice.flow.source import Source
from voice.flow.steps import FLOW_OF

MOST_CHOICES = 7
MOST_ATTEMPTS = 5
SECONDS = {"wait_secs": (1, 30), "seconds": (3, 30), "ring_secs": (5, 120), "every_secs": (10, 120),
           "limit_secs": (30, 3600)}  # fmt: skip

Spot = tuple[str, str]  # (flow, node)


def check(telephone: Telephone, source: Source) -> list[Finding]:
    """Every rule that holds on any day."""
    lost: list[Finding] = []
    found: list[Finding] = []
    for flow, document in source.flows.values():
        if flow.start not in flow.nodes:
            lost.append(_lost(document, ("start",), "start", flow.start, flow.nodes))
        for name, node in flow.nodes.items():
            found += _check_node(name, node, document)
            lost += _check_links(name, node, flow, document, source)
    found += lint_words.check(telephone, source)
    if source.whole and not lost:  # else nobody can say what is reached
        found += _check_ways(telephone, source)
    return found + lost


def check_days(telephone: Telephone, source: Source, today: dt.date) -> Iterator[Finding]:
    """What is over, or soon will be, on `today`."""
    yield from lint_words.check_days(telephone, source, today)


# -- one node --------------------------------------------------------------------------------------------------------
def _check_node(name: str, node: Node, document: Document) -> Iterator[Finding]:
    def told(code: str, *place: str | int, **facts: object) -> Finding:
        return finding(code, document.path, document.line("nodes", name, *place), **facts)

    kinds = node.kinds()
    if len(kinds) != 1:
        found = f"{len(kinds)}つあります（{'、'.join(kinds)}）" if kinds else "ありません"
        yield told("IVR005", node=name, found=found)
    for owner in ("no_input", "no_match", "listen"):
        attempts = getattr(getattr(node, owner), "attempts", 0)
        if not 0 <= attempts <= MOST_ATTEMPTS:
            yield told("IVR021", owner, "attempts", value=attempts, high=MOST_ATTEMPTS)
    for owner in ("", "repeat", "listen", "transfer", "queue"):
        for key, (low, high) in SECONDS.items():
            value = getattr(getattr(node, owner) if owner else node, key, low)
            if not low <= value <= high:
                yield told("IVR022", *filter(None, (owner, key)), key=key, value=value, low=low, high=high)
    if node.repeat and node.repeat.key not in tuple(KEYS):
        yield told("IVR007", "repeat", "key", key=node.repeat.key)
    if node.choices is not None:
        yield from _check_menu(name, node, document)


def _check_menu(name: str, node: Node, document: Document) -> Iterator[Finding]:
    def told(code: str, *place: str | int, **facts: object) -> Finding:
        return finding(code, document.path, document.line("nodes", name, *place), **facts)

    titles: dict[str, str] = {}
    for number, choice in enumerate(node.choices or ()):
        if choice.key not in tuple(KEYS):
            yield told("IVR007", "choices", number, "key", key=choice.key)
        if not choice.stopped:
            if choice.key in titles:
                yield told("IVR008", "choices", number, "key", key=choice.key, title=titles[choice.key])
            titles.setdefault(choice.key, choice.title)
        if not choice.goto and not (choice.say and node.after):
            yield told("IVR029", "choices", number, title=choice.title)
    if not node.active():
        yield told("IVR034", "choices", node=name)
    if len(node.active()) > MOST_CHOICES:
        yield told("IVR019", "choices", count=len(node.active()), limit=MOST_CHOICES)
    if node.no_input is None:
        yield told("IVR035", node=name)


# -- ways ------------------------------------------------------------------------------------------------------------
def _check_links(name: str, node: Node, flow: Flow, document: Document, source: Source) -> Iterator[Finding]:
    for place, target, _ in node.links():
        other, slash, there = target.partition("/")
        owner = source.flows.get(other, (None, None))[0] if slash else flow
        if owner is None and other in source.unread:
            continue  # its own errors are told
        known = owner.nodes if owner else source.flows
        if (there if slash and owner else other if slash else target) not in known:
            yield _lost(document, ("nodes", name, *place), str(place[-1]), target, _names(flow, source))


def _names(flow: Flow, source: Source) -> list[str]:
    return [*flow.nodes, *(f"{id_}/{node}" for id_, (other, _) in source.flows.items() for node in other.nodes)]


def _lost(document: Document, place: tuple[str | int, ...], key: str, target: str, known: object) -> Finding:
    names = [str(name) for name in known] if isinstance(known, list | dict) else []
    return finding("IVR004", document.path, document.line(*place), key=key, target=target, hint=near(target, names))


def _check_ways(telephone: Telephone, source: Source) -> Iterator[Finding]:
    ways: dict[Spot, list[Spot]] = {}
    idle: dict[Spot, list[Spot]] = {}  # where calls go without anybody doing a thing
    for id_, flow in telephone.flows.items():
        for name, node in flow.nodes.items():
            links = [(telephone.target(id_, target), by_itself) for _, target, by_itself in node.links()]
            ways[id_, name] = [spot for spot, _ in links if telephone.node(*spot)]
            idle[id_, name] = [spot for spot, by_itself in links if by_itself and telephone.node(*spot)]
    yield from _unreachable(telephone, source, ways)
    told: set[Spot] = set()
    for spot in idle:
        circle = _circle(spot, idle)
        if circle and not told & set(circle):
            told |= set(circle)
            names = " → ".join(name if flow == spot[0] else f"{flow}/{name}" for flow, name in (*circle, spot))
            yield _at(source, spot, "IVR018", circle=names)


def _unreachable(telephone: Telephone, source: Source, ways: dict[Spot, list[Spot]]) -> Iterator[Finding]:
    starts = [(id_, telephone.flows[id_].start) for id_ in set(FLOW_OF.values()) if id_ in telephone.flows]
    reached, found = set(starts), list(starts)
    while found:
        new = set(ways.get(found.pop(), ())) - reached
        reached |= new
        found += new
    for spot in ways.keys() - reached:
        yield _at(source, spot, "IVR006", node=spot[1])


def _circle(start: Spot, ways: dict[Spot, list[Spot]]) -> list[Spot]:
    """The shortest way from a spot back to itself, without its end; empty if there is none."""
    trails, seen = [[start]], {start}
    while trails:
        trail = trails.pop(0)
        for spot in ways.get(trail[-1], ()):
            if spot == start:
                return trail
            if spot not in seen:
                seen.add(spot)
                trails.append([*trail, spot])
    return []


def _at(source: Source, spot: Spot, code: str, **facts: object) -> Finding:
    document = source.flows[spot[0]][1]
    return finding(code, document.path, document.line("nodes", spot[1]), **facts)
