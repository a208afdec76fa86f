"""資料: the monthly report, and every table as CSV or Excel. Whoever takes something away stands in the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from bot.analytics.period import TOKYO, Period
from bot.analytics.talks import Search
from bot.console import listed, states
from bot.console.asked import EARLIEST, Stretch, chosen, presets
from bot.console.context import ConsoleContext
from bot.console.counted import Counts
from bot.console.frame import Frame, Member, audit, member
from bot.console.making import MakingFailed, Workshop
from bot.console.panels import TABLES
from bot.console.table import CSV_TYPE, EXCEL_TYPE, Table, as_csv, as_workbook

MONTHS = 13  # offered at once
WAIT_SECS = 2.0
FORMATS = {"xlsx": ("Excel", EXCEL_TYPE), "html": ("HTML", "text/html"), "pdf": ("PDF", "application/pdf")}
EVERYTHING = "everything"
FAILED = "報告を作れませんでした。わけは記録（ログ）にあります。運用担当に伝えてください。"


@dataclass(frozen=True)
class Offer:
    """Something to take away: `name` is that of its file."""

    name: str
    title: str
    holds: str


COUNTS = (
    Offer("figures", "期間ごとの数字", "すべての数字。日・週・月ごとに1行"),
    Offer("day-hours", "日と時間ごとの数", "質問と電話を、1時間ごとに"),
    Offer("course", "質問と返事", "答えた・候補・答えなし"),
    Offer("topics", "話題ごとの答え", "11の話題"),
    Offer("categories", "対応分類ごとの答え", "13の対応分類"),
    Offer("entries", "FAQごとの数字", "すべてのFAQの回数、評価、確認した日"),
    Offer("languages", "言語", "会話と質問"),
    Offer("devices", "利用した機器", "会話の数"),
    Offer("doors", "入口", "会話の数"),
    Offer("pages", "チャットを開いたページ", "会話の数"),
    Offer("calls", "電話", "着信、受付時間内と時間外"),
    Offer("call-topics", "電話の話題", "選ばれた数と、最後まで聞かれた数"),
    Offer("situations", "電話に出た案内", "受付時間内、時間外、緊急など"),
)
LISTS = (
    Offer("unanswered", "答えのなかった質問", "利用者の言葉（個人情報は隠してあります）と回数"),
    Offer("ratings", "評価", "役に立った・立たなかった、とその理由"),
    Offer("conversations", "会話の一覧", "始まり、入口、言語、結果、はじめの言葉"),
    Offer("call-list", "電話の一覧", "始まり、入口、結果"),
)
TALKS = {"conversations": ("widget", "rasa"), "call-list": ("sip", "twiml")}


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/downloads`, its files, and the reports below `/downloads/report/`."""
    pages = frame.router()
    workshop = Workshop(context.data / "console" / "reports", context.desk.clock)
    files = Files(context)

    @pages.get("/downloads")
    def downloads(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        today = context.desk.clock().astimezone(TOKYO).date()
        stretch = chosen(request.query_params, today, "month")
        return frame.page(
            request, "downloads.html", stretch=stretch, presets=presets(today), counts=COUNTS, lists=LISTS,
            months=_months(today), formats=FORMATS, everything=EVERYTHING, most=listed.MOST,
            synthetic=context.archive.synthetic(stretch.period),
        )  # fmt: skip

    @pages.get("/downloads/report/{name}")
    def report(name: str, request: Request, _: Annotated[Member, Depends(member())]) -> Response:
        month, kind = _report_of(name, context.desk.clock().astimezone(TOKYO).date())
        try:
            wait = 0 if "ready" in request.query_params else WAIT_SECS
            file = workshop.file(name, lambda at: files.report(month, kind, at), wait)
        except MakingFailed:
            raise HTTPException(500, FAILED) from None
        if "ready" in request.query_params:  # the page that waits asks whether it may fetch it
            return Response(status_code=204 if file else 202)
        if file is None:
            return frame.page(request, "making.html", status=202, name=name, month=month, format=FORMATS[kind][0])
        audit(request, "download", name)
        return FileResponse(file, media_type=FORMATS[kind][1], filename=f"月次報告_{name}")

    @pages.get("/downloads/{name}.{kind}")
    def table(name: str, kind: str, request: Request, _: Annotated[Member, Depends(member())]) -> Response:
        now = context.desk.clock().astimezone(TOKYO)
        stretch = chosen(request.query_params, now.date(), "month")
        found = files.tables(name, stretch) if kind in {"csv", "xlsx"} else []
        if not found or (kind == "csv" and len(found) > 1):
            raise HTTPException(404, "この資料はありません。資料の画面から選んでください。")
        first, last = stretch.period.first, stretch.period.last
        audit(request, "download", f"{name}.{kind} {first}〜{last}")
        body = b"".join(as_csv(found[0])) if kind == "csv" else as_workbook(found, now)
        title = found[0].title if len(found) == 1 else "すべての表"
        return _attached(body, CSV_TYPE if kind == "csv" else EXCEL_TYPE, f"{title}_{first}_{last}.{kind}")

    return pages


class Files:
    """Makes what can be taken away."""

    def __init__(self, context: ConsoleContext) -> None:
        self._context, self._archive = context, context.archive

    def tables(self, name: str, stretch: Stretch) -> list[Table]:
        """The table of a name, all of them for `everything`; none for a name that there isn't."""
        if name == EVERYTHING:
            return [table for offer in (*COUNTS, *LISTS) for table in self.tables(offer.name, stretch)]
        made = self._table(name, stretch)
        return [self._labelled(made, stretch)] if made else []

    def report(self, month: Period, kind: str, file: Path) -> None:
        """Write the monthly report. Raises what `bot.report` raises."""
        from bot.report import contents, page, paper, workbook  # noqa: PLC0415 - typst is heavy, and optional

        now, knowledge = self._context.desk.clock(), self._context.desk.published.engine.knowledge
        write = {"xlsx": workbook.write, "html": page.write, "pdf": paper.write}[kind]
        write(contents.collect(self._archive, month, knowledge, now), file)

    def _table(self, name: str, stretch: Stretch) -> Table | None:
        published = self._context.desk.published
        knowledge, period = published.engine.knowledge, stretch.period
        if name in TABLES or name == "entries":
            counts = Counts(stretch, self._archive.days(period), knowledge)
            if name == "entries":
                return listed.entries(counts.whole, knowledge, states.untranslated(published))
            return TABLES[name](counts)
        makers: dict[str, Callable[[], Table]] = {
            "unanswered": lambda: listed.unanswered(self._archive, period),
            "ratings": lambda: listed.ratings(self._archive, period, knowledge),
            "conversations": lambda: self._talks("conversations", "会話の一覧", period),
            "call-list": lambda: self._talks("call-list", "電話の一覧", period),
        }
        return makers[name]() if name in makers else None

    def _talks(self, name: str, title: str, period: Period) -> Table:
        searches = [Search(first=period.first, last=period.last, door=door) for door in TALKS[name]]
        return listed.talks(self._archive, searches, title)

    def _labelled(self, table: Table, stretch: Stretch) -> Table:
        """With what must be known of its period."""
        synthetic = self._archive.synthetic(stretch.period)
        notes = ["合成データ（架空の利用）を含みます。実際の利用ではありません。"] if synthetic else []
        span = f"期間: {stretch.period.first}〜{stretch.period.last}"
        return Table(table.title, table.columns, table.rows, (span, *notes, *stretch.notes, *table.notes))


def _months(today: dt.date) -> list[tuple[Period, bool]]:
    """The latest months, newest first, and whether each is over."""
    found = [Period.month(today)]
    while len(found) < MONTHS:
        found.append(found[-1].before)
    return [(month, not month.unfinished(today)) for month in found]


def _report_of(name: str, today: dt.date) -> tuple[Period, str]:
    """2026-10.xlsx. Raises HTTPException."""
    month, _, kind = name.partition(".")
    try:
        period = Period.read_month(month)
    except ValueError:
        period = None
    if period is None or kind not in FORMATS or period.first < EARLIEST or period.ahead(today):
        raise HTTPException(404, "この報告はありません。始まっている月の、Excel・HTML・PDF を選んでください。")
    return period, kind


def _attached(body: bytes, media_type: str, name: str) -> Response:
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
