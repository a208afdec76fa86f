"""The browser telephone, driven as staff use it: dial, press, listen, hang up. Its sounds are short here."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from doors import FakeHouse, shipped
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from bot.dialogue.office_hours import TOKYO
from voice.door import DoorContext
from voice.phone.router import browser_phone

from .chat import has_focus_ring, is_focused
from .conftest import PICTURES, OpenPage

MENU = shipped().flows["after_hours"].nodes["menu"]
SIZES = [(1280, 900), (1024, 768), (800, 900), (320, 640)]


class LivingHouse(FakeHouse):
    """With the clock of the machine, because a browser's timers have no other."""

    def context(self) -> DoorContext:
        return dataclasses.replace(super().context(), clock=lambda: dt.datetime.now(TOKYO))


@pytest.fixture(scope="module")
def house() -> FakeHouse:
    return LivingHouse(seconds_a_sign=0.004)


@pytest.fixture(scope="module")
def phone_url(house: FakeHouse) -> Iterator[str]:
    """The browser telephone on a free port; ends with the module."""
    app = FastAPI()
    app.include_router(browser_phone(house.context()))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


class Phone:
    """The page, by names and roles."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.call = page.get_by_role("button", name="発信")
        self.hang_up = page.get_by_role("button", name="切る")
        self.skip = page.get_by_role("button", name="飛ばす")
        self.when = page.get_by_label("日時")
        self.log = page.get_by_role("log")
        self.forecast = page.locator("#forecast")
        self.what = page.locator("#what")
        self.here = page.locator("#boxes > [aria-current=step]")

    def key(self, name: str) -> None:
        """Presses one of the twelve."""
        self.page.get_by_role("group", name="番号ボタン").get_by_role("button", name=name, exact=True).click()

    def dial(self, when: str = "2026-11-21T20:00") -> Phone:
        """Calls at a time."""
        self.when.fill(when)
        self.call.click()
        expect(self.hang_up).to_be_visible()
        return self

    def to_the_menu(self) -> Phone:
        """Calls after hours and comes to the wait for a key."""
        self.dial()
        expect(self.what).to_have_text("番号を待っています。")
        return self


@pytest.fixture
def phone(open_page: OpenPage, phone_url: str) -> Callable[..., Phone]:
    """Opens the page; options are those of a browser context."""
    return lambda **options: Phone(open_page("/phone", url=phone_url, **options))


def test_a_call_is_heard_seen_and_ends(phone: Callable[..., Phone]) -> None:
    page = phone()
    page.when.fill("2026-11-21T20:00")
    expect(page.forecast).to_have_text("11月21日（土）午後8時：時間外（土曜日） → 時間外の案内")
    page.to_the_menu()
    expect(page.here).to_contain_text("話題を選ぶ")
    expect(page.page.locator("#keypad .asked")).to_have_text([choice.key for choice in MENU.active()])
    page.key("3")
    expect(page.log).to_contain_text("「3」を押しました。")
    expect(page.here.locator(".taken .label")).to_have_text(MENU.active()[2].title)
    expect(page.log).to_contain_text("案内が終わり、電話が切れました。")
    expect(page.call).to_be_visible()
    expect(page.here).to_have_count(0)


def test_the_prompts_are_fetched_and_played(phone: Callable[..., Phone], house: FakeHouse) -> None:
    page = phone()
    played: list[str] = []
    page.page.on("response", lambda answer: played.append(f"{answer.status} {answer.headers.get('content-type')}")
                 if "/phone/audio/" in answer.url else None)  # fmt: skip
    page.to_the_menu()
    assert played
    assert set(played) <= {"200 audio/wav", "206 audio/wav"}
    heard = next(event for event in reversed(house.events) if event.name == "menu_heard")
    assert heard.facts["complete"] is True


def test_nothing_pressed_counts_down_and_repeats_the_menu(phone: Callable[..., Phone]) -> None:
    page = phone().to_the_menu()
    expect(page.page.locator("#countdown")).to_have_text("残り 5 秒")
    page.skip.click()
    expect(page.log).to_contain_text("何も押されないまま、時間になりました。")
    assert MENU.no_input is not None
    expect(page.log).to_contain_text(MENU.no_input.say[0].text)


def test_the_keyboard_is_a_keypad_inside_the_telephone_only(phone: Callable[..., Phone]) -> None:
    page = phone().to_the_menu()
    assert is_focused(page.hang_up)
    page.page.locator("#scroll").focus()
    page.page.keyboard.press("1")
    expect(page.log).not_to_contain_text("を押しました")
    page.hang_up.focus()
    page.page.keyboard.press("*")
    expect(page.log).to_contain_text("「*」を押しました。")


def test_a_call_can_be_made_by_keyboard_alone(phone: Callable[..., Phone]) -> None:
    page = phone()
    for _ in range(20):
        page.page.keyboard.press("Tab")
        if is_focused(page.call):
            break
    assert has_focus_ring(page.call)
    page.when.fill("2026-11-21T20:00")
    page.call.focus()
    page.page.keyboard.press("Enter")
    expect(page.what).to_have_text("番号を待っています。")
    page.page.keyboard.press("1")
    expect(page.log).to_contain_text("「1」を押しました。")
    expect(page.log).to_contain_text("案内が終わり、電話が切れました。")
    assert is_focused(page.call)


def test_hanging_up_stops_everything(phone: Callable[..., Phone]) -> None:
    page = phone().to_the_menu()
    page.hang_up.click()
    expect(page.log).to_contain_text("電話を切りました。")
    expect(page.page.locator("#countdown")).to_have_text("")
    page.dial()
    expect(page.log).not_to_contain_text("電話を切りました。")


@pytest.mark.parametrize(
    ("role", "then"),
    [
        ("担当が電話に出る", "担当につながりました。"),
        ("話し中", "ただいま、電話が大変混み"),
        ("担当の番号が未設定", "おつなぎできません"),
    ],
)
def test_the_part_of_the_operator_can_be_played(phone: Callable[..., Phone], role: str, then: str) -> None:
    page = phone().dial("2026-11-24T10:00")
    page.page.get_by_role("button", name=role).click()
    expect(page.log).to_contain_text(then)


def test_the_emergency_is_for_this_call(phone: Callable[..., Phone]) -> None:
    page = phone()
    page.page.get_by_label("緊急案内を入れる").check()
    expect(page.forecast).to_contain_text("緊急案内中 → 緊急時の案内")
    page.dial()
    expect(page.page.locator("#flow-name")).to_have_text("緊急時の案内")


@pytest.mark.breaks_network
def test_a_service_that_went_away_is_said(phone: Callable[..., Phone]) -> None:
    page = phone().to_the_menu()
    page.page.route("**/phone/api/**", lambda route: route.abort())
    page.key("1")
    expect(page.page.get_by_role("alert")).to_contain_text("サービスにつながりません。")
    page.page.unroute("**/phone/api/**")
    page.key("1")
    expect(page.log).to_contain_text("「1」を押しました。")
    expect(page.page.get_by_role("alert")).to_have_text("")


def _still(page: Phone) -> None:
    """Nothing more happens in this state."""


STATES: dict[str, Callable[[Phone], object]] = {
    "idle": _still,
    "menu": lambda page: page.to_the_menu(),
    "transfer": lambda page: expect(page.dial("2026-11-24T10:00").page.locator("#person")).to_be_visible(),
    "ended": lambda page: page.to_the_menu().hang_up.click(),
}


@pytest.mark.parametrize("state", STATES)
def test_it_is_accessible_and_in_one_piece_at_every_size(
    phone: Callable[..., Phone], axe_source: str, state: str
) -> None:
    page = phone(reduced_motion="reduce")
    page.when.fill("2026-11-21T20:00")
    STATES[state](page)
    PICTURES.mkdir(parents=True, exist_ok=True)
    # A policy of 'self' only: axe comes in by the driver, not as a script of the page.
    page.page.evaluate(axe_source)
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.screenshot(path=PICTURES / f"phone-{state}-{width}.png", full_page=True)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
        found = page.page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    small = page.page.evaluate(
        """() => [...document.querySelectorAll("button, input[type=text], input[type=datetime-local], .check")]
             .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)"""
    )
    assert small == []
