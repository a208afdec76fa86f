"""A flow as a Mermaid flowchart with Japanese words, for people to look at (`madoguchi flow diagram`)."""

from __future__ import annotations

from collections.abc import Iterator

from voice.flow.nodes import Flow, Kind, Node

LEAD = 24  # signs shown of what a node says

_SHAPES = {
    Kind.THEN: ("[", "]"), Kind.MENU: ("{{", "}}"), Kind.LISTEN: ("[/", "/]"), Kind.TRANSFER: ("[\\", "\\]"),
    Kind.QUEUE: ("[(", ")]"), Kind.HANG_UP: ("([", "])"),
}  # fmt: skip
_WAYS = {
    "no_input": "無操作が{0}回", "no_match": "対象外の番号が{0}回", "then": "", "without": "音声認識なし",
    "after": "答えのあと", "failed": "つながらない", "not_set": "つなぐ先がない",
}  # fmt: skip


def diagram(flow: Flow) -> str:
    """The flowchart: a box a node and a topic, keys on the edges; dashed: slips, stopped topics, what did not work.
    Ends with a line break."""
    return "\n".join(["flowchart TD", *(f"    {line}" for line in _Drawing(flow).lines())]) + "\n"


class _Drawing:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.ids = {name: f"n{number}" for number, name in enumerate(flow.nodes)}
        self.elsewhere: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        yield f's(("着信<br/>{escaped(self.flow.title)}"))'
        for name, node in self.flow.nodes.items():
            opened, closed = _SHAPES[node.kind]
            yield f'{self.ids[name]}{opened}"{_label(name, node)}"{closed}'
        yield f"s --> {self.id(self.flow.start)}"
        for name, node in self.flow.nodes.items():
            yield from self.menu(name, node)
            yield from self.others(name, node)
        for target, id_ in self.elsewhere.items():
            yield f'{id_}[["{escaped(target)}"]]'

    def id(self, target: str) -> str:
        """The box of a target; one of another flow is drawn as a box of its own."""
        name = target.removeprefix(f"{self.flow.id}/")
        return self.ids.get(name) or self.elsewhere.setdefault(target, f"x{len(self.elsewhere)}")

    def menu(self, name: str, node: Node) -> Iterator[str]:
        """Choices: a topic that is heard is a box between its key and what follows."""
        for number, choice in enumerate(node.choices or ()):
            here, target = self.ids[name], self.id(choice.goto or node.after)
            arrow, title = ("-.->", f"{choice.title}（停止中）") if choice.stopped else ("-->", choice.title)
            if not choice.say:
                yield f'{here} {arrow}|"{escaped(f"{choice.key} {title}")}"| {target}'
                continue
            topic = f"{here}t{number}"
            yield f'{topic}["{escaped(title)}"]'
            yield f'{here} {arrow}|"{escaped(choice.key)}"| {topic}'
            yield f"{topic} --> {target}"

    def others(self, name: str, node: Node) -> Iterator[str]:
        """Every way but those of choices."""
        here = self.ids[name]
        for place, target, _ in node.links():
            if place[0] in ("choices", "after"):
                continue
            if place == ("then",):
                yield f"{here} --> {self.id(target)}"
                continue
            retry = getattr(node, str(place[0])) if place[0] in ("no_input", "no_match") else None
            way = _WAYS[str(place[0] if retry else place[-1])]
            words = way.format(retry.attempts + 1) if retry else way
            if node.queue and place[-1] == "then":
                words = f"{node.queue.limit_secs}秒待った"
            elif node.listen and place[-1] == "then":
                words = "聞き取れない"
            yield f'{here} -.->|"{escaped(words)}"| {self.id(target)}'
        if node.transfer or node.queue:
            yield f'{here} -->|"つながった"| {here}p(["担当者"])'


def _label(name: str, node: Node) -> str:
    words = node.title or next((part.text for part in node.say if part.text), "")
    lead = words[:LEAD] + ("…" if len(words) > LEAD else "")
    return escaped(name) + (f"<br/>{escaped(lead)}" if lead else "")


def escaped(text: str) -> str:
    """Text for a quoted Mermaid label: signs with a meaning there as its entity codes (#35; and so on)."""
    return "".join(f"#{ord(sign)};" if sign in '"#&<>`;\\\n' else sign for sign in text)
