"""Editing while people are on the telephone: a call keeps its words, the next one has the new ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from served import eventually

from .baresip import Baresip
from .ear import Ear
from .service import Service
from .sipp import Sipp

pytestmark = pytest.mark.slow

OLD_GREETING = "お電話ありがとうございます。ただいまは、受付時間外です。"
NEW_GREETING = "こちらは、新しく書きかえた、時間外の案内です。"
OLD_FAREWELL = "お電話ありがとうございました。"
NEW_FAREWELL = "それでは、失礼いたします。"


@pytest.fixture
def edited(tmp_path: Path) -> Iterator[Service]:
    """A service that watches its files."""
    running = Service(tmp_path / "edited", watch="true", drain_seconds="1")
    yield running
    running.stop()


def hear(service: Service, phone: Baresip) -> Baresip:
    """A call in which the end is chosen after the greeting."""
    phone.dial(service.target("next"))
    time.sleep(service.said(NEW_GREETING).seconds + 1)
    phone.press("#")
    phone.until("CALL_CLOSED", 30)
    phone.stop()
    return phone


def test_new_words_reach_the_next_call_and_disturb_none(
    edited: Service, ear: Ear, tmp_path: Path, tidy: Callable[..., object]
) -> None:
    running = Sipp(tmp_path / "running", "slow_chooser", edited.sip, "-s", "running", audio=ear.port, key="#")
    tidy(running)
    old_farewell = edited.said(OLD_FAREWELL)
    old_greeting = edited.said(OLD_GREETING)
    flow = edited.root / "ivr_flows" / "after_hours.yaml"
    words = flow.read_text(encoding="utf-8").replace(OLD_GREETING, NEW_GREETING).replace(OLD_FAREWELL, NEW_FAREWELL)
    flow.write_text(words, encoding="utf-8")
    eventually(lambda: edited.says(NEW_GREETING), 30)
    time.sleep(1)  # the telephone looks a few times a second

    phone = Baresip(tmp_path / "next")
    tidy(phone)
    hear(edited, phone)
    assert phone.heard().contains(edited.said(NEW_GREETING))
    assert phone.heard().contains(edited.said(NEW_FAREWELL))

    assert running.outcome().ok == 1
    assert ear.heard().contains(old_greeting)
    assert ear.heard().contains(old_farewell)
    assert {(b.sequence - a.sequence) % 2**16 for a, b in pairwise(ear.packets)} == {1}

    flow.write_text(words.replace("start: greeting", "start: nowhere"), encoding="utf-8")
    eventually(lambda: edited.client.get("/readyz").json()["findings"], 30)
    phone = Baresip(tmp_path / "after-a-slip")
    tidy(phone)
    assert hear(edited, phone).heard().contains(edited.said(NEW_GREETING))
