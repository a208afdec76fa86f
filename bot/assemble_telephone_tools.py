"""What pages of the console may ask of the telephone, for where the extra `telephone` is installed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable

from bot.assemble_telephone import emergency_switch, switched_event
from bot.console.context import CalendarDay
from bot.dialogue.desk import Desk
from bot.dialogue.office_hours import TOKYO
from bot.settings import Settings
from voice.calendar import Day, month
from voice.emergency import EmergencySwitch
from voice.flow.model import Telephone
from voice.flow.steps import FLOW_OF, Situation
from voice.flow.transcript import SAID, transcript
from voice.g711 import Clip
from voice.sound import wav
from voice.speech.errors import SpeechError
from voice.speech.rendering import Renderer
from voice.speech.safe import safe_clip
from voice.telephone.publishing import TelephonePublisher
from voice.telephone.snapshot import Snapshot


class Tools:
    """The protocol `bot.console.context.TelephoneTools` over what is published and the emergency switch."""

    def __init__(self, desk: Desk, publisher: TelephonePublisher, switch: EmergencySwitch) -> None:
        self._desk, self._publisher, self._switch = desk, publisher, switch
        self._rendering = threading.Lock()

    def emergency_on(self) -> bool:
        """Whether the emergency announcement answers now."""
        return self._switch.on

    def turn_emergency(self, on: bool, who: str, why: str) -> None:
        """Turn it, and keep that as an event too. Raises ValueError (nothing or too much written) and OSError."""
        turned = self._switch.turn(on, who, why, self._desk.clock().astimezone(TOKYO))
        self._desk.events.append([switched_event(turned)])

    def announcement(self) -> str:
        """What a caller hears of the emergency flow now, today's notices included, one line a piece."""
        published = self._publisher.current
        if published is None:
            return ""
        flow = FLOW_OF[Situation.EMERGENCY]
        lines = transcript(published.telephone, flow, self._desk.clock().astimezone(TOKYO), ())
        return "\n".join(line.removeprefix(SAID) for line in lines if line.startswith(SAID))

    def emergency_history(self) -> list[tuple[dt.datetime, bool, str, str]]:
        """(when, on, who, why), oldest first."""
        return [(turned.at, turned.on, turned.who, turned.why) for turned in self._switch.history()]

    def calendar(self, year: int, month_: int) -> list[CalendarDay]:
        """Every day of a month. Raises ValueError for a month that does not exist."""
        published = self._publisher.current
        telephone = published.telephone if published else None
        days = month(self._desk.published.hours, year, month_, telephone)
        return [
            CalendarDay(day.date, _hours(day), day.why, (*_texts(telephone, day.notices), *day.wordings))
            for day in days
        ]

    def spoken(self, entry_id: str) -> str | None:
        """What the telephone says for an entry today; None if it says nothing of it."""
        published = self._publisher.current
        today = self._desk.clock().astimezone(TOKYO).date()
        voiced = published.telephone.served(entry_id, today) if published else None
        return voiced.voice if voiced else None

    def sound(self, text: str) -> bytes:
        """A WAV file as it sounds on the telephone, rendered now if it never was; a safe sentence where it can't be."""
        published = self._publisher.current
        if published is None:
            return wav(safe_clip())
        clip = published.store.clip(text) or self._rendered(published, text) or safe_clip()
        return wav(clip)

    def _rendered(self, published: Snapshot, text: str) -> Clip | None:
        with self._rendering:  # one after the other: a worker takes a processor for a second or two
            if missing := published.store.missing([(text, "ja")]):
                try:
                    with Renderer(workers=1) as renderer:
                        renderer.render(missing, published.store)
                except (SpeechError, OSError):
                    return None
            return published.store.clip(text)


def telephone_tools(settings: Settings, desk: Desk, publisher: TelephonePublisher) -> Tools:
    """The tools of this installation."""
    return Tools(desk, publisher, emergency_switch(settings))


def _hours(day: Day) -> str:
    if day.hours is None:
        return "終日時間外"
    opens, closes = day.hours
    return f"{opens.hour}:{opens.minute:02}〜{closes.hour}:{closes.minute:02}"


def _texts(telephone: Telephone | None, ids: Iterable[str]) -> list[str]:
    notices = {notice.id: notice.text for notice in telephone.notices} if telephone else {}
    return [f"お知らせ「{notices.get(id_, id_)}」" for id_ in ids]
