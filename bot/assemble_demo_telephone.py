"""The telephone of the demo: a telephone cloud that speaks TwiML with the real door, where `telephone` is installed.

Nothing is rendered: sounds are silence as long as the words would take.
"""

from __future__ import annotations

import datetime as dt
import io
import wave
from functools import cache
from xml.etree import ElementTree as ET

from fastapi import APIRouter

from bot.assemble_demo import Post
from bot.demo.doors import Said
from bot.dialogue.desk import Desk
from bot.knowledge.loader import load
from bot.settings import Settings
from voice.calendar import situation
from voice.callers import CallerNames
from voice.door import DoorContext
from voice.flow.model import Telephone
from voice.flow.steps import Situation
from voice.g711 import Clip
from voice.telephone.publishing import read_contents
from voice.twiml.router import twiml_door
from voice.twiml.signature import signature

CLOUD = "https://cloud.demo.invalid"
TOKEN = "demo"
NUMBER = "+81570012229"  # the call centre's (domain.md 1-1)
OPERATORS = "sip:operators@demo.invalid"
SECONDS_A_SIGN = {"ja": 0.135}
"""How long a sign takes to say, as measured of the rendered prompts; in other languages 0.07."""


class CloudPhone:
    """`bot.assemble_demo.Phone`, and once connected `bot.demo.doors.Telephone`. Raises ValueError if the telephone's
    content has errors: `madoguchi check` tells them."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self._desk, self._busy = desk, False
        telephone = _telephone(settings, desk)
        self._door = twiml_door(self._context(telephone), TOKEN, CLOUD)
        self._post: Post | None = None
        self._goes_on: dict[str, str] = {}  # call → where the cloud asks next
        self._lengths: dict[str, float] = {}

    @property
    def door(self) -> APIRouter:
        """The routes of the TwiML door."""
        return self._door

    def connect(self, post: Post) -> CloudPhone:
        """Call through this application."""
        self._post = post
        return self

    # -- the caller's side ---------------------------------------------------------------------------------------

    def call(self, call: str, number: str, busy: bool) -> Said:
        """A call comes in."""
        self._busy = busy
        return self._said(call, self._signed(call, "/twiml/voice", {"From": number, "To": NUMBER}))

    def press(self, call: str, key: str) -> Said:
        """A key."""
        return self._said(call, self._signed(call, self._goes_on[call], {"Digits": key}))

    def listen(self, call: str) -> Said:
        """The document was carried out, no key came."""
        return self._said(call, self._signed(call, self._goes_on[call], {}))

    def rung(self, call: str, talked: int) -> Said:
        """A `Dial` is over."""
        told = {"DialCallStatus": "completed", "DialCallDuration": str(talked)} if talked else {}
        return self._said(call, self._signed(call, self._goes_on[call], told or {"DialCallStatus": "no-answer"}))

    def hang_up(self, call: str, seconds: int) -> None:
        """The status callback."""
        self._goes_on.pop(call, None)
        self._signed(call, "/twiml/status", {"CallStatus": "completed", "CallDuration": str(seconds)})

    # -- the cloud -----------------------------------------------------------------------------------------------

    def _signed(self, call: str, path: str, fields: dict[str, str]) -> str:
        assert self._post is not None
        fields = {"CallSid": call, **fields}
        signed = signature(TOKEN, CLOUD + path, {name: [value] for name, value in fields.items()})
        return self._post.send("POST", path, data=fields, headers={"X-Twilio-Signature": signed}).text

    def _said(self, call: str, document: str) -> Said:
        """What a document of TwiML means for the caller."""
        kind, seconds, waits, follows = "over", 0.0, 0.0, ""
        for verb in ET.fromstring(document):
            match verb.tag:
                case "Play":
                    seconds += self._length(verb.text or "")
                case "Pause":
                    kind, seconds = "words", seconds + float(verb.get("length", "1"))
                case "Gather":
                    seconds += sum(self._length(play.text or "") for play in verb)
                    kind, waits, follows = "menu", float(verb.get("timeout", "5")), verb.get("action", "")
                case "Dial":
                    kind, follows = "person", verb.get("action", "")
                case "Redirect":
                    kind, follows = ("words" if kind == "over" else kind), follows or verb.text or ""
        self._goes_on[call] = follows.removeprefix(CLOUD)
        return Said(kind, seconds, waits)  # type: ignore[arg-type]

    def _length(self, url: str) -> float:
        """Seconds of a sound, which a cloud fetches once."""
        if url not in self._lengths:
            assert self._post is not None
            sound = self._post.send("GET", url.removeprefix(CLOUD)).content
            with wave.open(io.BytesIO(sound)) as file:
                self._lengths[url] = file.getnframes() / file.getframerate()
        return self._lengths[url]

    # -- the house -----------------------------------------------------------------------------------------------

    def _context(self, telephone: Telephone) -> DoorContext:
        return DoorContext(
            telephone=lambda: telephone,
            clip=_silence,
            situation=self._situation,
            emit=self._desk.events.append,
            clock=self._desk.clock,
            caller_hash=CallerNames(b"demo").name,
            number=lambda desk: OPERATORS if desk == "operators" else "",
        )

    def _situation(self, now: dt.datetime) -> Situation:
        return situation(now, self._desk.published.hours, emergency=False, busy=self._busy)


def _telephone(settings: Settings, desk: Desk) -> Telephone:
    contents, findings = read_contents(settings.root, load(settings.root), desk.published.hours)
    if contents is None:
        raise ValueError("\n".join(map(str, findings)))
    return contents.telephone


@cache
def _silence(text: str, lang: str) -> Clip:
    return Clip.silence(len(text) * SECONDS_A_SIGN.get(lang, 0.07))
