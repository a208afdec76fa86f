"""The page for staff of the website names everything that is public in the widget, and nothing else."""

from __future__ import annotations

import re

from .service import ROOT

WIDGET = ROOT / "web_widget"
GUIDE = (ROOT / "docs/サイト担当者の手引き.md").read_text(encoding="utf-8")
CODE = "\n".join(file.read_text(encoding="utf-8") for file in [*WIDGET.rglob("*.js"), *WIDGET.rglob("*.css")])


def _found(pattern: str, text: str) -> set[str]:
    return set(re.findall(pattern, text))


def test_every_public_property_is_in_the_guide() -> None:
    name = r"--pref-chat-[a-z]+(?:-[a-z]+)*"
    assert _found(name, GUIDE) == _found(name, CODE)


def test_every_attribute_is_in_the_guide() -> None:
    read = _found(r"""(?:this|host)\.(?:get|has|toggle)Attribute\("([a-z]+)""", CODE)
    listed = _found(r"(?m)^\| `([a-z]+)` \|", GUIDE)
    assert read | {"lang", "position", "id"} == listed


def test_every_event_is_in_the_guide() -> None:
    head = (WIDGET / "widget.js").read_text().split("*/")[0]
    ends = _found(r"-(open|close|answer)\b", head)
    assert _found(r"(?m)^\| `madoguchi-([a-z]+)` \|", GUIDE) == ends


def test_the_banners_are_described() -> None:
    pictures = {file.name for file in (WIDGET / "banner").glob("banner-*")}
    assert pictures == _found(r"`(banner-[0-9x]+\.(?:svg|png))`", (WIDGET / "banner/README.md").read_text())
