"""A real service and Debian's own Chromium. What is missing fails and says how to install it; nothing is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

try:
    from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
except ModuleNotFoundError as missing:  # a plain ImportError would be reported without its remedy
    raise pytest.UsageError("Playwright is missing. Install it: pip install -e '.[dev]'") from missing

from .service import ROOT, Service
from .watch import Watch

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
PICTURES = ROOT / "build/screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-features=LocalNetworkAccessChecks",  # the test's own website may embed 127.0.0.1
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
OpenPage = Callable[..., Page]


def pytest_configure(config: pytest.Config) -> None:
    """Our marker, beside the tests it belongs to."""
    config.addinivalue_line("markers", "breaks_network: the test cuts or refuses requests; network errors are expected")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them start a server and a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("slow")


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service that most tests share; its flood limit is out of their way."""
    running = Service(tmp_path_factory.mktemp("service"), messages_per_minute=100_000)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def start_service(service: Service, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """A service of the test's own, which it may stop, with the settings it names."""
    shutil.copytree(service.data / "cache", tmp_path / "cache")  # or each would analyse all phrasings again
    started: list[Service] = []

    def start(**settings: object) -> Service:
        started.append(Service(tmp_path, **({"messages_per_minute": 100_000} | settings)))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all; each test has contexts of its own. It ends with this folder's tests, because Playwright's
    event loop would be in the way of asynchronous tests elsewhere."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing. Install it: apt-get install chromium fonts-noto-cjk", pytrace=False)
    expect.set_options(timeout=8_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A resident's browser. Options are Playwright's."""
    opened: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        given = {"viewport": DESKTOP, "locale": "ja-JP", "timezone_id": "Asia/Tokyo"} | options
        opened.append(browser.new_context(**given))
        opened[-1].set_default_timeout(8_000)
        return opened[-1]

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def watch(request: pytest.FixtureRequest, service: Service) -> Iterator[Watch]:
    """Sees every console error, exception, breach of the policy and foreign request; any of them fails the test."""
    watching = Watch(network_may_fail=request.node.get_closest_marker("breaks_network") is not None)
    yield watching
    assert not watching.problems, "\n".join(watching.problems)


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], service: Service, watch: Watch) -> OpenPage:
    """A page with the widget, closed; options are those of a browser context."""

    def make(path: str = "/", url: str = "", context: BrowserContext | None = None, **options: Any) -> Page:
        page = (context or new_context(**options)).new_page()
        watch.follow(page, url or service.url)
        page.goto((url or service.url) + path)
        return page

    return make


@pytest.fixture(scope="session")
def axe_source() -> str:
    """axe-core from npm."""
    if not AXE.exists():
        pytest.fail("axe-core is missing. Install it: npm ci --prefix tests/browser", pytrace=False)
    return AXE.read_text()
