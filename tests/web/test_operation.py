"""What operators rely on: health, figures, headers, the description of the API, and events that are never lost."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import signal
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import Server, eventually

from bot import assemble
from bot.dialogue.desk import ConversationStore, Desk
from bot.dialogue.events import Event
from bot.dialogue.published import Published
from bot.dialogue.state import Conversation
from bot.settings import Settings
from bot.web.app import create_app
from bot.web.sessions import MemoryStore

WEBSITE = "https://www.pref.example.lg.jp"

# Every address of design.md 4.6 that is not a file.
ROUTES = {
    ("GET", "/api/v1/info"),
    ("GET", "/api/v1/suggestions"),
    ("POST", "/api/v1/conversations"),
    ("GET", "/api/v1/conversations/{conversation}"),
    ("POST", "/api/v1/conversations/{conversation}/messages"),
    ("POST", "/api/v1/conversations/{conversation}/choices"),
    ("POST", "/api/v1/conversations/{conversation}/ratings"),
    ("GET", "/webhooks/rest/"),
    ("POST", "/webhooks/rest/webhook"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
}


# -- health, figures, pages ------------------------------------------------------------------------------------


def test_healthz_is_ok(server: Server) -> None:
    assert server.client.get("/healthz").json() == {"status": "ok"}


def test_readyz_tells_what_is_published(server: Server) -> None:
    body = server.client.get("/readyz").json()
    assert body["status"] == "ready"
    assert body["entries"] >= 200
    assert body["findings"] == []
    assert body["knowledge"] == server.client.get("/api/v1/info").json()["knowledge"]
    assert set(body["stores"]) == {"conversations", "events", "prompts"}


def counted(server: Server, route: str, status: int) -> float:
    start = f'madoguchi_requests_total{{route="{route}",status="{status}"}} '
    rows = [row for row in server.client.get("/metrics").text.splitlines() if row.startswith(start)]
    return float(rows[0].removeprefix(start)) if rows else 0.0


@pytest.mark.parametrize(
    ("method", "path", "body", "route", "status"),
    [
        ("GET", "/healthz", None, "/healthz", 200),
        ("POST", "/api/v1/conversations", b"{}", "/api/v1/conversations", 201),
        (
            "POST",
            "/api/v1/conversations/12345678/messages",
            b"{}",
            "/api/v1/conversations/{conversation}/messages",
            422,
        ),
        ("GET", "/nowhere", None, "other", 404),
        ("POST", "/api/v1/conversations", b" " * 100_000, "other", 413),
    ],
)
def test_metrics_count_every_request(
    server: Server, method: str, path: str, body: bytes | None, route: str, status: int
) -> None:
    before = counted(server, route, status)
    answer = server.client.request(method, path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert counted(server, route, status) == before + 1


def test_metrics_are_prometheus_text_without_conversations(server: Server) -> None:
    conversation = server.start()
    server.send(conversation, "/menu")
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE madoguchi_request_seconds histogram" in answer.text
    assert 'madoguchi_requests_total{route="/api/v1/conversations/{conversation}/messages",status="200"}' in answer.text
    assert float(answer.text.split("\nmadoguchi_entries ")[1].split()[0]) >= 200
    assert conversation not in answer.text


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/widget.js", "text/javascript")])
def test_pages_of_the_widget_are_served(server: Server, path: str, kind: str) -> None:
    answer = server.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)


# -- headers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("GET", "/", 0, 200),
        ("GET", "/healthz", 0, 200),
        ("GET", "/openapi.json", 0, 200),
        ("GET", "/nowhere", 0, 404),
        ("POST", "/healthz", 0, 405),
        ("POST", "/api/v1/conversations", 100_000, 413),
        ("POST", "/api/v1/conversations", 5, 422),
    ],
)
def test_security_headers_are_on_every_answer(server: Server, method: str, path: str, size: int, status: int) -> None:
    answer = server.client.request(method, path, content=b" " * size)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_cors_lets_the_website_in(server: Server) -> None:
    answer = server.client.post("/api/v1/conversations", json={}, headers={"origin": WEBSITE})
    assert answer.headers["access-control-allow-origin"] == WEBSITE
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://www.pref.example.lg.jp", f"{WEBSITE}.evil.example", f"{WEBSITE}:8443", "null", ""],
)
def test_cors_keeps_others_out(server: Server, origin: str) -> None:
    answer = server.client.post("/api/v1/conversations", json={}, headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    asked = {"origin": origin, "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in server.client.options("/api/v1/conversations", headers=asked).headers


def test_cors_answers_the_browsers_question(server: Server) -> None:
    asked = {
        "origin": WEBSITE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    answer = server.client.options("/api/v1/conversations", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == WEBSITE
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].lower()


def test_cors_is_on_errors_too(server: Server) -> None:
    answer = server.client.post("/api/v1/conversations", content=b"{", headers={"origin": WEBSITE})
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == WEBSITE


# -- the description of the API --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def description(server: Server) -> dict[str, Any]:
    described: dict[str, Any] = server.client.get("/openapi.json").json()
    return described


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_openapi_lists_every_route(description: dict[str, Any]) -> None:
    assert {(method, path) for method, path, _ in operations(description)} >= ROUTES


def test_openapi_describes_every_route_and_error(description: dict[str, Any]) -> None:
    for method, path, operation in operations(description):
        assert operation.get("description"), f"{method} {path}"
        for status, answer in operation["responses"].items():
            if status.startswith("4") and "content" in answer:
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorReply"}, f"{method} {path} {status}"


def test_openapi_has_an_example_for_every_body(server: Server, description: dict[str, Any]) -> None:
    for method, path, operation in operations(description):
        if "requestBody" not in operation:
            continue
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        (example, *_) = description["components"]["schemas"][name]["examples"]
        answer = server.client.request(method, path.replace("{conversation}", server.start()), json=example)
        assert answer.status_code in {200, 201}, f"the example of {path} is refused: {answer.text}"


# -- events ----------------------------------------------------------------------------------------------------


def names(events: Sequence[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events]


def test_events_are_written_with_masked_words(server: Server) -> None:
    conversation = server.start()
    server.send(conversation, "納付書をなくしました。電話は０９８-7654-3219です")
    server.choose(conversation, "/entry/slip-lost")
    server.client.post(
        f"/api/v1/conversations/{conversation}/ratings",
        json={"entry": "slip-lost", "helpful": False, "reason": "himitsu.taro@example.jp に返事がほしい"},
    )
    eventually(lambda: "answer_rated" in names(server.events(conversation)))
    events = server.events(conversation)
    assert names(events)[0] == "conversation_started"
    assert names(events)[-3:] == ["choice_made", "answer_given", "answer_rated"]
    asked, chosen, rated = events[1], events[-3], events[-1]
    assert asked["text"] == "納付書をなくしました。電話は〔電話番号〕です"
    assert asked["lang"] == "ja"
    assert rated["text"] == "〔メール〕 に返事がほしい"
    assert (rated["entry"], rated["helpful"]) == ("slip-lost", False)
    assert (chosen["kind"], chosen["id"]) == ("entry", "slip-lost")
    assert len({event["knowledge"] for event in events}) == 1
    files = [*server.data.glob("madoguchi.sqlite*"), *server.data.glob("spool/*")]
    assert server.database in files
    for file in files:
        stored = file.read_bytes()
        assert b"7654-3219" not in stored
        assert b"himitsu.taro" not in stored


def test_events_of_the_rasa_channel_are_written_without_the_sender(server: Server) -> None:
    sender, mark = f"tel:{uuid.uuid4()}", "".join(random.choices("qwxz", k=8))  # no digits: they may be masked
    words = f"納付書をなくしました {mark}"
    server.say(sender, words)

    def questions() -> list[tuple[str, str]]:
        rows = server.rows("SELECT conversation, text, facts FROM events WHERE name = 'question_asked'")
        return [(conversation, facts) for conversation, text, facts in rows if text.endswith(mark)]

    found = eventually(questions)
    assert len(found) == 1
    assert found[0][0].startswith("rest-")
    assert sender not in str(found)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Nobody else can write to the database."""
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.slow
def test_events_wait_while_the_database_is_away(serve: Callable[..., Server]) -> None:
    own = serve()
    conversation = own.start()
    eventually(lambda: own.events(conversation))
    with locked(own.database):
        for number in range(20):
            reply = own.send(conversation, f"納付書をなくしました（{number}回目）")["reply"]
            assert reply["text"] or reply["answers"], "residents are answered meanwhile"
        eventually(lambda: "event log not writable" in own.printed())
        assert "書けません" in own.client.get("/readyz").json()["stores"]["events"]
        assert "madoguchi_events_waiting 0.0" not in own.client.get("/metrics").text
        assert len(own.events(conversation)) == 1
    eventually(lambda: len(texts(own, conversation)) >= 20)
    assert texts(own, conversation) == [f"納付書をなくしました({number}回目)" for number in range(20)], (
        "each once and in order"
    )


def texts(server: Server, conversation: str) -> list[str]:
    return [event["text"] for event in server.events(conversation) if event["name"] == "question_asked"]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_events_are_written_before_the_server_ends(serve: Callable[..., Server], how: signal.Signals) -> None:
    own = serve()
    conversation = own.start()
    eventually(lambda: own.events(conversation))
    with locked(own.database):
        own.send(conversation, "納付書をなくしました")
        own.client.close()
        own.process.send_signal(how)
        eventually(lambda: refused(own))
    assert own.process.wait(timeout=30) == 0
    assert texts(own, conversation) == ["納付書をなくしました"]


def refused(server: Server) -> bool:
    try:
        httpx.get(f"{server.url}/healthz", timeout=5)
    except httpx.TransportError:
        return True
    return False


# -- what is printed, and faults of our own --------------------------------------------------------------------


def test_nothing_residents_say_is_printed(server: Server) -> None:
    secret = "ひみつのことば"
    conversation = server.start()
    for message in (f"{secret}？", f"/entry/{secret}", secret * 100, f"፩{secret}"):
        server.client.post(f"/api/v1/conversations/{conversation}/messages", json={"message": message})
        server.client.post("/webhooks/rest/webhook", json={"sender": secret, "message": message})
    server.client.post(f"/api/v1/conversations/{conversation}/choices", json={"payload": secret})
    server.client.get("/api/v1/suggestions", params={"q": secret})
    server.client.get(f"/{secret}")
    server.client.get(f"/api/v1/conversations/{secret}")
    server.client.post("/webhooks/rest/webhook", content=f'{{"sender": "{secret}", "message": '.encode())
    server.client.post("/webhooks/rest/webhook", json={"sender": 5, "message": {secret: secret}})
    rating = {"entry": "slip-lost", "helpful": True, "reason": secret}
    server.client.post(f"/api/v1/conversations/{conversation}/ratings", json=rating)
    printed = server.printed()
    assert printed
    for form in (secret, json.dumps(secret).strip('"'), httpx.URL(f"http://x/{secret}").raw_path.decode().strip("/")):
        assert form not in printed


class BrokenStore:
    """A store that went away, telling more in its error than it should."""

    state = "away"

    def get(self, conversation_id: str, now: dt.datetime) -> Conversation | None:  # noqa: ARG002
        raise ConnectionError(f"no store for {conversation_id}")

    def put(self, conversation: Conversation) -> None:
        raise ConnectionError(f"no store for {conversation.transcript}")


class Nowhere:
    """Forgets all events."""

    state = "nowhere"
    waiting = dropped = 0

    def append(self, events: Sequence[Event]) -> None:
        """Forget."""


@asynccontextmanager
async def app(published: Published | None, store: ConversationStore) -> AsyncIterator[httpx.AsyncClient]:
    """Our application, with or without anything published."""
    settings = Settings(watch=False)
    publisher = assemble.publisher(settings)
    publisher.current = published
    transport = httpx.ASGITransport(create_app(Desk(publisher, store, Nowhere()), settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_fault_of_ours_is_told_in_the_one_shape(published: Published, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with app(published, BrokenStore()) as client:
        answer = await client.post("/api/v1/conversations/himitsu-no-kotoba/messages", json={"message": "himitsu"})
        assert answer.status_code == 500
        assert answer.json()["error"]["code"] == "broken"
        assert "0570-012-229" in answer.json()["error"]["message"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert 'status="500"} 1.0' in (await client.get("/metrics")).text
    (told,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "ConnectionError" in told.getMessage()
    assert "test_operation.py:" in told.getMessage(), "an operator needs the place"
    assert told.exc_info is None
    assert "no store for" not in caplog.text


async def test_without_knowledge_the_doors_say_so() -> None:
    async with app(None, MemoryStore(dt.timedelta(hours=1), 10)) as client:
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "not_ready"
        assert (await client.get("/healthz")).status_code == 200
        for path, body in (
            ("/api/v1/conversations", {}),
            ("/webhooks/rest/webhook", {"sender": "u1", "message": "納付書"}),
        ):
            answer = await client.post(path, json=body)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert "準備中" in answer.json()["error"]["message"]


async def test_without_the_setting_no_other_website_is_let_in() -> None:
    async with app(None, MemoryStore(dt.timedelta(hours=1), 10)) as client:
        answer = await client.get("/healthz", headers={"origin": WEBSITE})
        assert "access-control-allow-origin" not in answer.headers
