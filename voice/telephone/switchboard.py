"""The switchboard (交換台): takes calls, knows what is published, keeps the lines. Lives in the telephone process."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import random
from collections.abc import Sequence
from typing import Protocol

from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO
from voice.calendar import situation
from voice.callers import CallerNames, caller_key
from voice.emergency import EmergencySwitch
from voice.flow.model import Telephone, speech
from voice.flow.steps import Spoken
from voice.g711 import Clip
from voice.media.clock import settle_memory
from voice.media.media import Media
from voice.sip.call import Call
from voice.sip.digest import Secret
from voice.sip.registration import Account, Registration
from voice.sip.server import Refusal, SipServer
from voice.telephone.config import TelephoneConfig, Trunk
from voice.telephone.line import Line
from voice.telephone.listening import Listening
from voice.telephone.live_call import LiveCall
from voice.telephone.snapshot import Snapshot, SnapshotFile

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2  # how often the switchboard looks for something newly published
OPERATORS = "operators"


class Events(Protocol):
    """Where events go; it must not make a call wait."""

    def append(self, events: Sequence[Event]) -> None:
        """Keep these."""
        ...


class Switchboard:
    """Everything that calls share. `start` raises OSError when the address is taken."""

    def __init__(self, config: TelephoneConfig, events: Events, listening: Listening) -> None:
        self.config, self.events, self.listening = config, events, listening
        self.callers = CallerNames(caller_key(config.caller_key), config.keep_caller_numbers)
        self.ring_seconds = 30.0
        self.no_refer: set[str] = set()  # hosts that do not take a REFER
        self.music = Clip.silence(1.0)
        self._emergency = EmergencySwitch(config.emergency)
        self._file = SnapshotFile(config.snapshot)
        self._snapshot: Snapshot | None = None
        self._lines: dict[str, Line[LiveCall]] = {}
        self._calls: set[LiveCall] = set()
        first, last = config.rtp_ports
        media = Media(config.sip.host, range(first, last + 1), config.sip.advertised)
        self._media = media
        self.server = SipServer(config.sip, media, self._take)
        self._registration: Registration | None = None
        self._looking: asyncio.Task[None] | None = None

    @property
    def telephone(self) -> Telephone:
        """The flows and words published now."""
        assert self._snapshot is not None  # no call is taken before there is one
        return self._snapshot.telephone

    def now(self) -> dt.datetime:
        """The clock of the calls."""
        return dt.datetime.now(TOKYO)

    def clip(self, spoken: Spoken) -> Clip:
        """The audio of these words; the safe sentence if it has not been rendered: never silence."""
        assert self._snapshot is not None
        return self._snapshot.clip(spoken)

    def line(self, to: str) -> Line[LiveCall]:
        """The queue for a desk."""
        if to not in self._lines:
            self._lines[to] = Line(LiveCall.offered)
        return self._lines[to]

    def forget(self, call: LiveCall) -> None:
        """A call is over."""
        self._calls.discard(call)

    # -- life --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Wait for calls."""
        await self._media.start()
        await self.server.start()
        self._snapshot = self._newly_published()
        self._looking = asyncio.create_task(self._keep_looking())
        if self.config.trunk is not None:
            self._registration = self._register(self.config.trunk)

    def _register(self, trunk: Trunk) -> Registration:
        account = Account(trunk.registrar, trunk.account, Secret(trunk.login, trunk.secret.get_secret_value()))
        registration = Registration(self.server.clients, account, self.server.transport.contact, random.SystemRandom())
        registration.on_found = lambda address: self.server.trusted.add(address[0])
        self.server.on_lost = registration.lost
        registration.start()
        return registration

    async def stop(self) -> None:
        """Let the calls end on their own for a while, then end them."""
        self.server.refuse_new()
        if self._registration is not None:
            await self._registration.close()
        until = asyncio.get_running_loop().time() + self.config.drain_seconds
        while self._calls and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)
        if self._looking is not None:
            self._looking.cancel()
        await self.server.close()
        await self._media.close()

    def state(self) -> str:
        """How it is, for an operator."""
        parts = [f"{self.config.sip.host}:{self.config.sip.port} で待っています", f"通話 {len(self._calls)}"]
        if self._snapshot is None:
            parts = ["案内がまだ公開されていないため、電話に出られません"]
        elif self._emergency.on:
            parts.append("緊急案内中")
        if self._registration is not None:
            parts.append(self._registration.describe())
        return "、".join(parts)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._snapshot = await asyncio.to_thread(self._newly_published) or self._snapshot

    def _newly_published(self) -> Snapshot | None:
        """What was published since the last look, with its prompts in memory: reading them takes milliseconds that the
        audio of other calls does not have. None if nothing was, or if it can't be read: the old one stays."""
        try:
            snapshot = self._file.read(self.config.prompts)
        except (OSError, ValueError) as error:
            log.error("the published telephone can't be read: %s", type(error).__name__)
            return None
        if snapshot is not None:
            for piece in speech(snapshot.telephone):
                snapshot.clip(piece)
            settle_memory()
        return snapshot

    # -- calls -------------------------------------------------------------------------------------------------

    def _take(self, call: Call) -> Refusal | None:
        if self._snapshot is None:
            self._refused("not ready")
            return Refusal(503, "Not Ready", retry_after=10)
        busy = len(self.line(OPERATORS)) > 0
        now = situation(self.now(), self.telephone.hours, self._emergency.on, busy)
        live = LiveCall(self, call, now)
        self._calls.add(live)
        live.take()
        return None

    def _refused(self, reason: str) -> None:
        event = Event(Happened.CALL_REFUSED, self.now(), "", {"door": "sip", "reason": reason})
        self.events.append([event])
