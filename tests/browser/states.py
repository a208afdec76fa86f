"""The main states of the widget, each reached as a resident reaches it. axe looks at all of them, and so do we."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .chat import Chat

LOST_ANSWER = "電話の前に、車のナンバーが分かるもの"


def _closed(chat: Chat) -> None:
    expect(chat.launcher).to_be_visible()


def _greeting(chat: Chat) -> None:
    chat.open()


def _topic(chat: Chat) -> None:
    chat.open()
    chat.button("納付書の再発行について").click()
    chat.says("「納付書の再発行について」の質問です。")


def _answer(chat: Chat) -> None:
    chat.open()
    chat.ask("納付書をなくしました")
    chat.says(LOST_ANSWER)


def _rated(chat: Chat) -> None:
    _answer(chat)
    chat.button("はい").click()
    chat.says("ご回答ありがとうございました。")


def _reason(chat: Chat) -> None:
    _answer(chat)
    chat.button("いいえ").click()
    expect(chat.button("理由を送る")).to_be_visible()


def _choices(chat: Chat) -> None:
    chat.open()
    chat.ask("車検")
    expect(chat.button("この中にない")).to_be_visible()


def _fallback(chat: Chat) -> None:
    chat.open()
    chat.ask("車検")
    chat.button("この中にない").click()
    expect(chat.log.get_by_role("link", name="0570-012-229")).to_be_visible()


def _suggestions(chat: Chat) -> None:
    chat.open()
    chat.question.focus()
    chat.page.keyboard.type("納付書")
    expect(chat.suggestions).to_have_count(5)
    chat.page.keyboard.press("ArrowDown")


def _too_long(chat: Chat) -> None:
    chat.open()
    chat.ask("あ" * 501)
    expect(chat.panel.get_by_text("一度に送れるのは500文字までです").first).to_be_visible()


def _empty(chat: Chat) -> None:
    chat.open()
    chat.send_button.click()
    expect(chat.panel.get_by_text("質問を入力してから").first).to_be_visible()


def _waiting(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/messages", lambda _: None)  # never answered
    chat.ask("納付書をなくしました")
    expect(chat.state).to_contain_text("答えを探しています")


def _offline(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/messages", lambda route: route.abort())
    chat.ask("納付書をなくしました")
    expect(chat.panel.get_by_text("接続できません").first).to_be_visible()


def _telephone(chat: Chat) -> None:
    chat.open()
    chat.tool("電話").click()
    expect(chat.panel.get_by_role("link", name="0570-012-229").first).to_be_visible()


def _menu(chat: Chat) -> None:
    chat.open()
    chat.tool("メニュー").click()
    expect(chat.panel.get_by_text("会話を保存する")).to_be_visible()


def _largest(chat: Chat) -> None:
    _answer(chat)
    chat.menu("特大").click()


STATES: dict[str, Callable[[Chat], None]] = {
    "closed": _closed,
    "greeting": _greeting,
    "topic": _topic,
    "answer": _answer,
    "rated": _rated,
    "reason": _reason,
    "choices": _choices,
    "fallback": _fallback,
    "suggestions": _suggestions,
    "too-long": _too_long,
    "empty": _empty,
    "waiting": _waiting,
    "offline": _offline,
    "telephone": _telephone,
    "menu": _menu,
    "largest": _largest,
}
