"""The monthly report as HTML, opened from a disk: clean for axe, nothing sticks out, nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from reported import filled, made, october

from bot.dialogue.published import Published
from bot.report import html

from .test_states import violations


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_is_clean_for_axe_and_fits(
    published: Published, new_context: Callable[..., BrowserContext], axe_source: str, tmp_path: Path, width: int
) -> None:
    engine = filled(tmp_path / "m.sqlite", october(), synthetic=True)
    html.write(made(engine, published.engine.knowledge), tmp_path / "report.html")
    engine.dispose()
    page = new_context(viewport={"width": width, "height": 800}, bypass_csp=True).new_page()  # axe brings styles
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    assert violations(page, axe_source) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert fetched == [(tmp_path / "report.html").as_uri()]
