"""Put the telephone together as the settings say: beside `assemble`, for where the extra `telephone` is installed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Request

from bot import assemble
from bot.dialogue.desk import Desk
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO, OfficeHours
from bot.knowledge.loader import Loaded
from bot.settings import Settings
from voice.calendar import situation
from voice.callers import CallerNames, caller_key
from voice.door import DoorContext
from voice.emergency import EmergencySwitch, Switched
from voice.flow.steps import Heard, Spoken
from voice.g711 import Clip
from voice.phone.router import browser_phone
from voice.sip.config import SipConfig
from voice.sip.digest import Secret
from voice.speech.recognition import VoskRecognizer
from voice.speech.rendering import Renderer
from voice.speech.safe import safe_clip
from voice.telephone.config import TelephoneConfig, Trunk
from voice.telephone.listening import Ear, Listening
from voice.telephone.process import TelephoneProcess
from voice.telephone.publishing import Progress, TelephoneCheck, TelephonePublisher, read_contents, render
from voice.telephone.snapshot import Snapshot
from voice.telephone.understanding import understand
from voice.twiml.router import twiml_door

LEAST_CONFIDENCE = 0.5  # of the least sure word; to be set with the operator's model (voice.md 4: none was to be had)
REQUESTS_PER_SECOND = 500  # of one source; a trunk is one source, and a call takes four requests


@contextmanager
def publishing(settings: Settings) -> Iterator[TelephonePublisher]:
    """What publishes to the telephone, beside the chat."""
    publisher = TelephonePublisher(
        settings.root, settings.data / "prompts", _snapshot(settings), settings.speech_model is not None
    )
    try:
        yield publisher
    finally:
        publisher.close()


def check(settings: Settings) -> TelephoneCheck:
    """What checks the telephone's content and publishes nothing."""
    return TelephoneCheck(settings.root, settings.data / "prompts" / "dictionary", dt.datetime.now(TOKYO).date())


def render_all(settings: Settings, loaded: Loaded, hours: OfficeHours, progress: Progress) -> int:
    """Render every prompt that is missing, so that the next start has all of them; how many there were."""
    contents, _ = read_contents(settings.root, loaded, hours)
    if contents is None:
        return 0
    with closing(Renderer()) as renderer:
        return render(Snapshot(contents, settings.data / "prompts"), renderer, progress)


@contextmanager
def process(settings: Settings) -> Iterator[TelephoneProcess]:
    """The process that answers calls."""
    ear = partial(_ear, settings) if settings.speech_model else None
    running = TelephoneProcess(config(settings), partial(assemble.event_log, settings), partial(Listening, ear))
    try:
        yield running
    finally:
        running.stop()


def config(settings: Settings) -> TelephoneConfig:
    """What the telephone process is told."""
    first, _, last = settings.rtp_ports.partition("-")
    targets = {"operators": settings.operators, "night_desk": settings.night_desk}
    return TelephoneConfig(
        sip=_sip(settings),
        rtp_ports=(int(first), int(last)),
        snapshot=_snapshot(settings),
        prompts=settings.data / "prompts",
        emergency=settings.data / "telephone" / "emergency.jsonl",
        caller_key=settings.data / "telephone" / "caller.key",
        keep_caller_numbers=settings.keep_caller_numbers,
        targets={name: target for name, target in targets.items() if target},
        transfer_by=settings.transfer_by,
        trunk=_trunk(settings) if settings.sip_registrar else None,
        drain_seconds=settings.drain_seconds,
    )


def _sip(settings: Settings) -> SipConfig:
    host, _, port = settings.sip.rpartition(":")
    password = settings.sip_password.get_secret_value()
    trunk = _trunk(settings)
    return SipConfig(
        host=host,
        port=int(port),
        advertised=settings.sip_advertised or None,
        allowed=tuple(map(str, settings.sip_allowed)),
        credentials={settings.sip_user: password} if settings.sip_user else None,
        trunk=Secret(trunk.login, trunk.secret.get_secret_value()) if trunk.login else None,
        max_calls=settings.calls,
        calls_per_source=settings.calls_per_source,
        identity=settings.sip_account,
        algorithms=settings.sip_password_ways,
        requests_per_second=REQUESTS_PER_SECOND,
        burst=2 * REQUESTS_PER_SECOND,
        max_call_seconds=settings.call_minutes * 60,
    )


def _trunk(settings: Settings) -> Trunk:
    number = settings.sip_account.partition(":")[2].partition("@")[0]
    return Trunk(
        registrar=settings.sip_registrar, account=settings.sip_account, login=settings.sip_login or number,
        secret=settings.sip_secret,
    )  # fmt: skip


def emergency_switch(settings: Settings) -> EmergencySwitch:
    """The emergency switch of this installation."""
    return EmergencySwitch(settings.data / "telephone" / "emergency.jsonl")


def switch_emergency(settings: Settings, on: bool, who: str, why: str) -> Switched:
    """Turn the emergency announcement on or off and keep that as an event too. Raises ValueError."""
    turned = emergency_switch(settings).turn(on, who, why, dt.datetime.now(TOKYO))
    events = assemble.event_log(settings)
    events.append([switched_event(turned)])
    events.close()
    return turned


def switched_event(turned: Switched) -> Event:
    """What the event log keeps of a turn of the emergency switch."""
    facts = {"on": turned.on, "who": turned.who, "text": turned.why}
    return Event(Happened.EMERGENCY_SWITCHED, turned.at, "", facts)


def doors(
    settings: Settings,
    desk: Desk,
    publisher: TelephonePublisher,
    is_staff: Callable[[Request], bool] | None = None,
) -> list[APIRouter]:
    """The doors of the telephone over HTTP. `is_staff`: who may open the browser telephone from other machines."""
    context = _context(settings, desk, publisher)
    opened = [browser_phone(context, is_staff)] if settings.browser_phone else []
    token = settings.twiml_token.get_secret_value()
    if token and settings.twiml_url:
        opened.append(twiml_door(context, token, settings.twiml_url))
    return opened


def _context(settings: Settings, desk: Desk, publisher: TelephonePublisher) -> DoorContext:
    switch = emergency_switch(settings)
    callers = CallerNames(caller_key(settings.data / "telephone" / "caller.key"), settings.keep_caller_numbers)
    targets = {"operators": settings.operators, "night_desk": settings.night_desk}

    def clip(text: str, lang: str) -> Clip:
        return publisher.current.clip(Spoken(text, lang)) if publisher.current else safe_clip()

    return DoorContext(
        telephone=lambda: publisher.current.telephone if publisher.current else None,
        clip=clip,
        situation=lambda now: situation(now, desk.published.hours, switch.on, busy=False),
        emit=desk.events.append,
        clock=desk.clock,
        caller_hash=callers.name,
        number=lambda desk_name: targets.get(desk_name, ""),
        understand=lambda text, _lang: understand(desk.published, text, desk.clock()),
    )


def _ear(settings: Settings) -> Ear:
    """In the worker process: recognise with the operator's model, search what is on disk now."""
    assert settings.speech_model is not None
    recogniser = VoskRecognizer(settings.speech_model)
    publisher = assemble.publisher(settings)
    published_at = 0

    def hear(sound: bytes) -> Heard:
        nonlocal published_at
        changed_at = _snapshot(settings).stat().st_mtime_ns
        if changed_at != published_at:  # the other process has published: so must we
            publisher.publish()
            published_at = changed_at
        said = recogniser.recognise(sound)
        if publisher.current is None or said.confidence < LEAST_CONFIDENCE:
            return Heard()  # the flow asks again, or goes back to the keys
        return understand(publisher.current, said.text, dt.datetime.now(TOKYO))

    return hear


def _snapshot(settings: Settings) -> Path:
    return settings.data / "telephone" / "published.json"
