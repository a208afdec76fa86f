"""A small telephone cloud: carries out TwiML as the clouds do, with a caller who follows a script."""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Sequence
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
from doors import FakeHouse
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from voice.flow.model import speech
from voice.sound import name_of
from voice.twiml.router import twiml_door

TOKEN, PUBLIC = "12345", "https://ivr.example.jp/prefix"
MOST_DOCUMENTS = 200


class Cloud:
    """One call. `keys` are pressed one at each wait: "1", "1@2.5" (so many seconds after the `Gather` began), "-" for
    none. `dials` say what comes of each `Dial`: "busy", "no-answer", "completed". `heard` is what the caller heard."""

    def __init__(
        self, house: FakeHouse, keys: Sequence[str] = (), dials: Sequence[str] = (), sid: str = "CA0001"
    ) -> None:
        self.house, self.sid = house, sid
        self._keys, self._dials = list(keys), list(dials)
        self.heard: list[str] = []
        self.verbs: list[str] = []
        self.dialled: list[str] = []
        self.posts: list[tuple[str, dict[str, str]]] = []
        self.answers: list[str] = []
        self.seconds = 0.0
        app = FastAPI()
        app.include_router(twiml_door(house.context(), TOKEN, PUBLIC))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")
        self._texts = {name_of(spoken): spoken.text for spoken in speech(house.published)} if house.published else {}

    async def call(self, hang_up_after: float = math.inf) -> Cloud:
        """Call, follow the documents until the call ends (or the caller hangs up), tell how it ended."""
        self._patience = hang_up_after
        url: str | None = f"{PUBLIC}/twiml/voice"
        fields = {"CallStatus": "ringing", "From": "+819012345678", "To": "+81570012229"}
        for _ in range(MOST_DOCUMENTS):
            if url is None:
                break
            answer = await self.post(url, fields)
            assert answer.status_code == 200, answer.text
            try:
                url, fields = await self._carry_out(ET.fromstring(answer.text))
            except _CallerGone:
                url = None
        else:
            raise AssertionError(f"the call never ends: {self.verbs[-20:]}")
        fields = {"CallStatus": "completed", "CallDuration": str(round(self.seconds))}
        assert (await self.post(f"{PUBLIC}/twiml/status", fields)).status_code == 204
        return self

    async def post(self, url: str, fields: dict[str, str], signature: str | None = None) -> httpx.Response:
        """A webhook, signed by the official library."""
        sent = {"CallSid": self.sid, "AccountSid": "AC1", "Direction": "inbound", **fields}
        signed = RequestValidator(TOKEN).compute_signature(url, sent) if signature is None else signature
        headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
        self.posts.append((url, sent))
        answer = await self.client.post(url.removeprefix(PUBLIC), content=urlencode(sent), headers=headers)
        self.answers.append(answer.text)
        return answer

    async def _carry_out(self, document: ET.Element) -> tuple[str | None, dict[str, str]]:
        """(where to ask next, with which fields); None when the call is over."""
        running = {"CallStatus": "in-progress"}
        for verb in document:
            self.verbs.append(verb.tag)
            match verb.tag:
                case "Play":
                    self._pass(await self._sound(verb))
                case "Pause":
                    self._pass(float(verb.attrib["length"]))
                case "Gather":
                    if key := await self._gather(verb):
                        return verb.attrib["action"], running | {"Digits": key}
                    if verb.get("actionOnEmptyResult") == "true":
                        return verb.attrib["action"], running | {"Digits": ""}
                case "Redirect":
                    return verb.text, running
                case "Dial":
                    return verb.attrib["action"], running | self._dial(verb)
                case "Hangup" | "Reject":
                    return None, {}
        return None, {}

    async def _gather(self, verb: ET.Element) -> str:
        assert verb.attrib["numDigits"] == "1"
        assert verb.attrib["finishOnKey"] == ""  # or # would be swallowed
        script = self._keys.pop(0) if self._keys else "-"
        key, _, after = script.partition("@")
        sounds = [await self._sound(play) for play in verb]
        whole = sum(sounds) + float(verb.attrib["timeout"])
        if key == "-":
            self._pass(whole)
            return ""
        self._pass(float(after) if after else sum(sounds) + 1)
        return key

    def _dial(self, verb: ET.Element) -> dict[str, str]:
        self.dialled.append(f"{verb[0].tag} {verb[0].text}")
        status = self._dials.pop(0) if self._dials else "no-answer"
        if status == "completed":
            self._pass(60.0)
            return {"DialCallStatus": status, "DialCallDuration": "60"}
        self._pass(float(verb.attrib["timeout"]) if status == "no-answer" else 1.0)
        return {"DialCallStatus": status}

    async def _sound(self, play: ET.Element) -> float:
        """Fetches it as a cloud does; how long it lasts."""
        assert play.text is not None
        answer = await self.client.get(play.text.removeprefix(PUBLIC))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        self.heard.append(self._texts[play.text.split("/")[-1].split(".")[0]])
        with wave.open(io.BytesIO(answer.content)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
            return file.getnframes() / 8000

    def _pass(self, seconds: float) -> None:
        if self.seconds + seconds > self._patience:
            self.house.pass_time(self._patience - self.seconds)
            self.seconds = self._patience
            raise _CallerGone
        self.house.pass_time(seconds)
        self.seconds += seconds


class _CallerGone(Exception):
    """The caller hung up."""
