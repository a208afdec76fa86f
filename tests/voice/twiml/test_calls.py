"""Whole calls over a small cloud, with the content of the repository."""

from __future__ import annotations

import dataclasses
import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from doors import TUESDAY, FakeHouse, shipped

from voice.flow.nodes import Choice

from .cloud import Cloud

MENU = shipped().flows["after_hours"].nodes["menu"]


def _node(flow: str, node: str) -> str:
    return shipped().flows[flow].nodes[node].say[-1].text


@pytest.mark.parametrize("choice", MENU.active(), ids=lambda choice: choice.key)
async def test_a_call_hears_the_topic_of_its_key(choice: Choice) -> None:
    house = FakeHouse()
    cloud = await Cloud(house, [choice.key]).call()
    assert choice.say[0].text in cloud.heard
    assert cloud.heard[-1] == _node("after_hours", "farewell")
    assert cloud.verbs[-1] == "Hangup"
    assert house.names() == [
        "call_received", "call_answered", "menu_heard", "topic_chosen", "topic_heard", "call_ended",
    ]  # fmt: skip
    assert house.facts("topic_chosen")[0]["title"] == choice.title
    assert house.facts("topic_heard")[0]["complete"] is True
    ended = house.facts("call_ended")[0]
    assert (ended["by"], ended["door"], ended["node"]) == ("service", "twiml", "after_hours/farewell")
    assert ended["seconds"] == round(cloud.seconds)


async def test_events_hold_no_number_of_the_caller() -> None:
    house = FakeHouse()
    await Cloud(house, ["1"]).call()
    assert "9012345678" not in str(house.events)
    assert house.facts("call_received")[0]["caller"] == "hash-13"


async def test_the_greeting_the_menu_and_the_wait_are_one_document() -> None:
    """No second of silence between them, and a caller who knows the menu may press at once."""
    cloud = await Cloud(FakeHouse(), ["1"]).call()
    assert cloud.verbs[0] == "Gather"
    assert cloud.answers[0].count("<Play>") == len(cloud.heard[: cloud.heard.index(MENU.say[0].text) + 2])


async def test_a_key_during_the_greeting_counts_as_a_choice() -> None:
    house = FakeHouse()
    await Cloud(house, ["3@2"]).call()
    assert "menu_heard" not in house.names()
    assert house.facts("topic_chosen")[0]["key"] == "3"


async def test_a_key_during_the_menu_tells_how_much_was_heard() -> None:
    house = FakeHouse()
    cloud = Cloud(house, ["2"])
    greeting = sum(len(text) for text in (await Cloud(FakeHouse(), ["2"]).call()).heard[:3]) * house.seconds_a_sign
    cloud._keys = [f"2@{greeting + 4}"]
    await cloud.call()
    heard = house.facts("menu_heard")[0]
    assert heard["complete"] is False
    assert heard["seconds"] == pytest.approx(4, abs=0.1)


async def test_a_key_without_a_meaning_in_the_greeting_changes_nothing() -> None:
    """It stops the cloud's Gather all the same: the rest of the greeting is said again, then the menu."""
    house = FakeHouse()
    cloud = await Cloud(house, ["9@2", "1"]).call()
    assert "wrong_key_pressed" not in house.names()
    assert house.facts("topic_chosen")[0]["key"] == "1"
    assert cloud.heard.count(cloud.heard[0]) == 2


async def test_nothing_pressed_repeats_the_menu_and_ends_politely() -> None:
    house = FakeHouse()
    cloud = await Cloud(house).call()
    assert MENU.no_input is not None
    assert house.names().count("nothing_pressed") == MENU.no_input.attempts + 1
    assert cloud.heard[-1] == _node("after_hours", "no_choice")


@pytest.mark.parametrize("keys", [["7", "8", "*"], ["#", "#", "#"]])
async def test_wrong_keys_repeat_the_menu_and_end_politely(keys: list[str]) -> None:
    house = FakeHouse()
    cloud = await Cloud(house, keys).call()
    assert [facts["key"] for facts in house.facts("wrong_key_pressed")] == keys
    assert cloud.heard[-1] == _node("after_hours", "no_choice")


async def test_a_caller_who_hangs_up_in_a_topic_did_not_hear_it_to_its_end() -> None:
    house = FakeHouse()
    cloud = Cloud(house, ["1@1"])
    await cloud.call(hang_up_after=11)
    heard = house.facts("topic_heard")[0]
    assert heard["complete"] is False
    assert heard["seconds"] == pytest.approx(10, abs=0.1)
    assert house.facts("call_ended")[0]["by"] == "caller"


async def test_a_caller_who_hangs_up_at_once_chose_nothing() -> None:
    house = FakeHouse()
    await Cloud(house, ["1"]).call(hang_up_after=3)
    assert house.names() == ["call_received", "call_answered", "call_ended"]
    assert house.facts("call_ended")[0]["seconds"] == 3


# -- people ------------------------------------------------------------------------------------------------------------
def _office(**numbers: str) -> FakeHouse:
    return FakeHouse(now=TUESDAY, numbers=numbers)


async def test_a_transfer_that_is_answered_ends_with_the_conversation() -> None:
    house = _office(operators="+81480000000")
    cloud = await Cloud(house, dials=["completed"]).call()
    assert cloud.dialled == ["Number +81480000000"]
    assert house.names()[-3:] == ["transfer_tried", "transferred", "call_ended"]
    transferred = next(event for event in house.events if event.name == "transferred")
    assert house.events[-1].at - transferred.at == dt.timedelta(seconds=60)  # not when the conversation was over
    assert house.facts("call_ended")[0]["person"] is True


async def test_a_transfer_by_sip_dials_a_sip_noun() -> None:
    cloud = await Cloud(_office(operators="sip:op@10.0.0.1"), dials=["completed"]).call()
    assert cloud.dialled == ["Sip sip:op@10.0.0.1"]


async def test_a_busy_transfer_leads_into_the_line_and_to_a_person() -> None:
    house = _office(operators="+81480000000")
    cloud = await Cloud(house, dials=["busy", "busy", "no-answer", "completed"]).call()
    assert len(cloud.dialled) == 4
    assert [facts["reason"] for facts in house.facts("transfer_failed")] == ["busy"]
    assert house.facts("queue_left")[0]["reason"] == "answered"


async def test_a_caller_in_line_is_let_go_after_the_limit() -> None:
    house = _office(operators="+81480000000")
    house.busy = True
    cloud = await Cloud(house, dials=["no-answer"] * 100).call()
    assert house.facts("queue_left")[0]["reason"] == "limit"
    assert cloud.heard[-1] == _node("overflow", "sorry")


async def test_without_operators_the_caller_is_told_and_not_put_in_line() -> None:
    house = _office()
    cloud = await Cloud(house).call()
    assert "Dial" not in cloud.verbs
    assert cloud.heard[-1] == _node("office_hours", "no_operators")
    house.busy = True
    assert (await Cloud(house, sid="CA0002").call()).heard[-1] == _node("office_hours", "no_operators")


async def test_a_caller_who_gives_up_in_line_leaves_it() -> None:
    house = _office(operators="+81480000000")
    house.busy = True
    await Cloud(house, dials=["busy"] * 100).call(hang_up_after=60)
    left = house.facts("queue_left")[0]
    assert left["reason"] == "caller"
    assert house.facts("call_ended")[0]["by"] == "caller"


async def _comes_to_wait(cloud: Cloud) -> str:
    """Follows the redirects of a call in line up to the first round of waiting: "Dial" or "Pause"."""
    answer = await cloud.post("https://ivr.example.jp/prefix/twiml/voice", {})
    for _ in range(5):
        document = ET.fromstring(answer.text)
        if document[0].tag in {"Dial", "Pause"}:
            break
        answer = await cloud.post(document[-1].text or "", {})
    return document[0].tag


async def test_only_the_first_in_line_rings_the_operators() -> None:
    house = _office(operators="+81480000000")
    house.busy = True
    first, second = Cloud(house, sid="CA0001"), Cloud(house, sid="CA0002")
    second.client = first.client
    assert await _comes_to_wait(first) == "Dial"
    house.pass_time(1)
    assert await _comes_to_wait(second) == "Pause"
    await first.post("https://ivr.example.jp/prefix/twiml/status", {"CallStatus": "completed"})
    house.pass_time(5)
    again = ET.fromstring(second.answers[-1])[-1].text or ""
    assert "<Dial" in (await second.post(again, {})).text


# -- states and restarts -----------------------------------------------------------------------------------------------
async def test_an_emergency_answers_instead_of_the_menu() -> None:
    house = FakeHouse(emergency=True)
    cloud = await Cloud(house).call()
    assert cloud.heard[-1] == _node("emergency", "farewell")
    assert house.facts("call_received")[0]["situation"] == "emergency"


async def test_nothing_published_is_the_busy_tone() -> None:
    house = FakeHouse(published=None)
    cloud = Cloud(house)
    answer = await cloud.post("https://ivr.example.jp/prefix/twiml/voice", {"CallStatus": "ringing"})
    assert answer.text.endswith('<Response><Reject reason="busy" /></Response>')
    assert house.facts("call_refused")[0]["reason"] == "not ready"


async def test_a_call_survives_a_restart_between_two_requests() -> None:
    house = FakeHouse()
    before = Cloud(house)
    await before.post("https://ivr.example.jp/prefix/twiml/voice", {"From": "+819012345678"})
    address = before.answers[0].split('action="')[1].split('"')[0].replace("&amp;", "&")
    house.pass_time(60)
    after = Cloud(house)  # a new door, which remembers nothing
    answer = await after.post(address, {"Digits": "1"})
    assert answer.status_code == 200
    assert "topic_chosen" in house.names()


async def test_a_request_that_is_sent_twice_counts_once() -> None:
    house = FakeHouse()
    cloud = Cloud(house)
    for _ in range(2):
        await cloud.post("https://ivr.example.jp/prefix/twiml/voice", {"From": "+819012345678"})
    address = cloud.answers[0].split('action="')[1].split('"')[0]
    house.pass_time(60)
    for _ in range(2):
        await cloud.post(address, {"Digits": "1"})
    for _ in range(2):
        await cloud.post("https://ivr.example.jp/prefix/twiml/status", {"CallStatus": "completed"})
    assert cloud.answers[0] == cloud.answers[1]
    assert cloud.answers[2] == cloud.answers[3]
    for name in ("call_received", "topic_chosen", "call_ended"):
        assert house.names().count(name) == 1


async def test_what_is_published_meanwhile_is_heard_by_the_running_call() -> None:
    house = FakeHouse()
    cloud = Cloud(house)
    await cloud.post("https://ivr.example.jp/prefix/twiml/voice", {})
    telephone = shipped()
    flow = telephone.flows["after_hours"]
    choices = tuple(choice for choice in MENU.choices or () if choice.key != "6")
    nodes = {**flow.nodes, "menu": MENU.model_copy(update={"choices": choices})}
    house.published = telephone.model_copy(
        update={"flows": {**telephone.flows, "after_hours": flow.model_copy(update={"nodes": nodes})}}
    )
    house.pass_time(60)
    address = cloud.answers[0].split('action="')[1].split('"')[0]
    assert (await cloud.post(address, {"Digits": "6"})).status_code == 200
    assert house.facts("wrong_key_pressed")[0]["key"] == "6"


async def test_spoken_questions_are_not_offered_here() -> None:
    """Speech would go to the cloud's own recognition."""
    house = FakeHouse(published=shipped().model_copy(update={"listening": True}))
    cloud = await Cloud(house, ["1"]).call()
    assert "speech" not in "".join(cloud.answers)
    assert dataclasses.asdict(house.events[0])["facts"]["door"] == "twiml"
