"""The real service with a telephone, in a place of its own, with flows short enough to hear whole calls."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from served import ROOT, Server, copy_content, eventually

from bot.dialogue.office_hours import TOKYO
from voice.flow import machine
from voice.flow.steps import HangUp, Input, KeyPressed, Play, PromptEnded, Situation
from voice.telephone.publishing import spoken
from voice.telephone.snapshot import Snapshot, SnapshotFile

from . import process
from .listening import Sound

ALLOWED = '["127.0.0.1/32", "127.0.0.16/28"]'  # 127.0.0.2 is a stranger
FLOWS = Path(__file__).parent / "flows"


class Service(Server):
    """`python -m bot serve` with SIP on a free port; ready when it waits for calls
    and every prompt is rendered.

    `shipped`: with the flows of the repository instead of the short ones. `is_open`: today is a working day from 0:00
    to 23:59; otherwise it is closed all day. Other settings as in Server.
    """

    def __init__(self, folder: Path, *, shipped: bool = False, is_open: bool = False, **settings: str) -> None:
        self.root = root = copy_content(folder / "content")
        if not shipped:
            for flow in FLOWS.glob("*.yaml"):
                shutil.copy(flow, root / "ivr_flows")
        _calendar(root / "ivr_flows" / "calendar.yaml", is_open)
        self.sip = f"127.0.0.1:{process.port()}"
        given = {"sip_allowed": ALLOWED, "rtp_ports": process.rtp_ports(), "watch": "false"}
        super().__init__(folder / "data", root=str(root), sip=self.sip, **{**given, **settings})
        try:
            eventually(lambda: "待っています" in self.state, 60)
            eventually(self._is_rendered, 120)  # until then a call hears the safe sentence instead
        except BaseException:
            self.stop()
            raise

    @property
    def state(self) -> str:
        """How the telephone is, as operators read it."""
        return str(self.client.get("/readyz").json()["stores"].get("telephone", ""))

    def target(self, dialled: str = "service") -> str:
        """What a telephone dials."""
        return f"sip:{dialled}@{self.sip}"

    def _is_rendered(self) -> bool:
        return not self.snapshot.store.missing(spoken(self.snapshot.contents))

    @property
    def snapshot(self) -> Snapshot:
        """What is published now."""
        snapshot = SnapshotFile(self.data / "telephone" / "published.json").read(self.data / "prompts")
        assert snapshot is not None
        return snapshot

    def says(self, text: str) -> bool:
        """Whether these words are published and rendered."""
        return (text, "ja") in spoken(self.snapshot.contents) and self._is_rendered()

    def said(self, *texts: str) -> Sound:
        """The audio of these words, one after the other, as it was published, without the silence at its end."""
        store = self.snapshot.store
        clips = [store.clip(text) for text in texts]
        assert all(clips), "not rendered"
        return Sound.of_ulaw(b"".join(clip.ulaw for clip in clips if clip)).trimmed()

    def prompts_of(self, situation: Situation, key: str) -> list[Sound]:
        """Every prompt of a call in which one key is pressed while the first of them is heard, by the pure machine."""
        now = dt.datetime.now(TOKYO)
        telephone, heard = self.snapshot.telephone, []
        step = machine.begin(telephone, situation, "expected", now)
        given: Input = KeyPressed(key, 1.0)
        while not any(isinstance(action, HangUp) for action in step.actions):
            step = machine.step(step.position, given, telephone, "expected", now)
            heard += [self.said(*(s.text for s in play.spoken)) for play in step.actions if isinstance(play, Play)]
            given = PromptEnded()
        return heard

    # -- events ------------------------------------------------------------------------------------------------

    def calls(self, dialled: str) -> list[list[dict[str, Any]]]:
        """The events of every call to a number, calls in the order in which they came."""
        rows = self.rows("SELECT conversation, facts FROM events WHERE name = 'call_received' ORDER BY id")
        found = [call for call, facts in rows if json.loads(facts)["dialled"] == dialled]
        return [self.events(call) for call in found]

    def ended_calls(self, dialled: str, count: int = 1, within_secs: float = 15.0) -> list[list[dict[str, Any]]]:
        """The same, as soon as so many calls have ended and nothing of them is missing."""

        def look() -> list[list[dict[str, Any]]]:
            calls = self.calls(dialled)
            done = [call for call in calls if call[-1]["name"] == "call_ended"]
            return calls if len(done) == len(calls) == count else []

        return eventually(look, within_secs)

    def ended_call(self, dialled: str, within_secs: float = 15.0) -> list[dict[str, Any]]:
        """The events of the only call to a number, as soon as it has ended."""
        return self.ended_calls(dialled, 1, within_secs)[0]

    def command(self, *words: str) -> str:
        """What `madoguchi` prints for a command, run by an operator of this service. Fails if it fails."""
        given = {"MADOGUCHI_ROOT": str(self.root), "MADOGUCHI_DATA": str(self.data)}
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words], cwd=ROOT, env={**os.environ, **given},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    # -- faults ------------------------------------------------------------------------------------------------

    def telephone_process(self) -> int:
        """The process id of the telephone: the child of the server that holds the SIP port."""
        port = int(self.sip.rpartition(":")[2])
        holders = {pid for pid in _children(self.process.pid) if _holds_udp(pid, port)}
        assert len(holders) == 1, holders
        return holders.pop()

    def is_up(self, other_than: int) -> bool:
        """Whether another telephone process than that one waits for calls."""
        port = int(self.sip.rpartition(":")[2])
        return any(pid != other_than and _holds_udp(pid, port) for pid in _children(self.process.pid))

    def kill_telephone(self) -> None:
        """kill -9 of the telephone process only."""
        os.kill(self.telephone_process(), signal.SIGKILL)


def _calendar(file: Path, is_open: bool) -> None:
    today = dt.date.today()
    hours = '"open": "0:00", "close": "23:59"' if is_open else '"closed": "true"'
    days = [f'  - {{"date": "{today + dt.timedelta(days=ahead)}", {hours}}}\n' for ahead in (0, 1)]
    text = file.read_text(encoding="utf-8")
    assert "\nexceptions: []" in text
    file.write_text(text.replace("\nexceptions: []", "\nexceptions:\n" + "".join(days)), encoding="utf-8")


def _children(pid: int) -> list[int]:
    found = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def _holds_udp(pid: int, port: int) -> bool:
    inodes = set()
    for line in Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]:
        columns = line.split()
        if int(columns[1].rpartition(":")[2], 16) == port:
            inodes.add(f"socket:[{columns[9]}]")
    try:
        return any(str(handle.readlink()) in inodes for handle in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it ended meanwhile
        return False


def names(events: list[dict[str, Any]]) -> list[str]:
    """The names of events, in order."""
    return [str(event["name"]) for event in events]


def fact(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The only event of a name."""
    found = [event for event in events if event["name"] == name]
    assert len(found) == 1, events
    return found[0]
