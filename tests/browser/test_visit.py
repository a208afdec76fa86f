"""What figures are divided by is told by the widget itself: the page it stands on, and the browser's name."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from served import eventually

from .chat import Chat
from .conftest import OpenPage
from .service import Service

PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36"
)
TABLET = PHONE.replace(" Mobile", "")
LARGE, SMALL = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def beginnings(service: Service) -> list[dict[str, Any]]:
    """The facts of the conversations that have begun."""
    with closing(sqlite3.connect(service.data / "madoguchi.sqlite", timeout=10)) as database:
        query = "SELECT facts FROM events WHERE name = 'conversation_started' ORDER BY id"
        return [json.loads(facts) for (facts,) in database.execute(query)]


@pytest.mark.parametrize(
    ("device", "like"),
    [
        ("computer", {"viewport": LARGE}),  # as Chromium calls itself here
        ("phone", {"viewport": SMALL, "user_agent": PHONE, "is_mobile": True, "has_touch": True}),
        ("tablet", {"viewport": LARGE, "user_agent": TABLET, "has_touch": True}),
    ],
)
def test_a_conversation_tells_page_and_device(
    open_page: OpenPage, service: Service, device: str, like: dict[str, Any]
) -> None:
    before = len(beginnings(service))
    Chat(open_page("/index.html?name=taro#yamada", **like)).open()
    eventually(lambda: len(beginnings(service)) == before + 1)
    told = beginnings(service)[-1]
    assert {key: told[key] for key in ("door", "device", "page", "lang")} == {
        "door": "widget", "device": device, "page": "/index.html", "lang": "ja",
    }  # fmt: skip
