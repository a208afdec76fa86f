"""The widget's API: what a resident does there, from the greeting to a rating and back after a reload."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from served import Server

from bot.dialogue.desk import now_in_tokyo
from bot.dialogue.published import Published


def titles(reply: dict[str, Any]) -> list[str]:
    return [choice["title"] for choice in reply["choices"]]


def payloads(reply: dict[str, Any]) -> list[str]:
    return [choice["payload"] for choice in reply["choices"]]


def test_info_names_topics_telephone_and_limit(server: Server) -> None:
    info = server.client.get("/api/v1/info").json()
    assert len(info["topics"]) == 11
    assert info["max_length"] == 500
    assert "0570-012-229" in info["contact"]
    assert isinstance(info["open_now"], bool)


def test_start_greets_and_shows_the_topics(server: Server) -> None:
    answer = server.client.post("/api/v1/conversations", json={"lang": "ja"})
    body = answer.json()
    assert answer.status_code == 201
    assert body["renewed"] is False
    assert body["reply"]["kind"] == "choices"
    assert "個人情報" in body["reply"]["text"]
    assert body["reply"]["choices"] == server.client.get("/api/v1/info").json()["topics"]


def test_start_needs_no_language(server: Server) -> None:
    assert server.client.post("/api/v1/conversations", json={}).status_code == 201


def test_conversations_have_ids_that_cannot_be_guessed(server: Server) -> None:
    ids = {server.start() for _ in range(20)}
    assert len(ids) == 20
    assert all(len(id_) >= 22 for id_ in ids)


def test_send_answers_a_plain_question_with_its_entry(server: Server) -> None:
    conversation = server.start()
    body = server.send(conversation, "納付書をなくしました")
    assert body["conversation"] == conversation
    assert body["notice"] is None
    assert body["reply"]["kind"] == "answer"
    (answer,) = body["reply"]["answers"]
    assert answer["id"] == "slip-lost"
    assert answer["text"]
    assert all(link["url"].startswith("https://") for link in answer["links"])
    assert payloads(body["reply"])[-1] == "/menu"


def test_send_keeps_to_one_kind_of_reply(server: Server) -> None:
    conversation = server.start()
    for message in ("納付書をなくしました", "税金について", "あああああ", "こんにちは", "明日の天気は？"):
        reply = server.send(conversation, message)["reply"]
        assert reply["kind"] in {"answer", "choices", "fallback"}
        assert bool(reply["answers"]) == (reply["kind"] == "answer")
        assert reply["text"] or reply["answers"]


def test_send_takes_the_number_of_a_choice(server: Server) -> None:
    conversation = server.start()
    topic = server.choose(conversation, "/topic/payment-slip")["reply"]
    second = server.send(conversation, "２")["reply"]
    assert second["answers"][0]["question"] == titles(topic)[1]


def test_send_takes_the_title_of_a_choice(server: Server) -> None:
    conversation = server.start()
    topic = server.choose(conversation, "/topic/refund")["reply"]
    assert server.send(conversation, titles(topic)[2])["reply"]["answers"][0]["question"] == titles(topic)[2]


def test_send_repeats_the_last_reply_on_request(server: Server) -> None:
    conversation = server.start()
    first = server.send(conversation, "納付書をなくしました")["reply"]
    again = server.send(conversation, "もう一度言って")["reply"]
    assert again == first


def test_choose_opens_a_topic_and_an_entry(server: Server) -> None:
    conversation = server.start()
    topic = server.choose(conversation, "/topic/notice")["reply"]
    assert topic["kind"] == "choices"
    first = next(choice for choice in topic["choices"] if choice["payload"].startswith("/entry/"))
    entry = server.choose(conversation, first["payload"])["reply"]
    assert entry["answers"][0]["question"] == first["title"]
    assert payloads(server.choose(conversation, "/menu")["reply"])[0] == "/topic/notice"


def test_choose_none_of_these_offers_the_telephone(server: Server) -> None:
    reply = server.choose(server.start(), "/none")["reply"]
    assert reply["kind"] == "fallback"
    assert "0570-012-229" in reply["contact"]


def test_fallbacks_do_not_repeat_the_same_words(server: Server) -> None:
    conversation = server.start()
    said = [server.choose(conversation, "/none")["reply"]["text"] for _ in range(4)]
    assert all(one != next_ for one, next_ in pairwise(said))


def test_every_button_leads_somewhere(server: Server, published: Published) -> None:
    """Walk every payload that any reply offers: all topics, pages and entries are reached, and each is answered."""
    conversation = server.start()
    waiting, done, entries = ["/menu"], set[str](), set[str]()
    while waiting:
        payload = waiting.pop()
        if payload in done:
            continue
        done.add(payload)
        body = server.choose(conversation, payload)
        reply = body["reply"]
        assert body["renewed"] is False
        if payload.startswith("/entry/"):
            assert [answer["id"] for answer in reply["answers"]] == [payload.removeprefix("/entry/")]
            assert reply["answers"][0]["text"].strip()
            entries.add(payload.removeprefix("/entry/"))
        elif payload != "/none":
            assert reply["kind"] == "choices", payload
        assert all(title.strip() for title in titles(reply))
        assert len(set(payloads(reply))) == len(reply["choices"]), payload
        waiting += payloads(reply)
    knowledge = published.engine.knowledge
    day = now_in_tokyo().date()
    assert entries == {id_ for id_ in knowledge.entries if knowledge.served(id_, day)}
    assert {f"/topic/{topic.id}" for topic in knowledge.topics} <= done


def test_resume_gives_back_everything_said(server: Server) -> None:
    conversation = server.start()
    sent = server.send(conversation, "納付書をなくしました")["reply"]
    chosen = server.choose(conversation, "/topic/refund")["reply"]
    body = server.client.get(f"/api/v1/conversations/{conversation}").json()
    assert body["conversation"] == conversation
    assert [line["said"] for line in body["lines"]] == [None, "納付書をなくしました", "/topic/refund"]
    assert [line["reply"] for line in body["lines"]][1:] == [sent, chosen]
    assert all(line["at"].endswith("+09:00") for line in body["lines"])


def test_resume_does_not_change_anything(server: Server) -> None:
    conversation = server.start()
    server.send(conversation, "納付書をなくしました")
    path = f"/api/v1/conversations/{conversation}"
    assert server.client.get(path).json() == server.client.get(path).json()


def test_resume_of_an_unknown_conversation_is_not_found(server: Server) -> None:
    answer = server.client.get("/api/v1/conversations/never-there-before")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("helpful", [True, False])
def test_rate_says_thanks(server: Server, helpful: bool) -> None:
    conversation = server.start()
    server.choose(conversation, "/entry/slip-lost")
    body = {"entry": "slip-lost", "helpful": helpful, "reason": "" if helpful else "長い"}
    answer = server.client.post(f"/api/v1/conversations/{conversation}/ratings", json=body)
    assert answer.status_code == 200
    assert "ありがとう" in answer.json()["reply"]["text"]


def test_rate_in_an_expired_conversation_is_kept(server: Server) -> None:
    answer = server.client.post(
        "/api/v1/conversations/expired-long-ago/ratings", json={"entry": "slip-lost", "helpful": True}
    )
    body = answer.json()
    assert answer.status_code == 200
    assert body["renewed"] is True
    assert "ありがとう" in body["reply"]["text"]


@pytest.mark.parametrize("door", ["messages", "choices"])
def test_an_unknown_conversation_is_renewed_and_the_message_is_answered(server: Server, door: str) -> None:
    field = {"messages": "message", "choices": "payload"}[door]
    answer = server.client.post(f"/api/v1/conversations/expired-long-ago/{door}", json={field: "/entry/slip-lost"})
    body = answer.json()
    assert answer.status_code == 200
    assert body["renewed"] is True
    assert "新しく始めます" in body["notice"]
    assert body["reply"]["answers"][0]["id"] == "slip-lost"
    assert body["conversation"] != "expired-long-ago", "an id that a stranger chose must not become a conversation"
    assert server.send(body["conversation"], "こんにちは")["renewed"] is False


@pytest.mark.slow
def test_the_oldest_conversations_are_forgotten_and_renewed(serve: Callable[..., Server]) -> None:
    small = serve(conversations="2")
    oldest, kept = small.start(), small.start()
    small.start()
    assert small.client.get(f"/api/v1/conversations/{oldest}").status_code == 404
    assert small.client.get(f"/api/v1/conversations/{kept}").status_code == 200
    body = small.send(oldest, "納付書をなくしました")
    assert body["renewed"] is True
    assert body["reply"]["answers"][0]["id"] == "slip-lost"


def test_suggestions_are_buttons_of_entries(server: Server) -> None:
    found = server.client.get("/api/v1/suggestions", params={"q": "納付書 なくし"}).json()["suggestions"]
    assert 1 <= len(found) <= 5
    assert "/entry/slip-lost" in [choice["payload"] for choice in found]
    for choice in found:
        assert server.choose(server.start(), choice["payload"])["reply"]["answers"][0]["question"] == choice["title"]
