"""Diagrams hold every node, every key and every way, and are Mermaid line by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.knowledge.shape import validate
from bot.knowledge.yaml_text import read
from voice.flow.diagram import diagram, escaped
from voice.flow.loading import NEEDED
from voice.flow.model import Telephone
from voice.flow.nodes import Flow

ROOT = Path(__file__).resolve().parents[3]
BOX = re.compile(r'(\w+)(\[|\{\{|\(\(|\[/|\[\\|\[\(|\(\[|\[\[)"([^"]*)"(\]|\}\}|\)\)|/\]|\\\]|\)\]|\]\)|\]\])')
EDGE = re.compile(r'(\w+) (-->|-\.->)(?:\|"([^"]*)"\|)? (\w+)(?:\(\["([^"]*)"\]\))?')


def parts(text: str) -> tuple[dict[str, str], list[tuple[str, str, str, str]]]:
    """Boxes (id → label) and edges (from, arrow, label, to); every line must be one or the other."""
    first, *lines = text.splitlines()
    assert first == "flowchart TD"
    boxes, edges = {}, []
    for line in lines:
        if box := BOX.fullmatch(line.strip()):
            boxes[box[1]] = box[3]
        else:
            edge = EDGE.fullmatch(line.strip())
            assert edge, line
            edges.append((edge[1], edge[2], edge[3] or "", edge[4]))
            if edge[5]:
                boxes[edge[4]] = edge[5]
    return boxes, edges


@pytest.mark.parametrize("name", ["after_hours", "after_hours_en", "question", "office_hours", "overflow", "emergency"])
def test_diagram_has_only_boxes_and_edges_between_them(telephone: Telephone, name: str) -> None:
    flow = telephone.flows[name]
    boxes, edges = parts(diagram(flow))
    assert {end for edge in edges for end in (edge[0], edge[3])} <= boxes.keys()
    assert all(any(label.startswith(node) for label in boxes.values()) for node in flow.nodes)


def test_diagram_shows_keys_topics_and_what_is_stopped(telephone: Telephone) -> None:
    boxes, edges = parts(diagram(telephone.flows["after_hours"]))
    menu = next(id_ for id_, label in boxes.items() if label.startswith("menu"))
    out = [(arrow, label, boxes[to]) for at, arrow, label, to in edges if at == menu]
    assert ("-->", "1", "再発行") in out
    assert ("-.->", "3", "督促状（停止中）") in out
    assert ("-->", "#35; 質問", "question/ask") in out
    assert ("-.->", "無操作が3回", boxes["n2"]) in out
    assert ("-.->", "対象外の番号が2回", boxes["n2"]) in out


def test_diagram_shows_the_way_to_a_person_and_the_way_without(telephone: Telephone) -> None:
    boxes, edges = parts(diagram(telephone.flows["office_hours"]))
    out = {(label, boxes[to].partition("<br/>")[0]) for at, _, label, to in edges if at == "n0"}
    assert out == {("つながった", "担当者"), ("つながらない", "overflow/line"), ("つなぐ先がない", "sorry")}


def test_signs_with_a_meaning_in_mermaid_are_escaped() -> None:
    assert escaped('「"#<b>&`;\\」') == "「#34;#35;#60;b#62;#38;#96;#59;#92;」"


@pytest.mark.parametrize("name", NEEDED)
def test_shipped_flows_can_be_drawn(name: str) -> None:
    document, _ = read(ROOT / "ivr_flows" / f"{name}.yaml", ROOT)
    assert document is not None
    flow, findings = validate(Flow, document.data, document)
    assert flow is not None, findings
    boxes, edges = parts(diagram(flow))
    assert len(boxes) > len(flow.nodes)
    assert edges
