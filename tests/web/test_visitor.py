"""Where a conversation comes from: what browsers say of themselves, what the widget says of its page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import Server, eventually

from bot.web.visitor import LONGEST_PAGE, device, path_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0{} Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0.0.0 Safari/537.36", "computer"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/129.0.0.0 Safari/537.36", "computer"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "computer"),
        (MAC, "computer"),
        (IPHONE, "phone"),
        (IPAD, "tablet"),
        (ANDROID.format(" Mobile"), "phone"),
        (ANDROID.format(""), "tablet"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "phone"),
        ("Mozilla/5.0 (Android 14; Tablet; rv:130.0) Gecko/130.0 Firefox/130.0", "tablet"),
        ("python-httpx/0.27", ""),
        ("", ""),
        ("A" * 100_000, ""),
    ],
)  # fmt: skip
def test_device(agent: str, found: str) -> None:
    assert device({"user-agent": agent}) == found


def test_a_browser_that_says_so_is_a_phone() -> None:
    assert device({"user-agent": MAC, "sec-ch-ua-mobile": "?1"}) == "phone"
    assert device({}) == ""


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/kurashi/zei/", "/kurashi/zei/"),
        ("/a?name=taro&tel=090", "/a"),
        ("/a#yamada", "/a"),
        ("https://www.pref.saitama.lg.jp/a0209/?q=1", "/a0209/"),
        ("https://www.pref.saitama.lg.jp", "/"),
        ("//evil.example/x", ""),
        ("javascript:alert(1)", ""),
        ("a/b", ""),
        ("", ""),
        ("http://[::1", ""),
        ("/a\x00b\nc\u2028", "/abc"),
        ("/" + "a" * 500, "/" + "a" * (LONGEST_PAGE - 1)),
    ],
)
def test_path(address: str, path: str) -> None:
    assert path_of(address) == path


@given(st.text())
def test_a_path_holds_no_query_whatever_was_sent(address: str) -> None:
    found = path_of(address)
    assert len(found) <= LONGEST_PAGE
    assert found == "" or (found.startswith("/") and not set(found) & set("?#\n\x00"))


@pytest.mark.slow
def test_both_doors_tell_where_a_conversation_comes_from(server: Server) -> None:
    body = {"lang": "en", "page": "/zei/090-1234-5678?x=1"}
    answer = server.client.post("/api/v1/conversations", json=body, headers={"user-agent": IPHONE})
    conversation = answer.json()["conversation"]
    eventually(lambda: server.events(conversation))
    told = server.events(conversation)[0]
    assert (told["door"], told["device"], told["page"], told["lang"]) == ("widget", "phone", "/zei/〔電話番号〕", "en")

    server.say("visitor-of-rasa", "納付書をなくしました")
    began = "SELECT facts FROM events WHERE name = 'conversation_started' AND conversation LIKE 'rest-%'"
    eventually(lambda: server.rows(began))
    assert any('"door": "rasa", "device": "", "page": ""' in facts for (facts,) in server.rows(began))
