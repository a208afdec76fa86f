"""Signing in, one's own account and the pages of admins in Chromium; and what another website can do: nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from staffed import PASSWORD, add_account

from bot import assemble
from bot.settings import Settings
from bot.staff import Staff

from .service import Service
from .test_states import violations

EVIL = "http://evil.example/"
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def staff(service: Service) -> Iterator[Staff]:
    """The staff of the service that all tests share."""
    add_account(service.data, "chief", "admin")
    add_account(service.data, "suzuki", "viewer")
    with assemble.database(Settings(data=service.data)) as database:
        yield Staff(database)


@pytest.fixture
def opened(service: Service, staff: Staff, new_context: Callable[..., BrowserContext]) -> Opened:
    """A page in a browser of its own, at the form to sign in."""

    def open_(**options: object) -> Page:
        page = new_context(base_url=service.url, **options).new_page()
        page.goto("/console/staff")
        expect(page).to_have_url(f"{service.url}/console/sign-in?next=%2Fconsole%2Fstaff")
        return page

    return open_


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """By keyboard; with the right password one comes to the page that one asked for."""
    page.get_by_label("名前").fill("chief")
    page.get_by_label("パスワード", exact=True).fill(password)
    page.keyboard.press("Enter")
    if password == PASSWORD:
        expect(page.get_by_role("heading", name="職員", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [1024, 320])
def test_every_state_is_clean_for_axe_and_fits(opened: Opened, axe_source: str, width: int) -> None:
    page = opened(viewport={"width": width, "height": 700}, bypass_csp=True)  # axe brings styles of its own
    found: dict[str, object] = {}

    def look(state: str) -> None:
        found[state] = violations(page, axe_source)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found[f"{state}, width"] = "scrolls sideways"

    look("sign in")
    sign_in(page, "ちがう 合言葉 です！！")
    expect(page.get_by_role("alert")).to_contain_text("サインインできません")
    look("sign in, wrong")
    sign_in(page)
    page.locator("details.acts summary").first.click()
    look("staff")
    page.locator("input[name=name][maxlength]").fill("a b")
    page.get_by_role("button", name="加える").click()
    look("staff, wrong")
    page.locator("input[name=name][maxlength]").fill(f"yamada-{width}")
    page.get_by_role("button", name="加える").click()
    expect(page.locator("code.secret")).to_be_visible()
    look("staff, a password")
    for path in ("account", "audit", "nothing"):
        page.goto(f"/console/{path}")
        look(path)
    assert not {state: what for state, what in found.items() if what}


def test_an_error_leads_to_its_field(opened: Opened) -> None:
    page = opened()
    sign_in(page)
    page.goto("/console/account")
    page.get_by_label("いまのパスワード").fill(PASSWORD)
    for field in ("新しいパスワード", "新しいパスワード（もう一度）"):
        page.get_by_label(field, exact=True).fill("mijikai")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="「新しいパスワード」の欄へ").click()
    field = page.get_by_label("新しいパスワード", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("パスワードが7文字です。12文字以上にしてください。"))
    assert field.get_attribute("aria-invalid") == "true"


def test_another_website_can_do_nothing(opened: Opened, service: Service, staff: Staff) -> None:
    """The browser's own headers and cookie rules, as they really are."""
    page = opened()
    sign_in(page)
    attack = f"""<!doctype html><title>x</title>
        <form method="post" action="{service.url}/console/staff/disabled"><input name="name" value="suzuki"></form>
        <iframe src="{service.url}/console/staff"></iframe><script>document.forms[0].submit()</script>"""

    def answer(route: Route) -> None:
        route.fulfill(body=attack, content_type="text/html")

    page.route(EVIL, answer)
    with page.expect_response(f"{service.url}/console/staff/disabled") as sent:
        page.goto(EVIL)
    assert sent.value.status == 403
    assert "cookie" not in sent.value.request.all_headers()
    assert staff.accounts.named("suzuki").disabled_at is None
    page.goto("/console/staff")  # and nobody was signed out by it
    expect(page.get_by_role("heading", name="職員", exact=True)).to_be_visible()


def test_a_link_on_another_website_opens_the_page(opened: Opened, service: Service) -> None:
    page = opened()
    sign_in(page)
    link = f'<!doctype html><title>x</title><a href="{service.url}/console/audit">link</a>'
    page.route(EVIL, lambda route: route.fulfill(body=link, content_type="text/html"))
    page.goto(EVIL)
    page.get_by_role("link").click()
    expect(page.get_by_role("heading", name="操作の記録")).to_be_visible()


def test_back_after_signing_out_shows_nothing(opened: Opened) -> None:
    page = opened()
    sign_in(page)
    page.goto("/console/audit")
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
