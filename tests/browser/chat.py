"""The widget as a resident sees it: by names and roles, so that a test breaks only when a resident would notice."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

TAG = "madoguchi-chat"


class Chat:
    """The widget on a page. `title`: the panel's name, if it is to be found by it."""

    title: str | None = "自動車税の質問チャット"

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator(TAG).first
        self.launcher = self.element.locator(".launcher")
        self.panel = self.element.get_by_role("dialog", name=self.title)
        self.close_button = self.panel.locator(".close")
        self.log = self.panel.get_by_role("log")
        self.lines = self.log.locator("> ol > li")
        self.choices = self.panel.locator(".choices")
        self.state = self.panel.locator(".status")  # three lines with role=status
        self.question = self.panel.locator("#question")  # an input, or a textarea once there are lines
        self.send_button = self.panel.get_by_role("button", name="送信", exact=True)
        self.suggestions = self.panel.get_by_role("option")

    def open(self) -> Chat:
        """Opens it with the mouse, and waits for the greeting."""
        self.launcher.click()
        expect(self.panel).to_be_visible()
        expect(self.button("納付書の再発行について")).to_be_visible()
        return self

    def button(self, name: str) -> Locator:
        """The newest button of that name inside the panel."""
        return self.panel.get_by_role("button", name=name, exact=True).last

    def tool(self, name: str) -> Locator:
        """A button of the row below the title; the telephone's also tells whether it is open."""
        return self.panel.get_by_role("group", name="チャットの操作").get_by_role("button", name=name)

    def menu(self, name: str) -> Locator:
        """Unfolds the menu; a choice in it."""
        if self.tool("メニュー").get_attribute("aria-expanded") == "false":
            self.tool("メニュー").click()
        return self.panel.locator("#drawer").get_by_text(name, exact=True)

    def ask(self, text: str) -> None:
        """Types a question and sends it with the button."""
        self.question.fill(text)
        self.send_button.click()

    def says(self, text: str) -> None:
        """Waits until the conversation shows a text."""
        expect(self.log).to_contain_text(text)

    def times(self, text: str) -> int:
        """How often the conversation shows a text."""
        return str(self.log.text_content()).count(text)

    def tab_to(self, target: Locator, key: str = "Tab", presses: int = 80) -> None:
        """Moves by keyboard only."""
        for _ in range(presses):
            if is_focused(target):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{target} was not reached with {presses} presses of {key}")


def is_focused(target: Locator) -> bool:
    """Whether the keyboard is on it, inside a shadow root too."""
    return bool(target.evaluate("(e) => e.getRootNode().activeElement === e && document.hasFocus()"))


def has_focus_ring(target: Locator) -> bool:
    """Whether a sighted resident sees where the keyboard is (style.md 1: black outline and yellow ring)."""
    style = target.evaluate(
        "(e) => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow] }"
    )
    return (
        style[0] == "solid"
        and float(style[1][:-2]) >= 2
        and (style[2] == "rgb(0, 0, 0)" or "255, 212, 61" in str(style))
    )
