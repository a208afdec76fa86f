"""The page for the screen: whole without the network, escaped, readable by machines, the same bytes each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from happenings import at
from reported import EVIL, SHEETS, filled, made

from bot.knowledge.models import Knowledge
from bot.report import html
from bot.report.model import Report

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Elements with their attributes, and whether they are closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    """The small October."""
    return Page((written / "report.html").read_text(encoding="utf-8"))


def all_of(page: Page, tag: str) -> list[dict[str, str | None]]:
    """The attributes of every element of a kind."""
    return [attributes for name, attributes in page.elements if name == tag]


def test_it_is_closed_in_order_and_has_every_section(page: Page) -> None:
    assert page.open == []
    assert [name for name in SHEETS if name not in page.text] == []


def test_it_needs_nothing_from_anywhere(page: Page) -> None:
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "form", "object"}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style"}]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(each["content"] for each in all_of(page, "meta") if "http-equiv" in each)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_anchors_lead_somewhere_and_are_told_apart(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for link in all_of(page, "a"):
        assert (link["href"] or "").removeprefix("#") in ids


def test_what_residents_wrote_is_shown_and_nothing_else(page: Page) -> None:
    shown = {text.strip() for text in page.text}
    assert "<script>alert(1)</script>&amp;" in shown
    assert {text.strip() for text in EVIL if text.isprintable()} <= shown
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "".join(page.text))


def test_tables_and_pictures_have_names(page: Page) -> None:
    assert len(all_of(page, "caption")) == len(all_of(page, "table")) >= 15
    assert all(each.get("scope") in {"col", "row"} for each in all_of(page, "th"))
    pictures = all_of(page, "svg")
    assert len(pictures) == len(all_of(page, "figcaption")) >= 8
    assert all(each["role"] == "img" for each in pictures)
    assert {each.get("lang") for each in all_of(page, "th")} >= {"ko", "vi", "zh-Hans", "en"}


def test_marks_stand_at_the_top(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = filled(tmp_path / "m.sqlite", [])
    html.write(made(engine, knowledge, now=at("2026-10-06T12:30")), tmp_path / "half.html")
    engine.dispose()
    source = (tmp_path / "half.html").read_text(encoding="utf-8")
    assert '<p class="marks">途中集計（10月6日 12:30 まで）　この期間の記録はありません</p>' in source
    assert "【途中集計（10月6日 12:30 まで）】" in source.split("</title>")[0]


def test_the_same_report_gives_the_same_bytes(report: Report, written: Path, tmp_path: Path) -> None:
    html.write(report, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (written / "report.html").read_bytes()
