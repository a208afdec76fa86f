"""The figures of domain.md 12-7, counted by hand for a small evening."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.analytics.call_figures import call_figures
from bot.analytics.event_log import EventLog, stored
from bot.dialogue.events import Event, Happened
from bot.dialogue.office_hours import TOKYO

START = dt.datetime(2026, 11, 20, 17, 15, tzinfo=TOKYO)
H = Happened


def _call(id_: str, situation: str, *happened: tuple[H, dict[str, object]], test: bool = False) -> list[Event]:
    received = {"situation": situation, "door": "sip"} | ({"test": True} if test else {})
    return [Event(name, START, id_, facts) for name, facts in [(H.CALL_RECEIVED, received), *happened]]


def _ended(by: str, seconds: float, answered: bool = True, person: bool = False) -> tuple[H, dict[str, object]]:
    return H.CALL_ENDED, {
        "by": by, "seconds": seconds, "total_seconds": seconds + 0.1, "answered": answered, "person": person,
    }  # fmt: skip


SLIP = {"title": "納付書の再発行"}
EVENING = [
    *_call("heard", "after_hours", (H.CALL_ANSWERED, {}), (H.TOPIC_CHOSEN, SLIP),
           (H.TOPIC_HEARD, {**SLIP, "complete": True}), _ended("service", 80)),
    *_call("left", "after_hours", (H.TOPIC_CHOSEN, SLIP), (H.TOPIC_HEARD, {**SLIP, "complete": False}),
           _ended("caller", 30)),
    *_call("short", "after_hours", (H.WRONG_KEY_PRESSED, {"key": "9"}), _ended("caller", 3)),
    *_call("silent", "after_hours", (H.NOTHING_PRESSED, {}), (H.NOTHING_PRESSED, {}), (H.WRONG_KEY_PRESSED, {}),
           _ended("service", 50)),
    *_call("person", "open", (H.TRANSFERRED, {}), _ended("caller", 200, person=True)),
    *_call("busy", "overflow", (H.QUEUE_JOINED, {}), (H.QUEUE_LEFT, {"waited": 40.0, "reason": "caller"}),
           _ended("caller", 45)),
    *_call("waited", "overflow", (H.QUEUE_JOINED, {}), (H.QUEUE_LEFT, {"waited": 20.0, "reason": "answered"}),
           (H.TRANSFERRED, {}), _ended("caller", 100, person=True)),
    *_call("trial", "after_hours", (H.TOPIC_CHOSEN, SLIP), _ended("caller", 60), test=True),
    *_call("running", "after_hours", (H.TOPIC_CHOSEN, SLIP)),
    Event(H.QUESTION_ASKED, START, "chat", {"text": "納付書"}),
    Event(H.CALL_REFUSED, START, "", {"reason": "too many"}),
]  # fmt: skip


def test_figures_are_those_counted_by_hand() -> None:
    figures = call_figures(EVENING)
    assert (figures.received, figures.cut_within_five_seconds, figures.counted) == (7, 1, 6)
    assert figures.by_situation == {"after_hours": 3, "open": 1, "overflow": 2}
    assert (figures.in_office_hours, figures.after_hours, figures.refused) == (3, 3, 1)
    assert figures.topic_chosen == {"納付書の再発行": 2}
    assert figures.topic_heard_to_end == {"納付書の再発行": 1}
    assert figures.heard_to_end_share == 0.5
    assert (figures.nothing_pressed, figures.wrong_keys) == (2, 1)
    assert figures.hung_up_midway == 2  # left, busy
    assert (figures.queued, figures.queue_abandoned) == (2, 1)
    assert (figures.queue_seconds_mean, figures.queue_seconds_longest) == (30.0, 40.0)
    assert figures.transferred == 2
    assert figures.answer_rate_saitama == pytest.approx(2 / 3, abs=1e-4)  # by people ÷ received in office hours
    assert figures.answer_rate_chiba == pytest.approx(5 / 6, abs=1e-4)  # the guidance counts, the busy announcement not


def test_a_quiet_month_has_no_shares() -> None:
    figures = call_figures([])
    assert (figures.received, figures.answer_rate_saitama, figures.seconds_mean) == (0, None, None)


def test_figures_from_the_stored_events_are_the_same(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.sqlite")
    log.append(EVENING)
    log.close()
    month = (dt.datetime(2026, 11, 1, tzinfo=TOKYO), dt.datetime(2026, 12, 1, tzinfo=TOKYO))
    assert call_figures(stored(tmp_path / "events.sqlite", *month)) == call_figures(EVENING)
    december = (month[1], dt.datetime(2027, 1, 1, tzinfo=TOKYO))
    assert list(stored(tmp_path / "events.sqlite", *december)) == []
    assert list(stored(tmp_path / "none.sqlite", *month)) == []
