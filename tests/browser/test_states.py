"""Every main state: clean for axe, in one piece at every size, and on a picture for people to look at."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .chat import Chat
from .conftest import PICTURES, OpenPage
from .states import STATES

SIZES = [(1280, 800), (768, 1024), (390, 844), (320, 640)]
# A page of 1280×800 at 200 % is one of 640×400, one of 1280×1024 at 400 % is 320×256; and a phone on its side.
LITTLE = [(640, 400), (320, 256), (844, 390)]


@pytest.mark.breaks_network
@pytest.mark.parametrize("state", STATES)
def test_a_state(open_page: OpenPage, axe_source: str, state: str) -> None:
    page = open_page()
    STATES[state](Chat(page))
    settle(page)
    found = {"axe": violations(page, axe_source)}
    for size in SIZES:
        resize(page, size)
        take_picture(page, f"{state}-{size[0]}x{size[1]}")
        found[f"at {size}"] = sticking_out(page)
    found["axe on a phone"] = violations(page, axe_source)
    page.emulate_media(color_scheme="dark")
    resize(page, SIZES[0])
    take_picture(page, f"{state}-dark")
    found["axe in the dark"] = violations(page, axe_source, inside="madoguchi-chat")
    page.emulate_media(color_scheme="light", forced_colors="active")
    take_picture(page, f"{state}-forced-colours")
    # axe cannot compute forced colours; they are the resident's own.
    found["axe in forced colours"] = violations(page, axe_source, inside="madoguchi-chat", but="color-contrast")
    assert not {where: what for where, what in found.items() if what}


@pytest.mark.breaks_network
@pytest.mark.parametrize("state", ["greeting", "answer", "suggestions", "menu", "telephone", "offline", "reason"])
def test_it_can_be_used_when_little_fits(open_page: OpenPage, state: str) -> None:
    page = open_page(viewport={"width": 640, "height": 400})
    chat = Chat(page)
    STATES[state](chat)
    for size in LITTLE:
        resize(page, size)
        take_picture(page, f"{state}-{size[0]}x{size[1]}")
        assert sticking_out(page) == [], size
        for part in (chat.close_button, chat.send_button, chat.question):
            part.scroll_into_view_if_needed()
            expect(part).to_be_in_viewport(ratio=0.99)


def test_text_spacing_cuts_nothing_off(open_page: OpenPage) -> None:
    """WCAG 1.4.12 with its own figures."""
    page = open_page(viewport={"width": 320, "height": 640})
    STATES["answer"](Chat(page))
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(
             "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }" +
             "p { margin-bottom: 2em !important }");
             const root = document.querySelector("madoguchi-chat").shadowRoot;
             root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet] }"""
    )
    assert sticking_out(page) == []
    cut = """() => [...document.querySelector("madoguchi-chat").shadowRoot.querySelectorAll("button, label, p, a")]
      .filter((e) => !e.closest(".unseen") && e.scrollHeight > e.clientHeight + 2
                     && getComputedStyle(e).overflowY !== "visible")
      .map((e) => e.textContent)"""
    assert page.evaluate(cut) == []


def test_the_largest_letters_fit_the_smallest_screen(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    STATES["largest"](Chat(page))
    assert sticking_out(page) == []


@pytest.mark.parametrize("state", ["greeting", "answer", "suggestions", "menu", "telephone", "reason"])
def test_targets_are_large_enough(open_page: OpenPage, state: str) -> None:
    """44 px (DADS); links inside sentences are free, a radio button counts with its label."""
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    STATES[state](Chat(page))
    small = page.evaluate(
        """() => [...document.querySelector("madoguchi-chat").shadowRoot.querySelectorAll(
             "button, textarea, input, select, summary, [role=option], a")].filter((e) => {
               const r = (e.closest("label") ?? e).getBoundingClientRect();
               const inline = e.localName === "a" && e.closest("p") && getComputedStyle(e).display === "inline";
               return r.width && !inline && !e.closest(".unseen") && Math.min(r.width, r.height) < 43.5;
             }).map((e) => `${e.localName} ${e.className} ${e.textContent.trim()}`)"""
    )
    assert small == []


_STICKING_OUT = """() => {
  const root = document.querySelector("madoguchi-chat").shadowRoot, wide = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > wide ? ["the page scrolls sideways"] : [];
  for (const e of root.querySelectorAll("*")) {
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    if (!r.width || s.visibility === "hidden" || e.closest(".unseen, svg")) continue;
    if (r.right > wide + 1 || r.left < -1) found.push(`${e.localName}.${e.className} ${r.left}…${r.right}`);
    const sideways = e.localName !== "input" && s.display !== "inline" && s.overflowX !== "visible";
    if (sideways && e.clientWidth && e.scrollWidth > e.clientWidth + 1)
      found.push(`${e.localName}.${e.className} is cut off or scrolls sideways`);
  }
  return found }"""


def sticking_out(page: Page) -> list[str]:
    return list(page.evaluate(_STICKING_OUT))


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def settle(page: Page) -> None:
    """Lets transitions end, without guessing how long they take."""
    page.evaluate(
        """() => Promise.all(document.querySelector("madoguchi-chat").shadowRoot.getAnimations().filter(
             (a) => a.effect.getComputedTiming().endTime < 5000).map((a) => a.finished.catch(() => 0)))"""
    )


def take_picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def violations(page: Page, axe_source: str, inside: str = "", but: str = "") -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if but:
        options["rules"] = {but: {"enabled": False}}
    found = page.evaluate("([inside, options]) => axe.run(inside || document, options)", [inside, options])
    return [f"{v['id']}: {v['help']} {[node['target'] for node in v['nodes']]}" for v in found["violations"]]
