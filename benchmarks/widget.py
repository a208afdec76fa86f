"""How fast the widget is for a resident: click → panel painted, choice → answer painted. Prints JSON.

    python benchmarks/widget.py [--runs 20] [--out FILE]

Needs Debian's chromium and Playwright. The clock is Chromium's own (`performance`, in milliseconds): from the input
event's time stamp to the first frame after the thing is there. Every run has a fresh, empty cache.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.conftest import CHROMIUM, FLAGS  # noqa: E402
from browser.service import Service  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

GOALS = {"open_ms": 100, "answer_ms": 150, "long_tasks": 0, "layout_shift": 0}
ENTRY = "納付書（納税通知書）をなくしました。再発行できますか。"

# Starts at the next click, ends at the first frame in which `done` holds.
STOPWATCH = """(done) => {
  const root = document.querySelector("madoguchi-chat").shadowRoot;
  const isDone = eval(done);
  window.measured = 0;
  addEventListener("click", (event) => {
    const note = () => { window.measured = performance.now() - event.timeStamp };
    const look = () => requestAnimationFrame(isDone(root) ? note : look);
    look();
  }, { capture: true, once: true }) }"""

OBSERVE = """window.long = 0; window.shift = 0;
  new PerformanceObserver((list) => { window.long += list.getEntries().length }).observe({ type: "longtask" });
  new PerformanceObserver((list) => list.getEntries().forEach((e) => { window.shift += e.value }))
    .observe({ type: "layout-shift" });"""

PANEL_IS_THERE = '(root) => root.querySelector("[role=dialog]")?.getBoundingClientRect().height > 100'
ENTRIES_ARE_THERE = f'(root) => root.querySelector(".panel").textContent.includes("{ENTRY}")'
ANSWER_IS_THERE = (
    '(root) => root.querySelector("[role=log]").textContent.includes("電話の前に、車のナンバーが分かるもの")'
)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        service = Service(Path(data), messages_per_minute=100_000)
        service.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            runs = [_run(browser, service.url) for _ in range(given.runs)]
            version = browser.version
        finally:
            browser.close()
            service.stop()
    report = json.dumps(_summary(runs, version), ensure_ascii=False, indent=1)
    sys.stdout.write(report + "\n")
    if given.out:
        given.out.write_text(report + "\n")


def _run(browser: Browser, url: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)  # for the stopwatch
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    page.evaluate(OBSERVE)
    figures = {
        "open_ms": _time(page, ".launcher", PANEL_IS_THERE),
        "topic_ms": _time(page, 'button:has-text("納付書の再発行について")', ENTRIES_ARE_THERE),
        "answer_ms": _time(page, f'button:has-text("{ENTRY}")', ANSWER_IS_THERE),
        "long_tasks": page.evaluate("window.long"),
        "layout_shift": page.evaluate("window.shift"),
    }
    page.keyboard.press("Escape")
    figures["reopen_ms"] = _time(page, ".launcher", PANEL_IS_THERE)
    context.close()
    return figures


def _time(page: Page, button: str, done: str) -> float:
    target = page.locator(f"madoguchi-chat {button}").last
    target.wait_for()
    page.evaluate(STOPWATCH, done)
    target.click()
    return float(page.wait_for_function("window.measured").json_value())


def _summary(runs: list[dict[str, float]], version: str) -> dict[str, Any]:
    columns = {name: sorted(run[name] for run in runs) for name in runs[0]}
    figures = {
        name: {"median": round(statistics.median(values), 1), "worst": round(values[-1], 1)}
        for name, values in columns.items()
    }
    reached = {name: figures[name]["median"] <= goal for name, goal in GOALS.items()}
    return {"chromium": version, "runs": len(runs), "figures": figures, "goals": GOALS, "reached": reached}


if __name__ == "__main__":
    main()
