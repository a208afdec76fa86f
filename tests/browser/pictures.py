"""The pictures of docs/職員の手引き.md (in docs/console): `.venv/bin/python -m tests.browser.pictures`, two minutes.

All that they show is made up: a demo month and a few questions asked at the real door.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.staffed import PASSWORD, add_account

from .conftest import CHROMIUM, FLAGS
from .service import ROOT, Service

OUT = ROOT / "docs" / "console"
MONTH = "2026-05"
DAYS = "from=2026-05-01&to=2026-05-31"
WIDTH, MOST_BYTES = 1024, 150_000
ENTRY = "payment-methods"
ASKED = (
    ("自動車税はいつまでに払えばいいですか", "PayPayで払えますか"), ("車を売ったのに納税通知書が届きました",),
    ("宇宙旅行にかかる税金を教えて",), ("納付書をなくしました", "電話は 048-123-4567 です。名前は埼玉太郎です"),
    ("障害者手帳があると安くなりますか",), ("軽自動車の税金は",), ("How can I pay the tax?",),
    ("ペットの登録をしたい",),
)  # fmt: skip
ADDRESSES = {
    "today": ("/console/", 1500),
    "trends": (f"/console/trends?{DAYS}", 1500),
    "conversations": (f"/console/conversations?{DAYS}&outcome=unresolved", 1100),
    "entries": (f"/console/entries?{DAYS}", 1100),
    "entry": (f"/console/entries/{ENTRY}?{DAYS}", 2200),
    "preview": (f"/console/preview/{ENTRY}", 1300),
    "content": (f"/console/content?{DAYS}", 1600),
    "emergency": ("/console/emergency", 900),
    "calendar": ("/console/calendar?month=2026-12", 1300),
    "downloads": (f"/console/downloads?{DAYS}", 1400),
    "tuning": (f"/console/tuning/{MONTH}", 1600),
}
"""File name → (address, pixels from the top of the page)."""


def main() -> None:
    """Write all pictures."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        _command(data, "demo", "--month", MONTH, "--into", str(data))
        _command(data, "tune", MONTH)
        _command(data, "report", MONTH, "--out", str(Path(folder) / "report"))
        _paper(next((Path(folder) / "report").rglob("*.pdf")))
        add_account(data, "hanako", "editor")
        service = Service(data)
        service.start()
        try:
            _ask(service.url)
            _pages(service.url)
        finally:
            service.stop()
    for picture in sorted(OUT.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {_smaller(picture) // 1000} kB")  # noqa: T201 - this is what it is for


def _command(data: Path, *words: str) -> None:
    environment = {**os.environ, "MADOGUCHI_DATA": str(data)}
    subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, env=environment, check=True)


def _ask(url: str) -> None:
    """Something to see on the page of today."""
    with httpx.Client(base_url=f"{url}/api/v1", headers={"Origin": url}) as door:
        for number, questions in enumerate(ASKED):
            talk = door.post("/conversations", json={"lang": "ja", "page": "/zei/"}).json()["conversation"]
            for question in questions:
                reply = door.post(f"/conversations/{talk}/messages", json={"message": question}).json()["reply"]
            if answers := reply["answers"]:
                rating = {"entry": answers[0]["id"], "helpful": number % 2 == 0}
                reason = {} if number % 2 == 0 else {"reason": "期限の日付が知りたかった"}
                door.post(f"/conversations/{talk}/ratings", json=rating | reason)


def _pages(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(
            viewport={"width": WIDTH, "height": 800}, locale="ja-JP", timezone_id="Asia/Tokyo", base_url=url
        )
        page.goto("/console/sign-in")
        page.get_by_label("名前").fill("hanako")
        page.get_by_label("パスワード", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="サインイン").click()
        page.wait_for_url("**/console/")
        page.wait_for_timeout(2_000)  # for the events of the questions to be written
        for name, (address, height) in ADDRESSES.items():
            answer = page.goto(address)
            if not (answer and answer.ok):
                raise SystemExit(f"{address} を開けません（{answer.status if answer else '返事なし'}）")
            _take(page, name, height)
        for name, height, way in (
            ("conversation", 1100, _conversation), ("question", 1700, _question), ("emergency-confirm", 700, _confirm),
        ):  # fmt: skip
            way(page)
            _take(page, name, height)
        browser.close()


def _conversation(page: Page) -> None:
    page.goto(f"/console/conversations?{DAYS}&words=控え")
    page.get_by_role("row").nth(1).get_by_role("link").click()


def _question(page: Page) -> None:
    page.goto("/console/question")
    page.get_by_label("質問").fill("車を売ったのに納税通知書が来た")
    page.get_by_role("button", name="ためす").click()


def _confirm(page: Page) -> None:
    page.goto("/console/emergency")
    page.get_by_label("理由").fill("台風のため臨時に休業")
    page.get_by_role("button", name="確認へ進む").click()


def _take(page: Page, name: str, height: int) -> None:
    page.wait_for_load_state()
    page.set_viewport_size({"width": WIDTH, "height": 200})
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": WIDTH, "height": min(height, whole)})
    page.screenshot(path=OUT / f"{name}.png")


def _paper(pdf: Path) -> None:
    """The first page of the report."""
    command = ["pdftoppm", "-png", "-singlefile", "-scale-to-x", str(WIDTH), "-scale-to-y", "-1", str(pdf)]
    subprocess.run([*command, str(OUT / "report-summary")], check=True)


def _smaller(picture: Path) -> int:
    """With a palette, where ImageMagick is installed; the size of the file."""
    convert = shutil.which("convert")
    for colours in (128, 32, 16):
        if convert and (picture.stat().st_size > MOST_BYTES or colours == 128):
            subprocess.run([convert, picture, "+dither", "-colors", str(colours), f"PNG8:{picture}"], check=True)
    return picture.stat().st_size


if __name__ == "__main__":
    main()
