"""Whatever a cloud tells, in whatever order and however late: an answer comes, and every call can end."""

from __future__ import annotations

import asyncio
import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from doors import SATURDAY, TUESDAY, FakeHouse
from hypothesis import given, settings
from hypothesis import strategies as st

from .cloud import PUBLIC, Cloud

VERBS = {"Gather", "Play", "Pause", "Redirect", "Dial", "Hangup", "Reject"}
_TOLD = st.one_of(
    st.sampled_from("0123456789*#").map(lambda key: {"Digits": key}),
    st.just({}),
    st.sampled_from(["completed", "answered", "busy", "no-answer", "failed", "canceled", "?"]).map(
        lambda status: {"DialCallStatus": status, "DialCallDuration": "7"}
    ),
)
_STEPS = st.lists(st.tuples(_TOLD, st.floats(0, 60)), max_size=12)


async def _walk(house: FakeHouse, steps: list[tuple[dict[str, str], float]]) -> None:
    cloud = Cloud(house)
    answer = await cloud.post(f"{PUBLIC}/twiml/voice", {"From": "+819012345678"})
    for told, seconds in steps:
        assert answer.status_code == 200
        document = ET.fromstring(answer.text)
        assert {verb.tag for verb in document} <= VERBS
        assert len(document)
        addresses = [verb.get("action") or verb.text for verb in document if verb.tag in {"Gather", "Dial", "Redirect"}]
        if not addresses:
            assert document[-1].tag in {"Hangup", "Reject"}
            break
        assert addresses[0] is not None
        assert len(addresses[0]) < 1000
        house.pass_time(seconds)
        answer = await cloud.post(addresses[0], told)
    assert (await cloud.post(f"{PUBLIC}/twiml/status", {"CallStatus": "completed"})).status_code == 204
    assert house.names()[0] == "call_received"
    assert house.names()[-1] == "call_ended"


@pytest.mark.slow
@given(st.sampled_from([SATURDAY, TUESDAY]), st.booleans(), st.booleans(), _STEPS)
@settings(max_examples=60, deadline=None)
def test_any_call_is_answered_to_its_end(
    at: dt.datetime, busy: bool, staffed: bool, steps: list[tuple[dict[str, str], float]]
) -> None:
    house = FakeHouse(now=at, busy=busy, numbers={"operators": "+81480000000"} if staffed else {})
    asyncio.run(_walk(house, steps))
