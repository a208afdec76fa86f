"""The network, the server and the session fail; the resident loses nothing and is told where to call."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, TimeoutError, expect

from .chat import Chat
from .conftest import OpenPage
from .service import Service
from .watch import Watch

LOST = "納付書をなくしました"
LOST_ANSWER = "電話の前に、車のナンバーが分かるもの"
StartService = Callable[..., Service]


def test_a_reload_keeps_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.ask(LOST)
    chat.says(LOST_ANSWER)
    chat.question.fill("書きかけの文")
    page.reload()
    _reopened(chat)
    chat.says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1
    expect(chat.question).to_have_value("書きかけの文")
    chat.ask("還付")
    chat.says("近いもの")


def test_the_next_page_keeps_the_conversation(open_page: OpenPage) -> None:
    page = open_page()
    Chat(page).open().ask(LOST)
    Chat(page).says(LOST_ANSWER)
    page.goto(page.url.rstrip("/") + "/index.html")
    chat = _reopened(Chat(page))
    chat.says(LOST_ANSWER)


def _reopened(chat: Chat) -> Chat:
    """On a wide screen it stays open from page to page."""
    expect(chat.panel).to_be_visible()
    return chat


def test_two_tabs_do_not_disturb_each_other(open_page: OpenPage, new_context: Callable[..., BrowserContext]) -> None:
    context = new_context()
    one, other = Chat(open_page(context=context)).open(), Chat(open_page(context=context)).open()
    one.ask(LOST)
    other.ask("引っ越しました。住所変更はどうすればいい？")
    one.says(LOST_ANSWER)
    other.says("まず、車検証の住所を変えてください。")
    for chat, foreign in ((one, "まず、車検証の住所を変えてください。"), (other, LOST_ANSWER)):
        chat.page.bring_to_front()
        chat.page.reload()
        _reopened(chat).says(LOST_ANSWER if chat is one else "まず、車検証の住所を変えてください。")
        expect(chat.log).not_to_contain_text(foreign)


def test_a_copied_tab_gets_a_conversation_of_its_own(
    open_page: OpenPage, new_context: Callable[..., BrowserContext]
) -> None:
    """Browsers copy sessionStorage into a duplicated tab; window.open with an opener does the same."""
    page = open_page(context=new_context())
    chat = Chat(page).open()
    chat.ask(LOST)
    chat.says(LOST_ANSWER)
    with page.expect_popup() as opened:
        page.evaluate("window.open(location.href)")
    copy = Chat(opened.value)
    _reopened(copy)
    copy.ask("引っ越しました。住所変更はどうすればいい？")
    copy.says("まず、車検証の住所を変えてください。")
    page.bring_to_front()
    page.reload()
    _reopened(chat).says(LOST_ANSWER)
    expect(chat.log).not_to_contain_text("まず、車検証の住所を変えてください。")


@pytest.mark.breaks_network
def test_the_server_goes_away_and_comes_back(start_service: StartService, open_page: OpenPage) -> None:
    service = start_service()
    chat = Chat(open_page(url=service.url)).open()
    service.stop()
    chat.ask(LOST)
    expect(chat.panel.get_by_text("接続できません").first).to_be_visible()
    expect(chat.panel.get_by_text("0570-012-229").first).to_be_visible()
    assert LOST in chat.panel.inner_text() + chat.question.input_value(), "what was typed is gone"
    expect(chat.page.get_by_role("heading", name="自動車税", exact=True)).to_be_visible()
    service.start()
    retry = chat.panel.get_by_role("button", name="いますぐ送る")
    with contextlib.suppress(TimeoutError):  # the automatic try may be quicker, and take the button away
        retry.click(timeout=2_000)
    expect(chat.log).to_contain_text(LOST_ANSWER, timeout=20_000)
    expect(chat.panel.get_by_text("接続できません")).to_have_count(0)
    assert chat.times(LOST_ANSWER) == 1
    assert chat.log.get_by_text(LOST, exact=True).count() == 1


@pytest.mark.breaks_network
def test_retrying_is_automatic(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    failures: list[Route] = []

    def fail_twice(route: Route) -> None:
        if len(failures) < 2:
            failures.append(route)
            route.abort("connectionrefused")
        else:
            route.continue_()

    page.route("**/messages", fail_twice)
    chat.ask(LOST)
    expect(chat.log).to_contain_text(LOST_ANSWER, timeout=15_000)
    assert len(failures) == 2
    assert chat.times(LOST_ANSWER) == 1


@pytest.mark.breaks_network
def test_an_answer_lost_on_its_way_is_neither_lost_nor_doubled(open_page: OpenPage) -> None:
    """The server took the message, the connection broke before the answer arrived."""
    page = open_page()
    chat = Chat(page).open()
    _cut_once(page)
    chat.ask(LOST)
    expect(chat.log).to_contain_text(LOST_ANSWER, timeout=15_000)
    assert chat.times(LOST_ANSWER) == 1
    page.reload()
    _reopened(chat).says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1, "the server heard the question twice"


def _cut_once(page: Page) -> None:
    cut: list[Route] = []

    def handle(route: Route) -> None:
        if not cut:
            cut.append(route)
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/messages", handle)


@pytest.mark.breaks_network
def test_the_panel_opens_without_the_server_and_shows_the_telephone(
    start_service: StartService, open_page: OpenPage
) -> None:
    service = start_service()
    page = open_page(url=service.url)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    service.stop()
    chat.launcher.click()
    expect(chat.panel.get_by_text("0570-012-229").first).to_be_visible()
    expect(chat.panel.get_by_role("button", name="もう一度試す")).to_be_visible()
    top = page.evaluate("document.elementFromPoint(20, 300).localName")
    assert top != "madoguchi-chat", "the failed widget covers the page"
    service.start()
    chat.panel.get_by_role("button", name="もう一度試す").click()
    expect(chat.button("納付書の再発行について")).to_be_visible()


@pytest.mark.breaks_network
def test_going_offline_and_online(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    page.context.set_offline(True)
    chat.ask(LOST)
    expect(chat.panel.get_by_text("接続できません").first).to_be_visible()
    page.context.set_offline(False)  # fires "online": no need to wait for the next attempt
    chat.says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1


def test_a_slow_answer_shows_that_it_is_being_looked_for(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    held: list[Route] = []
    page.route("**/messages", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the handler
    chat.ask(LOST)
    expect(chat.state).to_contain_text("答えを探しています")
    held[0].continue_()
    chat.says(LOST_ANSWER)
    expect(chat.state).not_to_contain_text("答えを探しています")


def test_a_quick_answer_shows_no_waiting(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.state.evaluate(
        """(e) => { window.said = []; const note = () => window.said.push(e.textContent);
             new MutationObserver(note).observe(e, { childList: true, characterData: true, subtree: true }) }"""
    )
    chat.button("納付書の再発行について").click()
    chat.says("「納付書の再発行について」の質問です。")
    assert not [text for text in page.evaluate("window.said") if "探しています" in text]


def test_an_expired_session_starts_again_and_answers(start_service: StartService, open_page: OpenPage) -> None:
    service = start_service(conversations=1)  # a second resident pushes the first one out
    chat = Chat(open_page(url=service.url)).open()
    Chat(open_page(url=service.url)).open()
    chat.page.bring_to_front()
    chat.ask(LOST)
    chat.says("時間がたったため、前の会話は終わりました。新しく始めます。")
    chat.says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1


@pytest.mark.breaks_network
def test_an_answer_lost_after_a_renewal(start_service: StartService, open_page: OpenPage) -> None:
    """The old conversation's lines are not on the server any more; they must not count when looking for the answer."""
    service = start_service(conversations=1)
    page = open_page(url=service.url)
    chat = Chat(page).open()
    chat.ask("還付")
    chat.says("近いもの")
    Chat(open_page(url=service.url)).open()
    page.bring_to_front()
    chat.ask("減免")
    chat.says("時間がたったため")
    _cut_once(page)
    chat.ask(LOST)
    expect(chat.log).to_contain_text(LOST_ANSWER, timeout=15_000)
    page.reload()
    _reopened(chat).says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1, "the server heard the question twice"


@pytest.mark.breaks_network
def test_an_expired_session_found_after_a_reload_greets_again(start_service: StartService, open_page: OpenPage) -> None:
    service = start_service(conversations=1)
    page = open_page(url=service.url)
    chat = Chat(page).open()
    chat.ask(LOST)
    chat.says(LOST_ANSWER)
    Chat(open_page(url=service.url)).open()
    page.bring_to_front()
    page.reload()
    _reopened(chat)
    expect(chat.button("納付書の再発行について")).to_be_visible()


@pytest.mark.breaks_network
def test_a_flood_is_told_how_long_to_wait_and_loses_nothing(start_service: StartService, open_page: OpenPage) -> None:
    service = start_service(messages_per_minute=2)  # the greeting, one question
    chat = Chat(open_page(url=service.url)).open()
    chat.ask(LOST)
    chat.says(LOST_ANSWER)
    chat.ask("還付はいつですか")
    expect(chat.panel.get_by_text("短い時間にたくさんの送信がありました。").first).to_be_visible()
    assert "還付はいつですか" in chat.panel.inner_text() + chat.question.input_value(), "what was typed is gone"
    assert chat.times(LOST_ANSWER) == 1


@pytest.mark.breaks_network
@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_server_is_explained(open_page: OpenPage, status: int) -> None:
    page = open_page()
    chat = Chat(page).open()
    page.route("**/messages", lambda route: route.fulfill(status=status, body="<html>Bad gateway</html>"))
    chat.ask(LOST)
    expect(chat.panel.get_by_text("0570-012-229").first).to_be_visible()
    expect(chat.panel).not_to_contain_text("Bad gateway")
    page.unroute("**/messages")
    chat.panel.get_by_role("button", name="いますぐ送る").click()
    chat.says(LOST_ANSWER)
    assert chat.times(LOST_ANSWER) == 1


@pytest.mark.breaks_network
def test_a_failed_rating_does_not_disturb(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.ask(LOST)
    page.route("**/ratings", lambda route: route.abort())
    chat.button("はい").click()
    chat.ask("還付")
    chat.says("近いもの")


def test_impatient_presses_send_once(page_open: Page, watch: Watch) -> None:
    chat = Chat(page_open).open()
    chat.question.fill(LOST)
    chat.send_button.evaluate("(e) => { e.click(); e.click(); e.click() }")
    chat.says(LOST_ANSWER)
    assert len(watch.posts("/messages")) == 1
    assert chat.times(LOST_ANSWER) == 1


@pytest.fixture
def page_open(open_page: OpenPage) -> Page:
    return open_page()
