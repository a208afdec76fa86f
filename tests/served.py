"""The real server as a process of its own, spoken to over HTTP, and a way to wait for what takes a moment."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).resolve().parents[1]
CONTENT = ("faq", "nlu_data", "ivr_flows", "web_widget")
START_LIMIT_SECS = 60.0

T = TypeVar("T")


def eventually(look: Callable[[], T], within_secs: float = 15.0) -> T:
    """What `look` gives, as soon as it is true; after a while an AssertionError with what was seen last."""
    until = time.monotonic() + within_secs
    while not (seen := look()):
        assert time.monotonic() < until, f"not within {within_secs} s; last seen: {seen!r}"
        time.sleep(0.02)
    return seen


def copy_content(to: Path) -> Path:
    """A content folder of one's own to edit."""
    for name in CONTENT:
        shutil.copytree(ROOT / name, to / name)
    return to


def share_prompts(data: Path) -> None:
    """The prompts that `madoguchi index` has rendered, as links: rendering them all takes half a minute of two cores.
    They are named by what they say, so a test that changes words still renders those."""
    rendered = ROOT / "var" / "prompts"
    if rendered.is_dir() and not (data / "prompts").exists():
        try:
            shutil.copytree(rendered, data / "prompts", copy_function=os.link)
        except shutil.Error:  # another file system
            shutil.copytree(rendered, data / "prompts", dirs_exist_ok=True)


class Server:
    """`python -m bot serve` on a free port; ready when made. `client` speaks to it."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        data.mkdir(parents=True, exist_ok=True)
        share_prompts(data)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        named = {f"MADOGUCHI_{name.upper()}": value for name, value in {"sip": "", **settings}.items()}
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
        self._log = data / "server.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve", "--port", str(port)],
                cwd=ROOT, env={**ours, "MADOGUCHI_DATA": str(data), **named}, stdout=log, stderr=log,
            )  # fmt: skip
        self.client = httpx.Client(base_url=self.url, timeout=30)
        try:
            eventually(self._ready, START_LIMIT_SECS)
        except BaseException:
            self.stop()
            raise

    def _ready(self) -> bool:
        assert self.process.poll() is None, f"the server ended:\n{self.printed()[-3000:]}"
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """Ask it to end, as an operator's `systemctl stop` would; its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def printed(self) -> str:
        """Everything it wrote to its output."""
        return self._log.read_text(encoding="utf-8")

    @property
    def database(self) -> Path:
        """The file of its database."""
        return self.data / "madoguchi.sqlite"

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """What stands in its database; nothing as long as it has no tables."""
        with closing(sqlite3.connect(self.database, timeout=10)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
                return []  # the first event is still on its way
            return database.execute(query, values).fetchall()

    def events(self, conversation: str) -> list[dict[str, Any]]:
        """The facts of a conversation's events as they stand in the database, with the event's name and its words."""
        rows = self.rows("SELECT name, text, facts FROM events WHERE conversation = ? ORDER BY id", conversation)
        return [
            {"name": name, **({} if text is None else {"text": text}), **json.loads(facts)}
            for name, text, facts in rows
        ]

    # -- the two doors -----------------------------------------------------------------------------------------

    def start(self) -> str:
        """Open a conversation of the widget; its id."""
        answer = self.client.post("/api/v1/conversations", json={})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["conversation"])

    def send(self, conversation: str, message: str) -> dict[str, Any]:
        """Say something in the widget; the body of the answer."""
        return self._took(f"/api/v1/conversations/{conversation}/messages", {"message": message})

    def choose(self, conversation: str, payload: str) -> dict[str, Any]:
        """Press a button in the widget; the body of the answer."""
        return self._took(f"/api/v1/conversations/{conversation}/choices", {"payload": payload})

    def say(self, sender: str, message: str) -> list[dict[str, Any]]:
        """Say something over the Rasa channel; the messages that come back."""
        took: list[dict[str, Any]] = self._took("/webhooks/rest/webhook", {"sender": sender, "message": message})
        return took

    def entry(self, id_: str) -> dict[str, Any]:
        """The reply to the button of an entry, in a conversation of its own."""
        reply: dict[str, Any] = self.choose(self.start(), f"/entry/{id_}")["reply"]
        return reply

    def _took(self, path: str, body: object) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()
