"""A whole conversation, as residents have it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from .chat import Chat, has_focus_ring, is_focused
from .conftest import OpenPage
from .watch import Watch

LOST = "納付書（納税通知書）をなくしました。再発行できますか。"
LOST_ANSWER = "電話の前に、車のナンバーが分かるもの"


def test_greeting_topic_entry_answer_rating(open_page: OpenPage, watch: Watch) -> None:
    chat = Chat(open_page()).open()
    chat.says("埼玉県の自動車税についてお答えする、自動の案内です。")
    topics = chat.choices.get_by_role("button")
    expect(topics).to_have_count(11)
    chat.button("納付書の再発行について").click()
    chat.says("「納付書の再発行について」の質問です。")
    chat.button(LOST).click()
    chat.says(LOST_ANSWER)
    expect(chat.log.locator("li li", has_text=LOST_ANSWER)).to_be_visible()  # the Markdown list became a list
    chat.button("はい").click()
    chat.says("ご回答ありがとうございました。")
    sent = [request.post_data_json for request in watch.posts("/ratings")]
    assert sent == [{"lang": "ja", "page": "/", "entry": "slip-lost", "helpful": True, "reason": ""}]


def test_a_whole_conversation_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page)
    chat.tab_to(chat.launcher)
    assert has_focus_ring(chat.launcher)
    page.keyboard.press("Enter")
    expect(chat.panel).to_be_visible()
    expect(chat.button("納付書の再発行について")).to_be_visible()
    assert chat.panel.evaluate("(e) => e.contains(e.getRootNode().activeElement)"), "focus did not move into the panel"
    _reach(chat, "納付書の再発行について")
    page.keyboard.press("Enter")
    expect(chat.button(LOST)).to_be_visible()
    _reach(chat, LOST)
    page.keyboard.press("Enter")
    chat.says(LOST_ANSWER)
    expect(chat.button("はい")).to_be_visible()
    _reach(chat, "はい")
    page.keyboard.press("Enter")
    chat.says("ご回答ありがとうございました。")
    chat.tab_to(chat.question)
    assert has_focus_ring(chat.question)
    page.keyboard.type("還付")
    expect(chat.suggestions.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.suggestions).to_have_count(0)
    expect(chat.panel).to_be_visible()
    page.keyboard.press("Enter")
    chat.says("近いもの")
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert is_focused(chat.launcher)


def _reach(chat: Chat, name: str) -> None:
    target = chat.button(name)
    key = "Tab" if target.evaluate(_BEHIND) else "Shift+Tab"
    chat.tab_to(target, key)
    assert has_focus_ring(target)


_BEHIND = """(e) => { const at = e.getRootNode().activeElement;
  return !at || !!(at.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) }"""


def test_focus_is_not_trapped(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    for key in ("Tab", "Shift+Tab"):
        chat.question.focus()
        for _ in range(60):
            page.keyboard.press(key)
            if not chat.element.evaluate("(e) => e.shadowRoot.activeElement"):
                break
        else:
            raise AssertionError(f"{key} never left the panel")
        if not chat.panel.is_visible():
            chat.launcher.click()  # it made way for what it would have covered


def test_focus_survives_a_press(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.button("還付について").click()
    chat.says("「還付について」の質問です。")
    assert page.evaluate("document.activeElement.localName") == "madoguchi-chat", "focus fell back to the page"


def test_free_text_gets_an_answer_with_related_entries_and_marked_links(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    chat.ask("納付書をなくしました")
    chat.says(LOST_ANSWER)
    expect(chat.button("納付書の再発行はどこに頼めばよいですか。")).to_be_visible()
    link = chat.log.get_by_role("link", name=re.compile("埼玉県 納税の方法など")).first
    expect(link).to_have_attribute("href", "https://www.pref.saitama.lg.jp/a0209/z-kurashiindex/z-3.html")
    expect(link).to_have_accessible_name(re.compile("別のサイト|新しいタブ"))
    if link.get_attribute("target") == "_blank":
        assert "noopener" in (link.get_attribute("rel") or "")
    chat.button("納付書の再発行はどこに頼めばよいですか。").click()
    expect(chat.log.get_by_text("納付書の再発行はどこに頼めばよいですか。").first).to_be_visible()


def test_an_unclear_question_offers_choices(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    chat.ask("車検")
    expect(chat.button("車検に納税証明書は必要ですか。")).to_be_visible()
    expect(chat.button("この中にない")).to_be_visible()
    chat.button("車検に納税証明書は必要ですか。").click()
    expect(chat.button("はい")).to_be_visible()


def test_none_of_the_choices_shows_the_telephone(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    chat.ask("車検")
    chat.button("この中にない").click()
    chat.says("0570-012-229")
    expect(chat.log.get_by_role("link", name=re.compile("0570-012-229")).first).to_have_attribute(
        "href", re.compile(r"^tel:\+?[0-9-]+$")
    )


def test_an_unhelpful_answer_may_have_a_reason(open_page: OpenPage, watch: Watch) -> None:
    chat = Chat(open_page()).open()
    chat.ask("納付書をなくしました")
    chat.button("いいえ").click()
    reason = chat.log.get_by_role("textbox")
    reason.fill("　窓口の場所が知りたい　")
    chat.button("理由を送る").click()
    chat.says("ご回答ありがとうございました。")
    sent = [request.post_data_json for request in watch.posts("/ratings")]
    assert [rating["helpful"] for rating in sent] == [False] * len(sent)
    assert sent[-1]["reason"].strip() == "窓口の場所が知りたい"


def test_an_unhelpful_answer_needs_no_reason(open_page: OpenPage, watch: Watch) -> None:
    chat = Chat(open_page()).open()
    chat.ask("納付書をなくしました")
    chat.button("いいえ").click()
    chat.button("書かずに終わる").click()
    chat.says("ご回答ありがとうございました。")
    assert [r.post_data_json["helpful"] for r in watch.posts("/ratings")][-1:] == [False]


def test_back_and_restart(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    chat.button("納付書の再発行について").click()
    chat.button(LOST).click()
    chat.says(LOST_ANSWER)
    chat.tool("戻る").click()
    expect(chat.button(LOST)).to_be_visible()
    chat.tool("最初から").click()
    expect(chat.button("納付書の再発行について")).to_be_visible()
    expect(chat.log).not_to_contain_text(LOST_ANSWER)


def test_the_telephone_card_says_whether_it_is_open_now(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    chat.tool("電話").click()
    expect(chat.panel.get_by_text("自動車税コールセンター").first).to_be_visible()
    expect(chat.panel.get_by_text(re.compile("受付中|受付時間内|受付時間外")).first).to_be_visible()
    expect(chat.panel.get_by_role("link", name=re.compile("0570-012-229")).first).to_be_visible()


def test_the_conversation_can_be_saved(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.says(LOST_ANSWER)
    with page.expect_download() as download:
        chat.menu("会話を保存する").click()
    saved = download.value.path().read_text("utf-8-sig")
    assert "納付書をなくしました" in saved
    assert LOST_ANSWER in saved


def test_the_conversation_can_be_printed(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.says(LOST_ANSWER)
    page.evaluate("window.print = () => { window.printed = true }")
    _catch_frames(page)
    chat.menu("会話を印刷する").click()
    page.wait_for_function("window.printed")


def _catch_frames(page: Page) -> None:
    """A widget may print a frame of its own instead of the page."""
    page.evaluate(
        """() => new MutationObserver((changes) => changes.flatMap((c) => [...c.addedNodes]).forEach((node) => {
             if (node.contentWindow) node.contentWindow.print = () => { window.printed = true };
           })).observe(document, { childList: true, subtree: true })"""
    )


def test_the_text_can_be_made_larger(open_page: OpenPage) -> None:
    chat = Chat(open_page()).open()
    size = "(e) => parseFloat(getComputedStyle(e).fontSize)"
    before = chat.lines.first.evaluate(size)
    chat.menu("特大").click()
    assert chat.lines.first.evaluate(size) > before * 1.2
    chat.menu("標準").click()
    assert chat.lines.first.evaluate(size) == before
