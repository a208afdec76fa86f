"""The Rasa REST channel: what any client of it relies on, and the traps of the original (rasa.md 2.3, 5.1)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from served import Server

URL = "/webhooks/rest/webhook"


def said(messages: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """What came back, whoever it was for."""
    return [(message["text"], message.get("buttons")) for message in messages]


@pytest.fixture
def sender() -> str:
    """A resident nobody else is."""
    return f"test-{uuid.uuid4()}"


def test_health_is_rasas(server: Server) -> None:
    answer = server.client.get("/webhooks/rest/")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_reply_has_rasas_shape(server: Server, sender: str) -> None:
    messages = server.say(sender, "納付書をなくしました")
    assert messages
    for message in messages:
        assert set(message) <= {"recipient_id", "text", "buttons"}
        assert message["recipient_id"] == sender
        assert message["text"].strip(), "a message without text resets what a voice gateway has collected"
        for button in message.get("buttons", []):
            assert set(button) == {"title", "payload"}
    assert any("0570-012-229" in message["text"] for message in messages)
    assert "buttons" in messages[-1]


@pytest.mark.parametrize(
    "message",
    [
        "納付書をなくしました", "こんにちは", "", "   ", "😀", "明日の天気", "1", "x" * 501, "/restart", "/greet",
        "/faq", "/faq/pay_where", "/nlu_fallback", "/session_start", '/inform{"a":"b"}', "/topic/nowhere",
        "/entry/nowhere", "/entry", "/topic/payment/99",
    ],
)  # fmt: skip
def test_reply_is_never_empty(server: Server, sender: str, message: str) -> None:
    messages = server.say(sender, message)
    assert messages
    assert all(one["text"].strip() for one in messages)


@pytest.mark.parametrize(
    "command", ["/restart", "/greet", "/session_start", "/back", "/stop", '/inform{"name":"x"}', "/"]
)
def test_slash_commands_do_nothing(server: Server, sender: str, command: str) -> None:
    """In Rasa anybody may type them and they are carried out."""
    answered = server.say(sender, "納付書をなくしました")
    (refused,) = server.say(sender, command)
    assert "選べません" in refused["text"]
    assert len(refused["buttons"]) == 11
    assert server.say(sender, "納付書をなくしました") == answered


def test_button_chooses_by_id(server: Server, sender: str) -> None:
    topics = server.say(sender, "/menu")[-1]["buttons"]
    assert len(topics) == 11
    for topic in topics:
        entries = [b for b in server.say(sender, topic["payload"])[-1]["buttons"] if b["payload"].startswith("/entry/")]
        assert entries
        answer = server.entry(entries[0]["payload"].removeprefix("/entry/"))["answers"][0]
        text = server.say(sender, entries[0]["payload"])[0]["text"]
        assert text.startswith(answer["text"])
        assert all(link["url"] in text for link in answer["links"])


def test_every_button_of_a_message_is_answered(server: Server, sender: str) -> None:
    for button in server.say(sender, "納付書をなくしました")[-1]["buttons"]:
        (first, *_) = server.say(sender, button["payload"])
        assert "選べません" not in first["text"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": "納付場所"}, "sender"),
        ({"sender": "u1"}, "message"),
        ({"sender": None, "message": "納付場所"}, "sender"),
        ({"sender": "u1", "message": None}, "message"),
        ({"sender": "", "message": "納付場所"}, "sender"),
        ({"sender": " ", "message": "納付場所"}, "sender"),
        ({"sender": "　\t", "message": "納付場所"}, "sender"),
        ({"sender": 5, "message": "納付場所"}, "sender"),
        ({"sender": "u1", "message": ["納付場所"]}, "message"),
        ({"sender": "u" * 201, "message": "納付場所"}, "sender"),
    ],
)
def test_missing_or_odd_fields_are_named(server: Server, body: dict[str, object], field: str) -> None:
    answer = server.client.post(URL, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert field in answer.json()["error"]["message"]


def test_both_fields_missing_are_both_named(server: Server) -> None:
    message = server.client.post(URL, json={}).json()["error"]["message"]
    assert "sender" in message
    assert "message" in message


def test_senders_do_not_share_a_conversation(server: Server, sender: str) -> None:
    other = f"{sender}-other"
    topic = server.say(sender, "/topic/payment-slip")[-1]["buttons"]
    server.say(other, "/topic/refund")
    first = server.say(sender, "1")
    assert said(first) == said(server.say(f"{sender}-third", topic[0]["payload"]))


def test_senders_that_look_alike_are_strangers(server: Server, sender: str) -> None:
    topic = server.say(f"{sender}A", "/topic/payment-slip")
    first = said(server.say(f"{sender}B", topic[-1]["buttons"][0]["payload"]))
    for like in (f"{sender}a", f"{sender}A ", f" {sender}A", f"{sender}Ａ", f"{sender}A\u200b"):
        assert said(server.say(like, "1")) != first
    assert said(server.say(f"{sender}A", "1")) == first


def test_senders_cannot_reach_a_conversation_of_the_widget(server: Server) -> None:
    conversation = server.start()
    server.choose(conversation, "/topic/payment-slip")
    server.say(conversation, "/topic/refund")
    lines = server.client.get(f"/api/v1/conversations/{conversation}").json()["lines"]
    assert [line["said"] for line in lines] == [None, "/topic/payment-slip"]


def test_metadata_and_channel_are_accepted(server: Server, sender: str) -> None:
    body = {"sender": sender, "message": "納付書をなくしました", "metadata": {"channel": "web"}, "input_channel": "x"}
    answer = server.client.post(URL, json=body)
    assert answer.status_code == 200
    assert said(answer.json()) == said(server.say(f"{sender}-plain", "納付書をなくしました"))


def test_stream_gives_one_json_a_line(server: Server, sender: str) -> None:
    plain = server.say(f"{sender}-plain", "/none")
    with server.client.stream(
        "POST", URL, params={"stream": "true"}, json={"sender": sender, "message": "/none"}
    ) as answer:
        rows = [json.loads(line) for line in answer.iter_lines()]
    assert answer.status_code == 200
    assert len(rows) >= 2
    assert rows == [{**message, "recipient_id": sender} for message in plain]


def test_stream_refuses_what_is_neither_true_nor_false(server: Server, sender: str) -> None:
    answer = server.client.post(URL, params={"stream": "maybe"}, json={"sender": sender, "message": "a"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "query.stream"
