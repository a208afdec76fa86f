"""The chat API speaks the language of its client."""

from __future__ import annotations

import pytest
from served import Server

from bot.dialogue.published import NAMES

pytestmark = pytest.mark.slow


def test_info_tells_every_language_and_speaks_the_one_asked_for(server: Server) -> None:
    info = server.client.get("/api/v1/info", params={"lang": "vi-VN"}).json()
    assert info["languages"] == NAMES
    assert info["lang"] == "vi"
    assert "0570-012-229" in info["contact"]
    assert {topic["payload"] for topic in info["topics"]} >= {"/topic/payment"}
    assert not any("納" in topic["title"] for topic in info["topics"])


@pytest.mark.parametrize("lang", NAMES)
def test_conversation_starts_in_the_language_of_the_page(server: Server, lang: str) -> None:
    started = server.client.post("/api/v1/conversations", json={"lang": lang}).json()
    assert started["lang"] == lang
    chosen = server.choose(started["conversation"], "/entry/slip-lost")
    assert (chosen["lang"], chosen["reply"]["answers"][0]["lang"]) == (lang, lang)


@pytest.mark.parametrize(
    ("lang", "question", "entry"),
    [
        ("en", "a red letter came about my car tax, what now?", "reminder-received"),
        ("vi", "toi nhan duoc thu nhac nop thue xe mau do, phai lam gi", "reminder-received"),
        ("zh-Hans", "收到了红色的催缴通知书，怎么办", "reminder-received"),
        ("pt", "chegou uma carta vermelha de cobrança do imposto do carro, e agora?", "reminder-received"),
        ("es", "me llego una carta roja de recordatorio del impuesto del auto, que hago", "reminder-received"),
        ("ko", "자동차세 독촉장이 왔는데 어떻게 하나요", "reminder-received"),
    ],
)
def test_red_letter_leads_to_its_answer_in_every_language(server: Server, lang: str, question: str, entry: str) -> None:
    """At once, or as one of the choices offered; the page itself is Japanese."""
    conversation = server.start()
    body = server.send(conversation, question)
    assert body["lang"] == lang
    reply = body["reply"]
    offered = [choice["payload"] for choice in reply["choices"]]
    assert entry in [answer["id"] for answer in reply["answers"]] or f"/entry/{entry}" in offered, reply


def test_suggestions_are_of_the_language(server: Server) -> None:
    found = server.client.get("/api/v1/suggestions", params={"q": "lost payment slip", "lang": "en"}).json()
    assert found["suggestions"][0]["payload"] == "/entry/slip-lost"
    assert "payment slip" in found["suggestions"][0]["title"]


@pytest.mark.parametrize(
    ("accepted", "words"),
    [("en-US,en;q=0.9", "could not be read"), ("vi", ""), ("", "読み取れません"), ("*", "読み取れません")],
)
def test_errors_come_in_the_language_of_the_client(server: Server, accepted: str, words: str) -> None:
    headers = {"accept-language": accepted}
    answer = server.client.post("/api/v1/conversations/abcdefgh1/messages", json={"message": 1}, headers=headers)
    assert answer.status_code == 422
    message = answer.json()["error"]["message"]
    assert words in message
    if accepted == "vi":
        assert "読" not in message


@pytest.mark.parametrize("tag", ["", "x", "english please", "ja'; --", "a" * 30])
def test_tag_that_is_none_is_refused(server: Server, tag: str) -> None:
    assert server.client.post("/api/v1/conversations", json={"lang": tag}).status_code == 422
    assert server.client.get("/api/v1/info", params={"lang": tag}).status_code == 422


def test_rasa_channel_answers_in_the_language_of_the_message(server: Server) -> None:
    [first, *_] = server.say("a-spanish-speaker", "perdi la boleta de pago del impuesto, como consigo otra")
    assert "boleta de pago" in first["text"]
