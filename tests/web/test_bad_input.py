"""Bad input at both doors (design.md 4.7): a polite reply or one shape of error; nothing breaks, nothing is lost."""

from __future__ import annotations

import json
import select
import socket
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from served import Server

RASA = "/webhooks/rest/webhook"
JSON = {"content-type": "application/json"}

# What residents, or those who want to break something, may send as a message; each is answered in words.
ODD = {
    "digits of another script": "፩",
    "superscript": "²",
    "circled": "③",
    "keycap emoji": "1️⃣",
    "family emoji": "👨‍👩‍👧‍👦",
    "control characters": "\x00\x01\x07\x1b[31m",
    "control characters inside": "納付書\x00を\x08なくした",
    "right to left": "\u202e納付書\u202c",
    "zero width": "\u200b\u200d\ufeff",
    "combining marks": "か" + "\u3099" * 200,
    "line breaks": "\r\n\n\t",
    "html": "<img src=x onerror=alert(1)>",
    "script": "<script>alert('納付書')</script>",
    "template": "{{7*7}} ${7*7} {text} %s %(message)s",
    "sql": "'; DROP TABLE events; --",
    "sql union": '" OR 1=1 UNION SELECT * FROM events',
    "path": "../../../../etc/passwd",
    "format": "{0.__class__}",
    "yaml": "!!python/object/apply:os.system ['true']",
    "markdown": "[押す](javascript:alert(1)) **太字** `code`",
    "shell": "$(true); `true` | true",
    "regex": "(((((((((((((((((((((((((((((((((((((((((((a+)+)+)+$",
    "private use": "\ue000\uf8ff",
    "noncharacter": "\uffff\ufffe",
    "astral": "𠮷野家の𩸽",
    "half width": "ﾉｳﾌｼｮｦﾅｸｼﾀ",
    "other language": "هل يمكنني الدفع نقدا؟",
    "exactly 500": "あ" * 500,
    "500 digits": "9" * 500,
    "500 breaks": "\n" * 499 + "a",
    "500 questions": "か？" * 250,
    "page far away": "/topic/payment/99999999999999999999",
    "page of another script": "/topic/payment/٣",
    "slash": "/",
    "payload in upper case": "/ENTRY/SLIP-LOST",
    "payload of a path": "/entry/../../etc/passwd",
}


def answered(server: Server, door: str, message: str) -> dict[str, Any]:
    """The text and the buttons that a message gets at one of the doors."""
    if door == "widget":
        body = server.send(server.start(), message)
        reply = body["reply"]
        return {"text": reply["text"] + "".join(a["text"] for a in reply["answers"]), "buttons": reply["choices"]}
    messages = server.say(str(uuid.uuid4()), message)
    return {"text": "".join(one["text"] for one in messages), "buttons": messages[-1].get("buttons", [])}


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error, after a look at its shape: the same everywhere, Japanese, nothing of how the service is built."""
    body = answer.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert {"code", "message"} <= set(error) <= {"code", "message", "field"}
    assert error["message"].endswith("。")
    assert not any(
        word in answer.text for word in ("Traceback", "File ", "pydantic", "Error", "/work", "site-packages")
    )
    assert answer.headers["content-type"] == "application/json"
    return error


@pytest.fixture(params=["widget", "rasa"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("message", ODD.values(), ids=ODD.keys())
def test_anything_is_answered(server: Server, door: str, message: str) -> None:
    reply = answered(server, door, message)
    assert reply["text"].strip()
    assert reply["buttons"]


@pytest.mark.parametrize("letter", ["a", "あ", "😀", "1", "\n"])
def test_501_characters_are_refused_politely(server: Server, door: str, letter: str) -> None:
    reply = answered(server, door, letter * 501)
    assert "500文字まで" in reply["text"]
    assert "501文字" in reply["text"]
    assert len(reply["buttons"]) == 11


def test_500_characters_are_read(server: Server, door: str) -> None:
    assert "文字まで" not in answered(server, door, "納付書をなくしました。" + "あ" * 489)["text"]


@pytest.mark.parametrize("message", ["", " ", "　", "\t\r\n", " " * 501])
def test_nothing_said_gets_a_hint(server: Server, door: str, message: str) -> None:
    expected = "500文字まで" if len(message) > 500 else "質問を文字で入力してください"
    reply = answered(server, door, message)
    assert expected in reply["text"]
    assert len(reply["buttons"]) == 11


@pytest.mark.parametrize("message", ["😀", "👍🏽👍🏽", "！？…", "♪〜", "\x00\x01", "🏳️‍🌈", "。。。"])
def test_no_words_gets_a_hint(server: Server, door: str, message: str) -> None:
    reply = answered(server, door, message)
    assert "絵文字や記号だけ" in reply["text"]
    assert len(reply["buttons"]) == 11


@pytest.mark.parametrize(
    "payload", ["/entry/nowhere", "/topic/nowhere", "/nowhere", "/entry", "/topic", "/entry/slip-lost/x"]
)
def test_unknown_button_gets_a_hint(server: Server, door: str, payload: str) -> None:
    reply = answered(server, door, payload)
    assert "選べません" in reply["text"]
    assert len(reply["buttons"]) == 11


def test_bad_messages_do_not_disturb_the_conversation(server: Server) -> None:
    conversation = server.start()
    first = server.send(conversation, "納付書をなくしました")["reply"]
    for message in ("", "😀", "x" * 501, "/nowhere"):
        server.send(conversation, message)
    assert server.client.post(f"/api/v1/conversations/{conversation}/messages", json={}).status_code == 422
    assert server.send(conversation, "納付書をなくしました")["reply"] == first


@pytest.mark.parametrize("message", [ODD["html"], ODD["script"], ODD["markdown"], ODD["sql"], ODD["template"]])
def test_markup_and_sql_come_back_as_data(server: Server, message: str) -> None:
    conversation = server.start()
    server.send(conversation, message)
    answer = server.client.get(f"/api/v1/conversations/{conversation}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["lines"][-1]["said"] == message
    reply = json.dumps(answer.json()["lines"][-1]["reply"], ensure_ascii=False)
    assert message not in reply, "no reply repeats what was typed"


BODIES = {
    "nothing": b"",
    "no json": b"message=hello",
    "cut off": b'{"sender": "u1", "message": ',
    "a list": b"[]",
    "a text": b'"hello"',
    "a number": b"5",
    "null": b"null",
    "not utf-8": b'{"sender": "u1", "message": "\xff\xfe"}',
    "shift_jis": '{"sender": "u1", "message": "納付書"}'.encode("cp932"),
    "utf-16 half": b"\xff",
    "nested too deep": b"[" * 15_000,
    "two documents": b"{}{}",
    "nan": b"NaN",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", [RASA, "/api/v1/conversations", "/api/v1/conversations/12345678/messages"])
def test_wrong_json_is_named(server: Server, path: str, body: bytes) -> None:
    answer = server.client.post(path, content=body, headers=JSON)
    assert answer.status_code == 422
    error = error_of(answer)
    assert error["code"] == "invalid"
    assert error["field"] == "body"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_refused(server: Server, content_type: str) -> None:
    """A plain form on another website could send these without asking the browser's permission."""
    body = json.dumps({"sender": "u1", "message": "a"})
    answer = server.client.post(RASA, content=body, headers={"content-type": content_type})
    assert answer.status_code == 422
    assert error_of(answer)["field"] == "body"


START = "/api/v1/conversations"
ONE = f"{START}/12345678"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (START, {"lang": 5}, "lang"),
        (START, {"lang": "x" * 11}, "lang"),
        (f"{ONE}/messages", {}, "message"),
        (f"{ONE}/messages", {"message": None}, "message"),
        (f"{ONE}/messages", {"message": 5}, "message"),
        (f"{ONE}/messages", {"message": ["a"]}, "message"),
        (f"{ONE}/messages", {"message": {"text": "a"}}, "message"),
        (f"{ONE}/messages", {"message": "a" * 10_001}, "message"),
        (f"{ONE}/choices", {}, "payload"),
        (f"{ONE}/choices", {"payload": 5}, "payload"),
        (f"{ONE}/choices", {"payload": "/" * 121}, "payload"),
        (f"{ONE}/ratings", {"entry": "slip-lost"}, "helpful"),
        (f"{ONE}/ratings", {"helpful": True}, "entry"),
        (f"{ONE}/ratings", {"entry": "nowhere", "helpful": True}, "entry"),
        (f"{ONE}/ratings", {"entry": "../x", "helpful": True}, "entry"),
        (f"{ONE}/ratings", {"entry": "slip-lost", "helpful": "perhaps"}, "helpful"),
        (f"{ONE}/ratings", {"entry": "slip-lost", "helpful": True, "reason": "x" * 501}, "reason"),
        (f"{START}/short/messages", {"message": "a"}, "path.conversation"),
        (f"{START}/12345678%0a/messages", {"message": "a"}, "path.conversation"),
        (f"{START}/{'%E7%B4%8D' * 10}/messages", {"message": "a"}, "path.conversation"),
        (f"{START}/{'a' * 65}/messages", {"message": "a"}, "path.conversation"),
        (RASA, {"sender": "u" * 201, "message": "a"}, "sender"),
        (RASA, {"sender": "u" * 9_000, "message": "a"}, "sender"),
    ],
)
def test_wrong_fields_are_named(server: Server, path: str, body: dict[str, object], field: str) -> None:
    answer = server.client.post(path, json=body)
    assert answer.status_code == 422
    error = error_of(answer)
    assert error["code"] == "invalid"
    assert error["field"] == field
    assert field in error["message"]


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"a\ud83d", r"\ude00\ud83d"])
@pytest.mark.parametrize("field", ["sender", "message"])
def test_half_a_character_is_refused(server: Server, field: str, escape: str) -> None:
    body = f'{{"sender": "u1", "message": "a", "{field}": "{escape}"}}'
    answer = server.client.post(RASA, content=body, headers=JSON)
    assert answer.status_code == 422
    assert error_of(answer)["field"] == field


def test_half_a_character_elsewhere_does_no_harm(server: Server) -> None:
    body = r'{"sender": "u1", "message": "/menu", "metadata": {"\ud800": "\ud800"}, "\ud800": 1}'
    assert server.client.post(RASA, content=body, headers=JSON).status_code == 200


def test_a_whole_character_in_two_escapes_is_read(server: Server) -> None:
    body = r'{"sender": "u1", "message": "\ud83d\ude00"}'
    assert "絵文字" in server.client.post(RASA, content=body, headers=JSON).json()[0]["text"]


@pytest.mark.parametrize("path", [RASA, "/api/v1/conversations", "/api/v1/conversations/12345678/messages", "/nowhere"])
def test_a_megabyte_is_too_large(server: Server, path: str) -> None:
    body = json.dumps({"sender": "u1", "message": "a" * 1_000_000})
    answer = server.client.post(path, content=body, headers=JSON)
    assert answer.status_code == 413
    assert error_of(answer)["code"] == "too_large"


def test_a_megabyte_in_pieces_is_too_large(server: Server) -> None:
    """Without a Content-Length, and sent to its end before anything is read: the refusal still arrives."""
    host = urlsplit(server.url)
    head = f"POST {RASA} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=20) as connection:
        connection.sendall(head.encode())
        for _ in range(100):
            connection.sendall(b"2800\r\n" + b" " * 0x2800 + b"\r\n")
            select.select([connection], [], [], 0.005)  # a client that is cut off here can't send the next piece
        connection.sendall(b"0\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_long_message_is_no_large_body(server: Server) -> None:
    """500 characters as JSON escapes, each of twelve bytes."""
    body = json.dumps({"sender": "u1", "message": "😀" * 500}, ensure_ascii=True)
    assert server.client.post(RASA, content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("GET", "/api/v1/conversations/never-there", 404, "not_found"),
        ("GET", "/..%2f..%2fpyproject.toml", 404, "not_found"),
        ("GET", "/%2e%2e/pyproject.toml", 404, "not_found"),
        ("GET", "/%00", 404, "not_found"),
        ("GET", "/" + "a" * 5_000, 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/conversations/12345678", 405, "method_not_allowed"),
        ("PUT", "/index.html", 405, "method_not_allowed"),
        ("GET", "/api/v1/suggestions", 422, "invalid"),
        ("GET", "/api/v1/suggestions?q=", 422, "invalid"),
        ("GET", "/api/v1/suggestions?q=" + "a" * 61, 422, "invalid"),
    ],
)
def test_every_error_has_one_shape(server: Server, method: str, path: str, status: int, code: str) -> None:
    answer = server.client.request(method, path)
    assert answer.status_code == status
    assert error_of(answer)["code"] == code


@pytest.mark.parametrize("q", ["%00", "%ff%fe", "%F0%9F%98%80", "%27;--", "%3Cscript%3E", "%20", "%ED%A0%80"])
def test_suggestions_bear_anything(server: Server, q: str) -> None:
    answer = server.client.get(f"/api/v1/suggestions?q={q}")
    assert answer.status_code == 200
    assert isinstance(answer.json()["suggestions"], list)


@pytest.mark.slow
def test_flood_is_told_when_to_come_back(serve: Callable[..., Server]) -> None:
    small = serve(messages_per_minute="3", allowed_origins='["https://www.pref.example.lg.jp"]')
    conversation = small.start()
    small.send(conversation, "納付書をなくしました")
    small.send(conversation, "/menu")
    for path, body in (
        (f"/api/v1/conversations/{conversation}/messages", {"message": "あ"}),
        (RASA, {"sender": "u1", "message": "あ"}),
        ("/api/v1/conversations", {}),
    ):
        answer = small.client.post(path, json=body, headers={"origin": "https://www.pref.example.lg.jp"})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.headers["retry-after"] in error_of(answer)["message"]
        assert answer.headers["access-control-allow-origin"] == "https://www.pref.example.lg.jp"
        assert answer.headers["x-content-type-options"] == "nosniff"
    lines = small.client.get(f"/api/v1/conversations/{conversation}").json()["lines"]
    assert [line["said"] for line in lines] == [None, "納付書をなくしました", "/menu"], (
        "reading again is always allowed"
    )
    neighbour = {"x-forwarded-for": "203.0.113.9"}  # told by the proxy in front, which is on this machine
    assert small.client.post("/api/v1/conversations", json={}, headers=neighbour).status_code == 201
    assert 'status="429"' in small.client.get("/metrics").text
