"""What the door refuses: anything unsigned, over-long, of another call, or tampered with."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest
from doors import FakeHouse

from voice.twiml.calls import LIVELY
from voice.twiml.router import MAX_BODY, twiml_door
from voice.twiml.signature import signature

from .cloud import PUBLIC, TOKEN, Cloud

VOICE, NEXT, STATUS = f"{PUBLIC}/twiml/voice", f"{PUBLIC}/twiml/next", f"{PUBLIC}/twiml/status"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(FakeHouse())


async def _raw(cloud: Cloud, path: str, body: bytes, signed: str) -> httpx.Response:
    headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
    return await cloud.client.post(path, content=body, headers=headers)


def _state(cloud: Cloud) -> str:
    return cloud.answers[0].split('action="')[1].split('"')[0]


@pytest.mark.parametrize("url", [VOICE, NEXT, STATUS])
@pytest.mark.parametrize("signed", ["", "wrong", signature("another token", VOICE, {"CallSid": ["CA0001"]})])
async def test_what_is_not_signed_is_refused(cloud: Cloud, url: str, signed: str) -> None:
    answer = await cloud.post(url, {}, signature=signed)
    assert answer.status_code == 403
    assert not cloud.house.events


async def test_a_signature_for_another_address_is_refused(cloud: Cloud) -> None:
    fields = {"CallSid": ["CA0001"], "AccountSid": ["AC1"], "Direction": ["inbound"]}
    answer = await cloud.post(VOICE, {}, signature=signature(TOKEN, STATUS, fields))
    assert answer.status_code == 403


async def test_the_state_of_another_call_is_refused(cloud: Cloud) -> None:
    await cloud.post(VOICE, {})
    other = Cloud(cloud.house, sid="CA0002")
    other.client = cloud.client
    answer = await other.post(_state(cloud), {"Digits": "1"})
    assert answer.status_code == 403
    assert "topic_chosen" not in cloud.house.names()


async def test_a_tampered_state_is_refused_though_the_cloud_signed_it(cloud: Cloud) -> None:
    await cloud.post(VOICE, {})
    good = _state(cloud)
    for bad in (good[:-2], good[:-8] + "AAAAAAAA", f"{NEXT}?s=", NEXT):
        assert (await cloud.post(bad, {"Digits": "1"})).status_code == 403


async def test_an_over_long_body_is_refused_unread(cloud: Cloud) -> None:
    answer = await _raw(cloud, "/twiml/voice", b"CallSid=" + b"A" * MAX_BODY, "x")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join(b"a=1" for _ in range(200)), b"a=%FF"])
async def test_what_is_no_form_is_refused(cloud: Cloud, body: bytes) -> None:
    assert (await _raw(cloud, "/twiml/voice", body, "x")).status_code == 400


@pytest.mark.parametrize("sid", ["", "a b", "x" * 200, "CA\n1", "<script>"])
async def test_a_call_needs_a_name(cloud: Cloud, sid: str) -> None:
    cloud.sid = sid
    assert (await cloud.post(VOICE, {})).status_code == 400


async def test_a_call_status_that_is_not_an_end_changes_nothing(cloud: Cloud) -> None:
    await cloud.post(VOICE, {})
    assert (await cloud.post(STATUS, {"CallStatus": "in-progress"})).status_code == 204
    assert "call_ended" not in cloud.house.names()


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
async def test_a_call_that_failed_is_not_the_callers_doing(cloud: Cloud, status: str) -> None:
    await cloud.post(VOICE, {})
    await cloud.post(STATUS, {"CallStatus": status})
    assert cloud.house.facts("call_ended")[0]["by"] == "failure"


async def test_the_end_of_an_unknown_call_is_told_without_its_place(cloud: Cloud) -> None:
    await cloud.post(STATUS, {"CallStatus": "completed", "CallDuration": "７", "From": "+81"})
    assert cloud.house.facts("call_ended")[0]["seconds"] == 0.0


@pytest.mark.parametrize("digits", ["12", "1#", "1w"])
async def test_of_several_digits_the_first_counts(cloud: Cloud, digits: str) -> None:
    await cloud.post(VOICE, {})
    cloud.house.pass_time(60)
    await cloud.post(_state(cloud), {"Digits": digits})
    assert cloud.house.facts("topic_chosen")[0]["key"] == "1"


async def test_a_digit_that_is_none_is_silence(cloud: Cloud) -> None:
    await cloud.post(VOICE, {})
    cloud.house.pass_time(60)
    await cloud.post(_state(cloud), {"Digits": "A"})
    assert "nothing_pressed" in cloud.house.names()


async def test_unknown_sounds_are_not_found(cloud: Cloud) -> None:
    assert (await cloud.client.get("/twiml/audio/0123456789abcdef.wav")).status_code == 404
    assert (await cloud.client.get("/twiml/audio/..%2f..%2fetc.wav")).status_code in {404, 422}


async def test_a_sound_asked_for_without_its_version_is_not_kept(cloud: Cloud) -> None:
    await cloud.post(VOICE, {})
    path = cloud.answers[0].split("<Play>")[1].split("<")[0].removeprefix(PUBLIC)
    kept = await cloud.client.get(path)
    loose = await cloud.client.get(path.split("?")[0])
    assert "immutable" in kept.headers["cache-control"]
    assert loose.headers["cache-control"] == "no-cache"
    assert kept.content == loose.content


async def test_too_many_calls_at_once_hear_the_busy_tone(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    monkeypatch.setattr("voice.twiml.desk.MOST_CALLS", 1)
    await cloud.post(VOICE, {})
    cloud.sid = "CA0002"
    assert "Reject" in (await cloud.post(VOICE, {})).text
    assert cloud.house.facts("call_refused")[0]["reason"] == "full"
    cloud.sid = "CA0001"
    await cloud.post(STATUS, {"CallStatus": "completed"})
    cloud.sid = "CA0003"
    assert "Gather" in (await cloud.post(VOICE, {})).text
    cloud.sid, cloud.house.now = "CA0004", cloud.house.now + LIVELY  # a cloud that never tells how calls end
    assert "Gather" in (await cloud.post(VOICE, {})).text


@pytest.mark.parametrize(("token", "url"), [("", PUBLIC), ("t", ""), ("t", "ivr.example.jp")])
def test_a_door_without_a_token_or_address_is_not_opened(token: str, url: str) -> None:
    with pytest.raises(ValueError, match="token"):
        twiml_door(FakeHouse().context(), token, url)


async def test_a_get_is_not_a_call(cloud: Cloud) -> None:
    assert (await cloud.client.get("/twiml/voice?" + urlencode({"CallSid": "CA1"}))).status_code == 405
