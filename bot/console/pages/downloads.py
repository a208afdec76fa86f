"""資料: the reports, and every table as CSV, Excel or picture. Whoever takes something away stands in the audit log."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from bot.analytics.period import TOKYO, Period, Span
from bot.console.context import ConsoleContext
from bot.console.counts import Counts
from bot.console.files import MOST, Make, MakingFailed, Tables, Workshop
from bot.console.frame import Frame, Member, audit, member
from bot.console.panels import DRAWN, panel
from bot.console.query import EARLIEST, UNITS, ChosenPeriod, chosen_period
from bot.console.tables import CSV_TYPE, EXCEL_TYPE, as_csv, as_workbook
from bot.report.model import file_stem

MONTHS = 13  # offered at once
WAIT_SECS = 2.0
FORMATS = {"xlsx": ("Excel", EXCEL_TYPE), "html": ("HTML", "text/html"), "pdf": ("PDF", "application/pdf")}
KINDS = {Span.MONTH: "月次報告", Span.WEEK: "週次報告", Span.DAY: "日次報告"}
EVERYTHING = "everything"
FAILED = "資料を作れませんでした。わけは記録（ログ）にあります。運用担当に伝えてください。"
NO_REPORT = "この報告はありません。始まっている月・週・日の、Excel・HTML・PDF を選んでください。"
NO_FILE = "この資料はありません。資料の画面から選んでください。"
_REPORT = re.compile(r"(\d{4}-\d\d)(-\d\d)?(-week)?\.(xlsx|html|pdf)", re.ASCII)


@dataclass(frozen=True)
class Offer:
    """Something to take away: `name` is that of its file."""

    name: str
    title: str
    holds: str


COUNTS = (
    Offer("figures", "期間ごとの数字", "すべての数字。選んだまとめ方で、日・週・月ごとに1行"),
    Offer("day-hours", "日と時間ごとの数", "質問と電話を、1時間ごとに"),
    Offer("questions", "質問と返事", "質問、答えた、候補を出した、答えられなかった"),
    Offer("rates", "割合の推移", "回答率、候補の率、無回答率、解決率"),
    Offer("hours", "曜日と時間ごとの質問", "曜日と時間の表"),
    Offer("topics", "話題ごとの答え", "11の話題"),
    Offer("categories", "対応分類ごとの答え", "13の対応分類"),
    Offer("entries", "FAQごとの数字", "すべてのFAQの回数、評価、確認した日"),
    Offer("languages", "言語", "会話と質問"),
    Offer("devices", "利用した機器", "会話の数"),
    Offer("doors", "入口", "会話の数"),
    Offer("pages", "チャットを開いたページ", "会話の数"),
    Offer("calls", "電話", "着信総数、開庁時間内、時間外、5秒以内、人につないだ数"),
    Offer("call-hours", "曜日と時間ごとの電話", "曜日と時間の表"),
    Offer("call-topics", "電話の話題", "選ばれた数と、最後まで聞かれた数"),
    Offer("situations", "電話を受けたときの状態", "開庁時間内、時間外、緊急案内など"),
)
LISTS = (
    Offer("unanswered", "答えられなかった質問", "利用者の言葉（個人情報は隠してあります）と回数"),
    Offer("ratings", "評価", "役に立った・役に立たなかった、とその理由"),
    Offer("conversations", "会話の一覧", "始まり、入口、言語、結果、はじめの言葉"),
    Offer("call-list", "電話の一覧", "始まり、入口、結果"),
)
TITLES = {offer.name: offer.title for offer in (*COUNTS, *LISTS)} | {EVERYTHING: "すべての表"}
TYPES = {"csv": CSV_TYPE, "xlsx": EXCEL_TYPE, "svg": "image/svg+xml"}


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/downloads`, its files, and the reports below `/downloads/report/`."""
    pages = frame.router()
    workshop = Workshop(context.data / "console" / "made", context.desk.clock)
    tables = Tables(context)

    @pages.get("/downloads")
    def downloads(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = _today(context)
        chosen = chosen_period(request.query_params, today, "month")
        return frame.page(
            request, "downloads.html", chosen=chosen, units=UNITS, counts=COUNTS, lists=LISTS, months=_months(today),
            formats=FORMATS, everything=EVERYTHING, most=MOST, kind=KINDS.get(chosen.period.span, ""),
            report=file_stem(chosen.period), begun=not chosen.period.ahead(today),
            synthetic=context.archive.synthetic(chosen.period),
        )  # fmt: skip

    @pages.get("/downloads/report/{name}")
    def report(name: str, request: Request, _: Annotated[Member, Depends(member())]) -> Response:
        period, kind = _report_of(name, _today(context))
        title = KINDS[period.span]
        file = fetched(request, name, lambda at: _write_report(context, period, kind, at))
        if not isinstance(file, Path):
            return file or making(request, f"{period.title}の{title}")
        audit(request, "download", f"{title} {name}")
        return FileResponse(file, media_type=FORMATS[kind][1], filename=f"{title}_{name}")

    @pages.get("/downloads/{name}.{kind}")
    def table(name: str, kind: str, request: Request, _: Annotated[Member, Depends(member())]) -> Response:
        if not _offered(name, kind):
            raise HTTPException(404, NO_FILE)
        chosen = chosen_period(request.query_params, _today(context), "month")
        first, last = chosen.period.first, chosen.period.last
        job = f"{name}_{first}_{last}_{chosen.unit}.{kind}"
        file = fetched(request, job, lambda at: _write_tables(context, tables, (name, kind), chosen, at))
        if isinstance(file, Response):
            return file
        body = workshop.take(job) if file else None  # the next one is made anew: figures of a running day change
        if body is None:
            return making(request, TITLES[name])
        audit(request, "download", f"{name}.{kind} {first}〜{last}")
        return _attached(body, TYPES[kind], f"{TITLES[name]}_{first}_{last}.{kind}")

    def fetched(request: Request, job: str, make: Make) -> Path | Response | None:
        """The file; None while it is being made; for the page that waits, whether it may fetch it."""
        asks = "ready" in request.query_params
        try:
            file = workshop.file(job, make, 0 if asks else WAIT_SECS)
        except MakingFailed:
            raise HTTPException(500, FAILED) from None
        return Response(status_code=204 if file else 202) if asks else file

    def making(request: Request, title: str) -> Response:
        here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return frame.page(request, "making.html", status=202, title=title, here=here)

    return pages


def _offered(name: str, kind: str) -> bool:
    if kind == "svg":
        return name in DRAWN
    return name in TITLES and (kind == "xlsx" or (kind == "csv" and name != EVERYTHING))


def _write_tables(
    context: ConsoleContext, tables: Tables, what: tuple[str, str], chosen: ChosenPeriod, file: Path
) -> None:
    """Write a table, or all of them. `what`: its name and the format."""
    name, kind = what
    if kind == "svg":
        counts = Counts(chosen, context.archive.days(chosen.period), context.desk.published.engine.knowledge)
        file.write_text(panel(name, counts).chart, encoding="utf-8")
        return
    names = [each for each in TITLES if each != EVERYTHING] if name == EVERYTHING else [name]
    found = [tables.table(each, chosen) for each in names]
    file.write_bytes(b"".join(as_csv(found[0])) if kind == "csv" else as_workbook(found, context.desk.clock()))


def _write_report(context: ConsoleContext, period: Period, kind: str, file: Path) -> None:
    """Raises what `bot.report` raises."""
    from bot.report import contents, excel, html, pdf  # noqa: PLC0415 - typst is heavy, and optional

    now, knowledge = context.desk.clock(), context.desk.published.engine.knowledge
    write = {"xlsx": excel.write, "html": html.write, "pdf": pdf.write}[kind]
    write(contents.collect(context.archive, period, knowledge, now), file)


def _today(context: ConsoleContext) -> dt.date:
    return context.desk.clock().astimezone(TOKYO).date()


def _months(today: dt.date) -> list[tuple[Period, bool]]:
    """The latest months, newest first, and whether each is over."""
    found = [Period.month(today)]
    while len(found) < MONTHS:
        found.append(found[-1].before)
    return [(month, not month.unfinished(today)) for month in found]


def _report_of(name: str, today: dt.date) -> tuple[Period, str]:
    """2026-10.xlsx → October, xlsx. Raises HTTPException."""
    found = _REPORT.fullmatch(name)
    try:
        month, day, week, kind = found.groups() if found else ("", "", "", "")
        date = dt.date.fromisoformat(f"{month}{day or '-01'}")
    except ValueError:
        raise HTTPException(404, NO_REPORT) from None
    period = Period.week(date) if week and day else Period.day(date) if day else Period.month(date)
    if period.first < EARLIEST or period.ahead(today) or f"{file_stem(period)}.{kind}" != name:
        raise HTTPException(404, NO_REPORT)
    return period, kind


def _attached(body: bytes, media_type: str, name: str) -> Response:
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
