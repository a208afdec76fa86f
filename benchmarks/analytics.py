"""How long figures take of a month of 1,000,000 events on SQLite: the report, every page of the console, and tuning.

    python -m benchmarks.analytics [report] [pages] [tuning]     # without words: all of them, three minutes

Each is the command, or the server, that a person starts. The month is made by `benchmarks.bulk_month`.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import sqlalchemy as sa
from fastapi.routing import APIRoute

from benchmarks import RESULTS, keep
from benchmarks.bulk_month import fill, fill_days
from bot import assemble
from bot.analytics.archive import Archive
from bot.analytics.period import Period
from bot.assemble_console import console_door
from bot.database.tables import events as table
from bot.dialogue.office_hours import TOKYO
from bot.settings import Settings

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from served import Server
from staffed import CSRF, PASSWORD, add_account

EVENTS, QUESTIONS = 1_000_000, 100_000
EVENTS_OF_QUESTIONS = 382_000  # hold so many questions
TIMES = 7
LINK = re.compile(r'(?:href|src|data-from)="(/console/[^"#]*)"')
FILES = ("/static/", "/downloads/", "/sound.wav", "/sign-")  # what is no page

Figures = dict[str, object]


def main() -> None:
    """Measure what is named and keep it beside what was measured before."""
    file = RESULTS / "analytics.json"
    figures: Figures = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    wanted = sys.argv[1:] or ["report", "pages", "tuning"]
    month = Period.month(dt.datetime.now(TOKYO).date()).before
    if {"report", "pages"} & {*wanted}:
        with TemporaryDirectory() as scratch:
            figures |= _of_a_big_month(Path(scratch), month, wanted)
    if "tuning" in wanted:
        with TemporaryDirectory() as scratch:
            figures["tuning"] = _tuning(Path(scratch), month)
    keep("analytics", figures)


def _of_a_big_month(data: Path, month: Period, wanted: Iterable[str]) -> Figures:
    now = dt.datetime.now(TOKYO)
    lately = [now.date() - dt.timedelta(days=1), now.date()]
    with assemble.database(Settings(data=data)) as database:
        written = fill(database, EVENTS, f"{month.first:%Y-%m}")
        fill_days(database, lately, EVENTS // 15, seed=8, until=now)  # what is counted live
        reported = {"events": written, **_report(data, month), **_beside_sql(database, month)}
    return {
        **({"report": reported} if "report" in wanted else {}),
        **({"pages": _pages(data, month)} if "pages" in wanted else {}),
    }


# -- commands --------------------------------------------------------------------------------------------------------


def _report(data: Path, month: Period) -> Figures:
    """The first report counts the month, the second finds it counted."""
    words = ["report", f"{month.first:%Y-%m}", "--out", str(data / "report")]
    first, again = _run(data, words), _run(data, words)
    return {"load": _load(), "first": first, "again": again}


def _beside_sql(database: sa.Engine, month: Period) -> Figures:
    """All figures of the month from what is kept by day, beside a plain count of the events by day and name."""
    within = table.c.day.between(month.first.isoformat(), month.last.isoformat())
    count = sa.select(table.c.day, table.c.name, sa.func.count()).where(within).group_by(table.c.day, table.c.name)

    def by_sql() -> None:
        with database.connect() as connection:
            connection.execute(count).all()

    kept, plain = _median_ms(lambda: Archive(database).of(month)), _median_ms(by_sql)
    return {"figures_ms": kept, "plain_sql_count_ms": plain, "sql_to_figures": round(plain / kept)}


def _tuning(data: Path, month: Period) -> Figures:
    with assemble.database(Settings(data=data)) as database:
        fill(database, EVENTS_OF_QUESTIONS, f"{month.first:%Y-%m}")
        asked = sa.select(sa.func.count()).where(table.c.name == "question_asked")
        with database.connect() as connection:
            questions: int = connection.execute(asked).scalar_one()
    return {"load": _load(), "questions": questions, **_run(data, ["tune", f"{month.first:%Y-%m}"])}


def _run(data: Path, words: list[str]) -> Figures:
    """Run a command of `madoguchi`: seconds, and the most memory it had."""
    began, most = time.perf_counter(), 0
    environment = {**os.environ, "MADOGUCHI_DATA": str(data), "MADOGUCHI_DATABASE": ""}
    command = [sys.executable, "-m", "bot", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            most = max([most, *(int(kb) for kb in re.findall(r"VmHWM:\s+(\d+)", status))])
            time.sleep(0.01)
    if process.returncode:
        sys.exit(f"madoguchi {' '.join(words)}: {process.returncode}")
    return {"seconds": round(time.perf_counter() - began, 1), "most_mb": most // 1024}


# -- pages -----------------------------------------------------------------------------------------------------------


def _pages(data: Path, month: Period) -> Figures:
    """Milliseconds until each page is there, over HTTP: as it opens by itself, and for the whole month."""
    routes = _routes(data)
    add_account(data, "bench", "admin")
    server = Server(data, watch="false")
    try:
        _sign_in(server.client)
        found = _addresses(server.client, routes, f"?month={month.first:%Y-%m}")
        first = {address: _median_ms(lambda at=address: _open(server.client, at), 1) for address in found}
        usual = {address: _median_ms(lambda at=address: _open(server.client, at)) for address in found}
    finally:
        server.stop()
    opened = {route.path for route in routes if any(route.path_regex.fullmatch(_path(a)) for a in found)}
    slowest = sorted(usual, key=lambda address: -usual[address])[:10]
    return {
        "load": _load(), "routes": len(routes), "not_opened": sorted({r.path for r in routes} - opened),
        "addresses": len(found), "median_ms": round(statistics.median(usual.values()), 1),
        "most_ms": max(usual.values()), "most_at_first_ms": max(first.values()),
        "slowest_ms": {address: [usual[address], first[address]] for address in slowest},
    }  # fmt: skip


def _routes(data: Path) -> list[APIRoute]:
    """Every page of the console that is opened by GET."""
    settings = Settings(data=data, watch=False)
    publisher = assemble.publisher(settings)
    publisher.publish()
    with assemble.desk(settings, publisher) as desk, console_door(settings, desk) as door:
        every = [route for route in door.router.routes if isinstance(route, APIRoute) and "GET" in route.methods]
    return [
        route
        for route in every
        if not any(part in route.path for part in FILES) and "{path" not in route.path and route.path != "/console"
    ]


def _addresses(client: httpx.Client, routes: list[APIRoute], month: str) -> list[str]:
    """An address for each page, found as people find it: by its links, from the first page on."""
    found = {route.path: route.path for route in routes if "{" not in route.path}
    waiting = list(found.values())
    while waiting:
        page = _open(client, waiting.pop(0) + month).text
        for link in map(html.unescape, LINK.findall(page)):
            route = next((route for route in routes if route.path_regex.fullmatch(_path(link))), None)
            if route and route.path not in found:
                found[route.path] = _path(link)
                waiting.append(_path(link))
    return [f"{address}{query}" for address in found.values() for query in ("", month)]


def _open(client: httpx.Client, address: str) -> httpx.Response:
    answer = client.get(address)
    if not answer.is_success:
        sys.exit(f"{address}: {answer.status_code}")
    return answer


def _sign_in(client: httpx.Client) -> None:
    token = CSRF.search(client.get("/console/sign-in").text)
    assert token
    done = client.post("/console/sign-in", data={"csrf": token[1], "name": "bench", "password": PASSWORD})
    assert done.status_code == 303, done.text


def _path(address: str) -> str:
    return address.split("?", maxsplit=1)[0]


# -- parts -----------------------------------------------------------------------------------------------------------


def _median_ms(action: Callable[[], object], times: int = TIMES) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return round(statistics.median(seconds) * 1000, 1)


def _load() -> float:
    return round(os.getloadavg()[0], 1)


if __name__ == "__main__":
    main()
