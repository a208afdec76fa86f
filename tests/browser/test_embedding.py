"""The widget as a guest on somebody else's page: small, quiet, and in nobody's way."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from .chat import TAG, Chat, is_focused
from .conftest import OpenPage
from .service import ROOT, Service
from .watch import Watch

WIDGET = ROOT / "web_widget"
PAGES = Path(__file__).parent / "pages"
LOADER_LIMIT, BEFORE_CLICK_LIMIT, WHOLE_LIMIT = 5 * 1024, 7 * 1024, 35 * 1024  # bytes, gzip


def _gzip(files: set[Path]) -> int:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def _needed_by(file: Path) -> set[Path]:
    """A module and all that its static imports bring along before it can run."""
    found = {file}
    for name in re.findall(r"""^\s*(?:import|export)[^;'"(]*from\s+["'](\.[^"']+)["']""", file.read_text(), re.M):
        found |= _needed_by((file.parent / name).resolve())
    return found


def test_the_loader_is_small() -> None:
    """The code that every page runs that has the widget. The words of its language (1.5 KB) come beside it."""
    loader = _needed_by(WIDGET / "widget.js")
    assert _gzip(loader) <= LOADER_LIMIT
    assert _gzip(loader | {WIDGET / "locales/ja.js"}) <= BEFORE_CLICK_LIMIT


def test_the_whole_widget_is_small() -> None:
    """Every module and one language: what a resident downloads who uses everything (`types.js` is never loaded)."""
    code = {file for file in WIDGET.rglob("*.js") if file.parent.name != "locales" and file.name != "types.js"}
    words = {WIDGET / "locales/ja.js", WIDGET / "locales/languages.js"}
    assert _gzip(code | words | set(WIDGET.glob("chat/**/*.css"))) <= WHOLE_LIMIT


def test_nothing_but_the_loader_is_fetched_before_the_first_open(open_page: OpenPage, watch: Watch) -> None:
    page = open_page()
    expect(Chat(page).launcher).to_be_visible()
    page.wait_for_load_state("networkidle")
    needed = _needed_by(WIDGET / "widget.js") | {WIDGET / "locales/ja.js"}
    loader = {f"/{file.relative_to(WIDGET)}" for file in needed}
    scripts = {re.sub(r"https?://[^/]+", "", r.url) for r in watch.requests if r.resource_type == "script"}
    assert scripts <= loader
    assert not [r.url for r in watch.requests if "/api/" in r.url]


def test_no_cookie_and_only_the_session_storage(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.says("電話の前に")
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0
    assert "納付書をなくしました" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_a_strict_policy_is_enough(open_page: OpenPage, watch: Watch) -> None:
    """The page's own header: `default-src 'self'` without inline anything. `watch` fails on any breach."""
    page = open_page()
    header = page.request.get(page.url).headers["content-security-policy"]
    assert "default-src 'self'" in header
    assert "unsafe" not in header
    page.evaluate("addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))")
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.button("はい").click()
    chat.says("ご回答ありがとうございました。")
    with page.expect_download():
        chat.menu("会話を保存する").click()


def test_trusted_types_are_enough(new_context: Callable[..., BrowserContext], service: Service, watch: Watch) -> None:
    """A host that forbids HTML strings altogether."""
    page = new_context().new_page()
    watch.follow(page, service.url)

    def strict(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"] + "; require-trusted-types-for 'script'"
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    page.route(service.url + "/", strict)
    page.goto(service.url)
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.says("電話の前に")


def test_another_origin_may_embed_it_when_it_is_allowed(
    start_service: Callable[..., Service], new_context: Callable[..., BrowserContext]
) -> None:
    """The usual case: the prefecture's page on one host, our server on another. The policy names only our server."""
    site = "http://pref.localhost"
    server = start_service(allowed_origins=f'["{site}"]')
    page = new_context().new_page()
    watching = Watch()
    watching.follow(page, server.url)
    body = (
        f'<!doctype html><html lang="ja"><title>県のページ</title><script type="module" src="{server.url}/widget.js">'
        f"</script><main><h1>県のページ</h1></main><{TAG} lang=ja></{TAG}>"
    )
    policy = f"default-src 'self'; script-src {server.url}; connect-src {server.url}; img-src 'self' {server.url}"
    policy += f"; style-src 'self' {server.url}"
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
    page.route(site + "/**", lambda route: route.fulfill(status=200, body=body, headers=headers))
    page.goto(site + "/zei.html")
    chat = Chat(page).open()
    chat.ask("納付書をなくしました")
    chat.says("電話の前に")
    assert [p for p in watching.problems if site not in p] == []


def test_a_second_copy_of_the_snippet_does_nothing(open_local: Callable[..., Page]) -> None:
    page = open_local("twice.html")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    expect(page.locator(".launcher:visible")).to_have_count(1)
    chat.open()
    expect(page.get_by_role("dialog")).to_have_count(1)


def test_without_javascript_the_fallback_content_stays(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    expect(page.locator(f"{TAG} a[href^='tel:']")).to_be_visible()


def test_with_javascript_the_fallback_content_makes_room(open_page: OpenPage) -> None:
    page = open_page()
    expect(Chat(page).launcher).to_be_visible()
    expect(page.locator(f"{TAG} a[href^='tel:']").first).to_be_hidden()


def test_closed_it_takes_only_the_launchers_place(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page)
    box = chat.launcher.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 44
    hit = page.evaluate(
        """() => { let hit = 0; for (let x = 5; x < innerWidth; x += 10) for (let y = 5; y < innerHeight; y += 10)
             if (document.elementFromPoint(x, y)?.localName === "madoguchi-chat") hit += 100; return hit }"""
    )
    assert hit <= box["width"] * box["height"] * 1.5 + 2000
    chat.open()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert page.evaluate("document.elementFromPoint(innerWidth - 200, innerHeight - 300).localName") != TAG


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 390, "height": 844}])
def test_opening_moves_nothing_on_the_page(open_page: OpenPage, size: dict[str, int]) -> None:
    page = open_page(viewport=size)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    places = "[...document.querySelectorAll('body *')].filter((e) => e.localName !== 'madoguchi-chat')"
    places += ".map((e) => Object.values(e.getBoundingClientRect().toJSON()).join())"
    before = page.evaluate(places)
    page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach(
             (entry) => { window.shift += entry.value })).observe({ type: "layout-shift" }) }"""
    )
    chat.open()
    chat.button("納付書の再発行について").click()
    chat.says("「納付書の再発行について」の質問です。")
    assert page.evaluate("window.shift") == 0
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert page.evaluate(places) == before


def test_it_works_among_hostile_styles(open_local: Callable[..., Page]) -> None:
    page = open_local("hostile.html")
    chat = Chat(page).open()
    for part in (chat.close_button, chat.send_button, chat.question, chat.button("納付書の再発行について")):
        box = part.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, part
        assert _is_on_top(part), f"{part} is covered"
    text = chat.lines.first.evaluate(
        """(e) => { const s = getComputedStyle(e); return [parseFloat(s.fontSize), s.letterSpacing, s.textTransform,
             s.textIndent, s.textAlign, s.fontStyle, s.whiteSpace, s.opacity] }"""
    )
    assert text[0] >= 16
    assert text[2:] == ["none", "0px", "start", "normal", "normal", "1"], text
    chat.question.click()
    page.keyboard.type("s noufu")  # the host's shortcut swallows letters that are typed outside its own fields
    expect(chat.question).to_have_value("s noufu")
    chat.ask("納付書をなくしました")
    chat.says("電話の前に")
    chat.close_button.click()
    expect(chat.panel).to_be_hidden()
    assert _is_on_top(chat.launcher)


def _is_on_top(part: Any) -> bool:
    return bool(
        part.evaluate(
            """(e) => { e.scrollIntoView({ block: "nearest" }); const r = e.getBoundingClientRect();
                 const at = e.getRootNode().elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
                 return !!at && (e === at || e.contains(at)) }"""
        )
    )


def test_letters_keep_their_size_on_a_page_with_a_small_root(open_local: Callable[..., Page]) -> None:
    chat = Chat(open_local("small-root.html")).open()
    for part in (chat.lines.first, chat.question, chat.button("還付について"), chat.send_button):
        assert part.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 14, part
    assert chat.lines.first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 16
    assert chat.question.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 16  # iOS zooms in below


def test_the_sites_large_letters_are_followed(open_local: Callable[..., Page]) -> None:
    page = open_local("small-root.html")
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    chat = Chat(page).open()
    assert chat.lines.first.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 24


def test_a_link_of_the_page_opens_it(open_page: OpenPage) -> None:
    page = open_page()
    chat = Chat(page)
    banner = page.get_by_role("link", name="自動車税の質問 チャットで24時間")
    banner.click()
    expect(chat.panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert is_focused(chat.launcher)


@pytest.fixture
def open_local(new_context: Callable[..., BrowserContext], service: Service, watch: Watch) -> Callable[..., Page]:
    """A page of `pages/`, served as if it were the service's own."""

    def make(name: str, **options: Any) -> Page:
        page = new_context(**options).new_page()
        watch.follow(page, service.url)
        page.route(f"{service.url}/{name}", lambda route: route.fulfill(path=PAGES / name))
        page.goto(f"{service.url}/{name}")
        return page

    return make
