"""What residents type: Japanese input methods, limits, suggestions, and things that are no question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .chat import Chat
from .conftest import OpenPage
from .watch import Watch

BREAKING = "あ" * 501


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def chat(page: Page) -> Chat:
    return Chat(page).open()


def test_enter_while_converting_does_not_send(page: Page, chat: Chat, watch: Watch) -> None:
    """Chromium: keydown 229 while composing, and the Enter that ends the composition."""
    chat.question.focus()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": "のうふしょ", "selectionStart": 5, "selectionEnd": 5})
    expect(chat.question).to_have_value("のうふしょ")
    enter = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter, "key": "Enter"})
    devtools.send("Input.insertText", {"text": "納付書"})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter, "key": "Enter", "windowsVirtualKeyCode": 13})
    expect(chat.question).to_have_value("納付書")
    page.keyboard.type("をなくしました")
    assert watch.posts("/messages") == []
    page.keyboard.press("Enter")
    chat.says("電話の前に、車のナンバーが分かるもの")
    assert [request.post_data_json for request in watch.posts("/messages")] == [
        {"lang": "ja", "page": "/", "message": "納付書をなくしました"}
    ]


@pytest.mark.parametrize(
    "event",
    [
        {"key": "Enter", "keyCode": 229},  # Safari: the composition has ended, the key code still tells
        {"key": "Enter", "keyCode": 13, "isComposing": True},  # Firefox and Chromium on Linux
        {"key": "Process", "keyCode": 229},  # Chromium on Windows
    ],
)
def test_no_browsers_conversion_key_sends(chat: Chat, watch: Watch, event: dict[str, object]) -> None:
    chat.question.fill("還付")
    for kind in ("keydown", "keypress", "keyup"):
        chat.question.evaluate(
            "(e, [kind, init]) => e.dispatchEvent(new KeyboardEvent(kind, {...init, bubbles: true, composed: true,"
            " cancelable: true}))",
            [kind, event],
        )
    expect(chat.question).to_have_value("還付")
    assert watch.posts("/messages") == []


def test_an_arrow_while_converting_belongs_to_the_input_method(page: Page, chat: Chat) -> None:
    chat.question.focus()
    page.keyboard.type("納付書")
    expect(chat.suggestions.first).to_be_visible()
    prevented = chat.question.evaluate(
        """(e) => { const arrow = new KeyboardEvent("keydown",
             { key: "ArrowDown", keyCode: 229, isComposing: true, bubbles: true, cancelable: true });
             return !e.dispatchEvent(arrow) }"""
    )
    assert not prevented
    assert not chat.question.get_attribute("aria-activedescendant")


def test_shift_enter_breaks_the_line(page: Page, chat: Chat, watch: Watch) -> None:
    chat.question.focus()
    page.keyboard.type("引っ越しました。")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("住所変更はどうすればいい？")
    expect(chat.question).to_have_value("引っ越しました。\n住所変更はどうすればいい？")
    assert watch.posts("/messages") == []
    page.keyboard.press("Enter")
    chat.says("まず、車検証の住所を変えてください。")
    expect(chat.question).to_have_value("")


def test_full_width_signs_and_spaces_are_accepted(chat: Chat) -> None:
    chat.ask("　車検　２年　")
    expect(chat.button("車検に納税証明書は必要ですか。")).to_be_visible()


def test_501_characters_are_counted_before_sending(chat: Chat, watch: Watch) -> None:
    chat.question.fill(BREAKING)
    expect(chat.panel.get_by_text("1文字多いです").first).to_be_visible()
    chat.send_button.click()
    expect(chat.panel.get_by_text("一度に送れるのは500文字までです").first).to_be_visible()
    expect(chat.question).to_have_value(BREAKING)
    expect(chat.question).to_have_attribute("aria-invalid", "true")
    assert watch.posts("/messages") == []
    chat.question.fill("あ" * 500)
    chat.send_button.click()
    expect(chat.question).to_have_value("")
    expect(chat.question).not_to_have_attribute("aria-invalid", "true")
    assert len(watch.posts("/messages")) == 1


def test_emoji_count_as_the_server_counts_them(chat: Chat, watch: Watch) -> None:
    """Python counts code points, JavaScript UTF-16 units: 300 emoji are 300 for the resident, not 600."""
    chat.ask("😀" * 300)
    chat.says("絵文字や記号だけでは、お答えを探せません。")
    assert len(watch.posts("/messages")) == 1


@pytest.mark.parametrize("nothing", ["", "   ", "　　", "\n\n"])
def test_only_spaces_are_not_sent(chat: Chat, watch: Watch, nothing: str) -> None:
    chat.question.fill(nothing)
    chat.send_button.click()
    expect(chat.panel.get_by_text("質問を入力してから、送信を押してください。").first).to_be_visible()
    assert watch.posts("/messages") == []


def test_html_is_shown_as_text(page: Page, chat: Chat) -> None:
    markup = (
        '<b>太字</b><img src=x onerror="window.broken=1"><script>window.broken=1</script>**星**[a](https://x.example)'
    )
    chat.ask(markup)
    expect(chat.log).to_contain_text(markup)
    expect(chat.log.locator("b, img, script")).to_have_count(0)
    assert page.evaluate("window.broken") is None


def test_suggestions_are_a_combobox(page: Page, chat: Chat, watch: Watch) -> None:
    expect(chat.question).to_have_attribute("role", "combobox")
    expect(chat.question).to_have_attribute("aria-expanded", "false")
    chat.question.focus()
    page.keyboard.type("納付書")
    expect(chat.suggestions).to_have_count(5)
    expect(chat.question).to_have_attribute("aria-expanded", "true")
    controlled = chat.question.get_attribute("aria-controls")
    expect(chat.panel.locator(f"#{controlled}")).to_have_attribute("role", "listbox")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = chat.suggestions.nth(1)
    expect(chosen).to_have_attribute("aria-selected", "true")
    assert chat.question.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    title = chosen.text_content() or ""
    page.keyboard.press("Enter")
    expect(chat.suggestions).to_have_count(0)
    expect(chat.button("はい")).to_be_visible()
    expect(chat.log).to_contain_text(title.strip())
    expect(chat.question).to_have_value("")
    assert len(watch.posts("/choices")) == 1
    assert watch.posts("/messages") == []


def test_escape_closes_the_suggestions_first(page: Page, chat: Chat) -> None:
    chat.question.focus()
    page.keyboard.type("納付書")
    expect(chat.suggestions.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.suggestions).to_have_count(0)
    expect(chat.panel).to_be_visible()
    expect(chat.question).to_have_value("納付書")
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_a_suggestion_can_be_clicked(page: Page, chat: Chat) -> None:
    chat.question.focus()
    page.keyboard.type("納付書")
    title = (chat.suggestions.first.text_content() or "").strip()
    chat.suggestions.first.click()
    expect(chat.log).to_contain_text(title)
    expect(chat.button("はい")).to_be_visible()


def test_enter_without_a_chosen_suggestion_sends_what_was_typed(page: Page, chat: Chat, watch: Watch) -> None:
    chat.question.focus()
    page.keyboard.type("納付書")
    expect(chat.suggestions.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(chat.suggestions).to_have_count(0)
    expect(chat.question).to_have_value("")
    assert [request.post_data_json for request in watch.posts("/messages")] == [
        {"lang": "ja", "page": "/", "message": "納付書"}
    ]


def test_late_suggestions_do_not_come_back_after_sending(page: Page, chat: Chat) -> None:
    """The answer to an old keystroke arrives after the question was sent: it must not cover the answer."""
    held: list[object] = []
    page.route("**/api/v1/suggestions*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    chat.question.focus()
    page.keyboard.type("納付書をなくしました")
    with page.expect_request("**/messages"):
        page.keyboard.press("Enter")
    chat.says("電話の前に、車のナンバーが分かるもの")
    for route in held:
        try:
            route.continue_()  # type: ignore[attr-defined]
        except Exception:
            continue
    page.unroute("**/api/v1/suggestions*")
    chat.ask("還付")
    chat.says("近いもの")
    expect(chat.suggestions).to_have_count(0)
