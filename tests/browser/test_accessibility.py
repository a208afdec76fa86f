"""WCAG 2.2 AA as far as a machine can see it (the rest: docs/読み上げの確認手順.md)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .chat import Chat, is_focused
from .conftest import OpenPage
from .states import STATES


def test_forced_colours_keep_every_shape(open_page: OpenPage) -> None:
    """Backgrounds vanish there: what is a button or a field must have a border, a choice must not lie in colour."""
    page = open_page(forced_colors="active")
    chat = Chat(page)
    STATES["suggestions"](chat)
    border = (
        "(e) => { const s = getComputedStyle(e); return s.borderTopStyle !== 'none' && parseFloat(s.borderTopWidth) }"
    )
    for part in (chat.question, chat.button("還付について"), chat.send_button, chat.panel):
        assert part.evaluate(border) >= 1, part
    chosen, other = chat.suggestions.nth(0), chat.suggestions.nth(1)
    look = """(e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.borderInlineStartWidth,
      s.textDecorationLine, s.backgroundColor, s.fontWeight].join() }"""
    assert chosen.evaluate(look) != other.evaluate(look)
    page.keyboard.press("Escape")
    chat.send_button.focus()
    assert chat.send_button.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"


@pytest.mark.breaks_network
def test_reduced_motion_moves_nothing(open_page: OpenPage) -> None:
    page = open_page(reduced_motion="reduce")
    chat = Chat(page)
    STATES["waiting"](chat)
    moving = """() => document.querySelector("madoguchi-chat").shadowRoot.getAnimations().filter(
      (a) => a.playState === "running" && a.effect.getComputedTiming().duration > 1).length"""
    assert page.evaluate(moving) == 0
    assert chat.log.evaluate("(e) => getComputedStyle(e).scrollBehavior") == "auto"


def test_roles_and_names(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page)
    expect(chat.launcher).to_have_role("button")
    expect(chat.launcher).to_have_attribute("aria-haspopup", "dialog")
    expect(chat.launcher).to_have_accessible_name(re.compile("チャット"))
    chat.open()
    expect(chat.panel).not_to_have_attribute("aria-modal", "true")
    expect(chat.panel.get_by_role("heading", level=2)).to_have_count(1)
    expect(chat.log).to_have_attribute("aria-label", re.compile("."))
    assert chat.log.evaluate("(e) => !!e.closest('[tabindex=\"0\"]')")  # scrolls by keyboard
    expect(chat.question).to_have_accessible_name(re.compile("質問"))


def test_additions_are_announced_once(open_page: OpenPage) -> None:
    """What is added to the log is announced; so nothing may be added twice, taken out and put in again, or repeated in
    the status line, and one live region must not lie in another."""
    page = open_page()
    chat = Chat(page).open()
    chat.log.evaluate(
        """(e) => { window.added = []; new MutationObserver((changes) => changes.forEach((c) => c.addedNodes.forEach(
             (n) => window.added.push(n.textContent)))).observe(e, { childList: true, subtree: true }) }"""
    )
    chat.button("納付書の再発行について").click()
    chat.says("「納付書の再発行について」の質問です。")
    said = [text for text in page.evaluate("window.added") if "「納付書の再発行について」の質問です。" in text]
    assert len(said) == 1
    expect(chat.state).not_to_contain_text("質問です。")
    nested = chat.panel.evaluate(
        "(e) => e.querySelectorAll('[role=log] [role=log], [role=log] [role=status], [role=log] [role=alert],"
        " [role=log] [aria-live]:not([aria-live=off]), [role=status] [role=status]').length"
    )
    assert nested == 0


def test_reopening_does_not_repeat_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page)
    STATES["answer"](chat)
    count = chat.lines.count()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    chat.launcher.click()
    expect(chat.panel).to_be_visible()
    assert chat.lines.count() == count


def test_closing_gives_the_focus_back(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.close_button.click()
    expect(chat.panel).to_be_hidden()
    assert is_focused(chat.launcher)


def test_the_newest_answer_is_read_from_its_beginning(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    chat = Chat(page)
    STATES["answer"](chat)
    expect(chat.log.get_by_text("はい。自動車税コールセンター").first).to_be_in_viewport()
