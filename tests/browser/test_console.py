"""The console as staff use it: by keyboard, on a phone, enlarged, without scripts; live, and heard on the telephone."""

from __future__ import annotations

import io
import re
import shutil
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import httpx
import openpyxl
import pytest
import sqlalchemy as sa
from happenings import MONTH, keep
from playwright.sync_api import BrowserContext, Locator, Page, expect
from staffed import PASSWORD, add_account

from bot import assemble
from bot.console.answers import rendered
from bot.database.tables import audit
from bot.knowledge.loader import load
from bot.settings import Settings
from voice.twiml.signature import signature

from .service import ROOT, Service
from .test_states import violations
from .watch import Watch

OCTOBER = "from=2026-10-01&to=2026-10-31"
TOKEN, PUBLIC = "t" * 32, "https://madoguchi.example"
PAGES = (
    "", f"trends?{OCTOBER}", f"conversations?{OCTOBER}", "conversations/b", f"entries?{OCTOBER}&words=納期",
    f"entries/payment-methods?{OCTOBER}", "preview/payment-methods", "question", f"content?{OCTOBER}", "tuning",
    "emergency", "calendar?month=2026-12", f"downloads?{OCTOBER}", "account", "entries/nothing-like-it",
)  # fmt: skip
Console = Callable[..., Page]


@pytest.fixture(scope="module")
def office(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with the small month, an account, and a telephone cloud that may call."""
    data = tmp_path_factory.mktemp("office")
    shutil.copytree(service.data / "cache", data / "cache")  # or all phrasings would be analysed again
    with assemble.database(Settings(data=data)) as database:
        keep(database, MONTH)
    add_account(data, "hanako", "editor")
    running = Service(data, twiml_token=TOKEN, twiml_url=PUBLIC, sip="", messages_per_minute=100_000)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def console(office: Service, new_context: Callable[..., BrowserContext]) -> Iterator[Console]:
    """A page on which somebody has signed in; errors in its console fail the test."""
    watch = Watch(network_may_fail=True)  # the page for what there is not is a 404

    def open_(**options: object) -> Page:
        page = new_context(base_url=office.url, **options).new_page()
        watch.follow(page, office.url)
        page.goto("/console/sign-in")
        page.get_by_label("名前").fill("hanako")
        page.get_by_label("パスワード", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="サインイン").click()
        expect(page).to_have_url(f"{office.url}/console/")
        return page

    yield open_
    assert not watch.problems, "\n".join(watch.problems)


def too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [1024, 375])
def test_every_page_is_clean_for_axe_and_fits(console: Console, axe_source: str, width: int) -> None:
    """512 px are 1024 px at 200 %."""
    page = console(viewport={"width": width, "height": 800}, bypass_csp=True)  # axe brings styles of its own
    found: dict[str, object] = {}
    for address in PAGES:
        page.goto(f"/console/{address}")
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        found[address] = violations(page, axe_source)
        for size in (width, 512):
            page.set_viewport_size({"width": size, "height": 400})
            if too_wide(page):
                found[f"{address} at {size}"] = "scrolls sideways"
        page.set_viewport_size({"width": width, "height": 800})
    assert not {where: what for where, what in found.items() if what}


def test_everything_is_reached_by_keyboard(console: Console) -> None:
    page = console()
    page.goto("/console/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for name in ("推移", "会話", "FAQ", "質問をためす", "内容", "改善の提案", "緊急案内", "暦", "資料"):
        link = page.get_by_role("navigation", name="画面の一覧").get_by_role("link", name=name, exact=True)
        tab_to(page, link)
        assert link.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        expect(page.locator(".pages .wide [aria-current=page]")).to_have_text(name)
    page.goto(f"/console/trends?{OCTOBER}")
    tab_to(page, page.get_by_text("表で見る").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="質問と返事の表")).to_be_visible()


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("(e) => e === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_today_follows_what_residents_do(console: Console, office: Service) -> None:
    page = console()
    page.clock.install()
    page.goto("/console/")
    asked = page.locator(".tile", has_text="質問").first
    before = int(asked.locator("dd").first.inner_text().split()[0])
    with httpx.Client(base_url=f"{office.url}/api/v1", headers={"Origin": office.url}) as door:
        talk = door.post("/conversations", json={"lang": "ja"}).json()["conversation"]
        door.post(f"/conversations/{talk}/messages", json={"message": "宇宙旅行の税金は 090-1234-5678"})
    news = page.get_by_text("宇宙旅行の税金は")
    for _ in range(50):
        page.clock.run_for(10_100)  # as long as it waits between two looks
        page.wait_for_timeout(100)
        if news.is_visible() and f"{before + 1} 件" in asked.inner_text():
            break
    expect(page.get_by_text("宇宙旅行の税金は 〔電話番号〕")).to_be_visible()
    expect(asked).to_contain_text(f"{before + 1} 件")
    expect(page.locator("#updated")).to_contain_text("の様子です。")
    page.get_by_role("button", name="自動の更新をとめる").click()
    expect(page.get_by_role("button", name="自動の更新を始める")).to_be_visible()
    page.get_by_role("link", name=re.compile("会話を見る")).first.click()
    expect(page.get_by_role("heading", name=re.compile("会話の流れ"))).to_be_visible()


def test_the_switch_is_heard_on_the_telephone(console: Console, office: Service) -> None:
    def heard() -> list[str]:
        """The sounds that a caller hears first, by their names."""
        fields = {
            "CallSid": f"CA{time.time_ns()}",
            "AccountSid": "AC1",
            "Direction": "inbound",
            "CallStatus": "ringing",
        }
        signed = {
            "X-Twilio-Signature": signature(
                TOKEN, f"{PUBLIC}/twiml/voice", {name: [value] for name, value in fields.items()}
            )
        }
        signed["Content-Type"] = "application/x-www-form-urlencoded"
        answer = httpx.post(f"{office.url}/twiml/voice", content=urlencode(fields), headers=signed)
        assert answer.status_code == 200, answer.text
        return [verb.text or "" for verb in ET.fromstring(answer.text).iter("Play")]

    page, usual = console(), heard()
    turn(page, "入れる", "台風のため")
    expect(page.get_by_text("いま: 入っています")).to_be_visible()
    assert heard() != usual
    page.goto("/console/")
    expect(page.locator("#live strong.badge.error")).to_have_text("入っています")
    turn(page, "切る", "台風が過ぎた")
    expect(page.get_by_text("いま: 切れています")).to_be_visible()
    assert heard() == usual
    rows = page.get_by_role("region", name="これまでの切り替え").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("切った")
    expect(rows.nth(2)).to_contain_text("台風のため")


def turn(page: Page, way: str, why: str) -> None:
    page.goto("/console/emergency")
    page.get_by_label(re.compile("理由")).fill(why)
    page.get_by_role("button", name=re.compile("確認へ進む")).click()
    page.get_by_role("button", name=f"緊急案内を{way}", exact=True).click()


def test_pages_work_without_scripts(console: Console) -> None:
    page = console(java_script_enabled=False)
    for address in PAGES:
        answer = page.goto(f"/console/{address}")
        assert answer is not None
        assert answer.status == (404 if "nothing" in address else 200), address
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.goto("/console/question")
    page.get_by_label("質問", exact=True).fill("納期限はいつですか")
    page.get_by_role("button", name="ためす").click()
    expect(page.get_by_role("heading", name=re.compile("利用者に返るもの"))).to_be_visible()


def test_a_report_and_a_table_are_downloaded(console: Console, office: Service) -> None:
    page = console()
    page.goto(f"/console/downloads?{OCTOBER}")
    for name, sheet in (
        ("Excel.*2026年10月の月次報告", "概要"),
        ("Excel.*対応分類ごとの答え", "対応分類ごとの答え"),
    ):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=re.compile(name)).first.click()
        book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
        assert sheet in book.sheetnames
    with assemble.database(Settings(data=office.data)) as database, database.connect() as connection:
        taken = connection.scalars(sa.select(audit.c.what).where(audit.c.act == "download").order_by(audit.c.id))
        assert list(taken) == ["月次報告 2026-10.xlsx", "categories.xlsx 2026-10-01〜2026-10-31"]


def test_answers_look_as_in_the_widget(console: Console) -> None:
    """`bot.console.answers.rendered` makes what the widget makes; a telephone number is no link on a desk."""
    knowledge = load(ROOT).knowledge
    assert knowledge is not None
    texts = [entry.answer for entry in knowledge.entries.values()]
    texts += ["**a** & <b>\n- x\n- y\nz\n\n[言葉](https://a.example/?a=1&b=2) 048-123-4567", "* a\n * b"]
    page = console()
    different = page.evaluate(
        """async (pairs) => {
          const { render } = await import("/chat/nodes.js");
          const link = (label, url) => Object.assign(document.createElement("a"), { textContent: label, href: url });
          return pairs.filter(([text, ours]) => {
            const theirs = document.createElement("div"), mine = document.createElement("div");
            theirs.append(render(text, link));
            mine.innerHTML = ours;
            for (const each of theirs.querySelectorAll("a.number")) {
              const number = Object.assign(document.createElement("span"), { textContent: each.textContent });
              number.className = "number";
              each.replaceWith(number);
            }
            for (const each of mine.querySelectorAll("a")) {
              each.removeAttribute("target");
              each.removeAttribute("rel");
            }
            theirs.normalize();
            return theirs.innerHTML !== mine.innerHTML;
          }).map(([text]) => text); }""",
        [[text, str(rendered(text))] for text in texts],
    )
    assert different == []
