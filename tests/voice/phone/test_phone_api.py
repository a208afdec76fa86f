"""The browser telephone's API, with the content of the repository."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from doors import FakeHouse, shipped
from fastapi import FastAPI, Request

from voice.flow.nodes import Flow
from voice.flow.steps import Heard
from voice.phone import calls as phone_calls
from voice.phone.router import browser_phone

SATURDAY_EVENING, TUESDAY_MORNING = "2026-11-21T20:00", "2026-11-24T10:00"


class Phone:
    """A client of the page's API on this machine."""

    def __init__(
        self,
        house: FakeHouse,
        client: tuple[str, int] = ("127.0.0.1", 1),
        host: str = "127.0.0.1",
        is_staff: Callable[[Request], bool] | None = None,
    ) -> None:
        app = FastAPI()
        app.include_router(browser_phone(house.context(), is_staff))
        self.house = house
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app, client=client), base_url=f"http://{host}:8000")

    async def dial(self, **asked: object) -> dict[str, Any]:
        answer = await self.http.post("/phone/api/calls", json={"at": SATURDAY_EVENING, **asked})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def tell(self, view: dict[str, Any], kind: str, **more: object) -> dict[str, Any]:
        sent = {"turn": view["turn"], "kind": kind, **more}
        answer = await self.http.post(f"/phone/api/calls/{view['id']}/inputs", json=sent)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def to_the_wait(self, view: dict[str, Any]) -> dict[str, Any]:
        """Lets prompts be heard to their end until something else is to be done."""
        while view["doing"] and view["doing"]["kind"] == "play":
            view = await self.tell(view, "ended", seconds=view["doing"]["seconds"])
        return view


@pytest.fixture
def phone() -> Phone:
    return Phone(FakeHouse())


async def test_a_call_hears_a_topic_and_ends(phone: Phone) -> None:
    view = await phone.dial()
    assert (view["situation"], view["flow_title"], view["node"]) == ("時間外（土曜日）", "時間外の案内", "greeting")
    view = await phone.to_the_wait(view)
    assert view["doing"] == {"kind": "wait", "pieces": [], "seconds": 6.0, "keys": "123456"}
    view = await phone.tell(view, "key", key="1")
    assert (view["node"], view["choice"]) == ("menu", "1")
    view = await phone.to_the_wait(view)
    assert view["over"]
    assert view["doing"] is None
    assert [line["who"] for line in view["lines"]].count("caller") == 1
    assert view["lines"][-1]["text"] == "案内が終わり、電話が切れました。"
    assert phone.house.names()[-1] == "call_ended"


async def test_every_event_is_marked_as_a_test(phone: Phone) -> None:
    view = await phone.to_the_wait(await phone.dial())
    await phone.tell(view, "hung_up")
    assert phone.house.events
    for event in phone.house.events:
        assert (event.facts["test"], event.facts["door"]) == (True, "browser")
        assert event.at == phone.house.now  # not the time the call pretends


async def test_the_calls_own_clock_runs_from_the_time_chosen(phone: Phone) -> None:
    view = await phone.dial(at="2026-12-31T08:59")
    assert view["situation"] == "時間外（年末年始）"
    assert view["lines"][0]["at"] == "08:59:00"
    phone.house.pass_time(65)
    view = await phone.tell(view, "key", key="1")
    assert [line["at"] for line in view["lines"] if line["who"] == "caller"] == ["09:00:05"]


@pytest.mark.parametrize(
    ("asked", "situation", "flow"),
    [
        ({"at": SATURDAY_EVENING}, "時間外（土曜日）", "after_hours"),
        ({"at": "2026-11-23T10:00"}, "時間外（祝日・勤労感謝の日）", "after_hours"),
        ({"at": "2026-11-24T08:29"}, "時間外（受付の前）", "after_hours"),
        ({"at": "2026-11-24T17:15"}, "時間外（受付の後）", "after_hours"),
        ({"at": TUESDAY_MORNING}, "受付時間内", "office_hours"),
        ({"at": TUESDAY_MORNING, "busy": "true"}, "受付時間内で混雑", "overflow"),
        ({"at": TUESDAY_MORNING, "emergency": "true"}, "緊急案内中", "emergency"),
        ({"at": SATURDAY_EVENING, "busy": "true"}, "時間外（土曜日）", "after_hours"),
        ({}, "時間外（土曜日）", "after_hours"),
    ],
)  # fmt: skip
async def test_the_forecast_says_what_a_call_would_hear(
    phone: Phone, asked: dict[str, str], situation: str, flow: str
) -> None:
    said = (await phone.http.get("/phone/api/forecast", params=asked)).json()
    assert (said["situation"], said["flow"]) == (situation, flow)
    assert said["flow_title"] == shipped().flows[flow].title


async def test_the_switches_are_for_one_call_only(phone: Phone) -> None:
    assert (await phone.dial(emergency=True))["flow"] == "emergency"
    assert (await phone.dial())["flow"] == "after_hours"


async def test_a_late_timer_changes_nothing(phone: Phone) -> None:
    waiting = await phone.to_the_wait(await phone.dial())
    told = await phone.tell(waiting, "key", key="1")
    again = await phone.tell(waiting, "waited")
    assert again["turn"] == told["turn"]
    assert "nothing_pressed" not in phone.house.names()


async def test_a_key_that_crosses_the_end_of_a_prompt_counts(phone: Phone) -> None:
    view = await phone.dial()
    await phone.tell(view, "ended", seconds=1.0)
    told = await phone.tell(view, "key", key="2", seconds=0.5)
    assert told["choice"] == "2"


async def test_a_key_without_a_meaning_lets_the_prompt_go_on(phone: Phone) -> None:
    view = await phone.dial()
    after = await phone.tell(view, "key", key="9", seconds=1.0)
    assert after["turn"] == view["turn"]
    assert after["doing"] == view["doing"]


@pytest.mark.parametrize(
    ("outcome", "node"),
    [
        ({"kind": "connected"}, "operators"),
        ({"kind": "not_connected", "reason": "busy"}, "line"),
        ({"kind": "not_connected", "reason": "no answer"}, "line"),
        ({"kind": "not_connected", "reason": "not set"}, "no_operators"),
    ],
)
async def test_a_transfer_can_end_in_every_way(phone: Phone, outcome: dict[str, str], node: str) -> None:
    view = await phone.to_the_wait(await phone.dial(at=TUESDAY_MORNING))
    assert view["doing"]["kind"] == "transfer"
    view = await phone.tell(view, **outcome)
    assert view["node"] == node
    assert view["person"] == (outcome["kind"] == "connected")
    assert view["in_line"] == (node == "line")
    assert (await phone.tell(view, "hung_up"))["over"]


async def test_a_caller_in_line_is_answered(phone: Phone) -> None:
    view = await phone.dial(at=TUESDAY_MORNING, busy=True)
    for _ in range(3):
        view = await phone.to_the_wait(view)
        assert view["doing"]["kind"] == "line"
        view = await phone.tell(view, "waited")
    view = await phone.tell(view, "connected")
    assert view["person"]
    assert "queue_left" in phone.house.names()


async def test_hanging_up_in_a_topic_is_told(phone: Phone) -> None:
    view = await phone.tell(await phone.dial(), "key", key="1", seconds=2.0)
    view = await phone.tell(view, "hung_up", seconds=1.5)
    assert view["over"]
    heard = phone.house.facts("topic_heard")[0]
    assert (heard["complete"], heard["seconds"]) == (False, 1.5)
    assert (await phone.tell(view, "key", key="1"))["over"]


async def test_prompts_can_be_fetched(phone: Phone) -> None:
    view = await phone.dial()
    piece = view["doing"]["pieces"][0]
    answer = await phone.http.get(piece["url"])
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnframes() / 8000 == pytest.approx(piece["seconds"], abs=0.001)
    assert (await phone.http.get("/phone/audio/0000000000000000.wav")).status_code == 404


@pytest.mark.parametrize("flow", shipped().flows.values(), ids=lambda flow: flow.id)
async def test_a_flow_is_drawn_with_all_its_nodes_and_ways(phone: Phone, flow: Flow) -> None:
    drawn = (await phone.http.get(f"/phone/api/flows/{flow.id}")).json()
    assert {box["id"] for box in drawn["boxes"]} == {f"{flow.id}/{name}" for name in flow.nodes}
    assert drawn["boxes"][0]["id"] == f"{flow.id}/{flow.start}"
    known = {f"{one.id}/{name}" for one in shipped().flows.values() for name in one.nodes}
    for box in drawn["boxes"]:
        assert {way["to"] for way in box["ways"]} <= known
        node = flow.nodes[box["id"].split("/")[1]]
        assert {way["key"] for way in box["ways"] if way["key"]} == {choice.key for choice in node.active()}


async def test_a_spoken_question_is_typed() -> None:
    def understand(text: str, lang: str) -> Heard:
        return Heard(text, ("slip-lost",), sure=True)

    flow = shipped().flows["after_hours"]
    asking = flow.nodes["greeting"].model_copy(update={"then": ""})
    asking = asking.model_validate({**asking.model_dump(by_alias=True), "listen": {"seconds": 8, "then": "farewell"}})
    changed = flow.model_copy(update={"nodes": {**flow.nodes, "greeting": asking}})
    telephone = shipped().model_copy(update={"flows": {**shipped().flows, "after_hours": changed}, "listening": True})
    phone = Phone(FakeHouse(published=telephone, understand=understand))
    view = await phone.to_the_wait(await phone.dial())
    assert view["doing"]["kind"] == "listen"
    view = await phone.tell(view, "heard", text="納付書をなくした")
    assert view["lines"][-2]["text"] == "「納付書をなくした」と話しました。"
    assert view["lines"][-1]["text"] == telephone.voices["slip-lost"].voice


# -- what is refused ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("client", "host"),
    [("192.0.2.7", "127.0.0.1"), ("127.0.0.1", "evil.example"), ("::ffff:192.0.2.7", "localhost"), ("", "127.0.0.1")],
)
async def test_other_machines_are_refused(client: str, host: str) -> None:
    phone = Phone(FakeHouse(), (client, 1), host)
    page = await phone.http.get("/phone")
    assert page.status_code == 403
    assert "職員の画面</a>にサインインしたブラウザーで" in page.text
    for path in ("/phone/api/forecast", "/phone/api/flows/after_hours", "/phone/audio/0000000000000000.wav"):
        assert (await phone.http.get(path)).status_code == 403
    assert (await phone.http.post("/phone/api/calls", json={})).status_code == 403
    assert not phone.house.events


@pytest.mark.parametrize(("signed_in", "status"), [(True, 200), (False, 403)])
async def test_staff_are_let_in_from_other_machines(signed_in: bool, status: int) -> None:
    phone = Phone(FakeHouse(), ("192.0.2.7", 1), "madoguchi.example", lambda _: signed_in)
    for path in ("/phone", "/phone/api/forecast", "/phone/api/flows/after_hours"):
        assert (await phone.http.get(path)).status_code == status


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_this_machine_is_let_in(client: str, host: str) -> None:
    page = await Phone(FakeHouse(), (client, 1), host).http.get("/phone")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "sent",
    [{"at": "きのう"}, {"at": "2026-13-01T00:00"}, {"at": "x" * 40}, {"emergency": "maybe"}],
)
async def test_a_call_that_cannot_be_read_is_refused(phone: Phone, sent: dict[str, str]) -> None:
    assert (await phone.http.post("/phone/api/calls", json=sent)).status_code == 422


@pytest.mark.parametrize(
    "sent",
    [{}, {"turn": 1, "kind": "dance"}, {"turn": 1, "kind": "key", "key": "12"}, {"turn": 1, "kind": "key", "key": "A"},
     {"turn": 1, "kind": "ended", "seconds": -1}, {"turn": 1, "kind": "heard", "text": "あ" * 501}],
)  # fmt: skip
async def test_an_input_that_cannot_be_read_is_refused(phone: Phone, sent: dict[str, object]) -> None:
    view = await phone.dial()
    assert (await phone.http.post(f"/phone/api/calls/{view['id']}/inputs", json=sent)).status_code == 422


async def test_a_large_body_is_refused_unread(phone: Phone) -> None:
    assert (await phone.http.post("/phone/api/calls", content=b"{" + b" " * 20_000)).status_code == 413


async def test_another_machine_is_refused_before_its_body_is_read() -> None:
    phone = Phone(FakeHouse(), ("192.0.2.7", 1))
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100:
            read += 1
            yield b" " * 1024

    answer = await phone.http.post("/phone/api/calls", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 403
    assert read < 100


async def test_an_unknown_call_flow_or_file_is_not_found(phone: Phone) -> None:
    sent = {"turn": 1, "kind": "waited"}
    assert (await phone.http.post("/phone/api/calls/AAAAAAAAAAAA/inputs", json=sent)).status_code == 404
    assert (await phone.http.get("/phone/api/flows/nothing")).status_code == 404
    assert (await phone.http.get("/phone/files/router.py")).status_code == 404
    assert (await phone.http.get("/phone/files/..%2frouter.py")).status_code in {404, 422}


async def test_nothing_published_is_said(phone: Phone) -> None:
    phone.house.published = None
    answer = await phone.http.post("/phone/api/calls", json={})
    assert answer.status_code == 503
    assert "公開されていません" in answer.text


async def test_calls_that_were_left_alone_end(phone: Phone) -> None:
    view = await phone.dial()
    phone.house.pass_time(phone_calls.KEPT.total_seconds())
    sent = {"turn": 1, "kind": "waited"}
    assert (await phone.http.post(f"/phone/api/calls/{view['id']}/inputs", json=sent)).status_code == 404
    assert phone.house.facts("call_ended")[0]["by"] == "failure"


async def test_the_oldest_call_ends_when_there_are_too_many(phone: Phone) -> None:
    for _ in range(phone_calls.MOST + 5):
        await phone.dial()
    assert phone.house.names().count("call_ended") == 5
