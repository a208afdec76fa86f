"""The command `report`: what a month, its weeks or its days came to, as Excel, HTML and PDF."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from bot.analytics.period import TOKYO, YEARS, Period, Span
from bot.cli.app import app, database_of, knowledge_of, read_month, read_settings, stop
from bot.dialogue.published import ORIGINAL

if TYPE_CHECKING:
    from bot.analytics.archive import Archive
    from bot.report.model import Report

Step = TypeVar("Step")


@app.command()
def report(
    when: Annotated[str, typer.Argument(metavar="月か日", help="2026-10 の形。1日・1週だけなら 2026-10-05 の形")],
    out: Annotated[Path, typer.Option(help="書き出すフォルダー（なければ作る）")],
    daily: Annotated[bool, typer.Option("--daily", help="日次。月を書けば、その月の終わった日の全部")] = False,
    weekly: Annotated[bool, typer.Option("--weekly", help="週次。月を書けば、その月に始まり終わった週の全部")] = False,
) -> None:
    """月次・週次・日次の報告を、Excel・HTML・PDF で書き出す。

    例: madoguchi report 2026-10 --out 報告　／　madoguchi report 2026-10-05 --daily --out 報告
    """
    now = dt.datetime.now(TOKYO)
    if daily and weekly:
        stop("--daily と --weekly は、どちらか1つだけ書いてください。")
    periods = _periods(when, Span.DAY if daily else Span.WEEK if weekly else Span.MONTH, now.date())
    _folder(out)
    _write_all(periods, out, now)


def _periods(when: str, span: Span, today: dt.date) -> list[Period]:
    """What to report; ends the program where nothing can be."""
    make = {Span.DAY: Period.day, Span.WEEK: Period.week}.get(span)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", when) and make:
        found = [make(_date(when))]
    else:
        month = _month(when, span)
        found = [month] if make is None else [
            period for day in month
            if (period := make(day)).first == day and not period.unfinished(today)
        ]  # fmt: skip
        if not found and not month.ahead(today):
            what = "日" if span is Span.DAY else "週"
            stop(f"{month.title}に、終わった{what}はまだありません。2026-10-05 の形で日を書けば、途中の分を作れます。")
    if not found or found[0].ahead(today):
        stop(f"{when} は、まだ始まっていません。今日（{Period.day(today).title}）までを書いてください。")
    return found


def _date(text: str) -> dt.date:
    with suppress(ValueError):
        if (day := dt.date.fromisoformat(text)).year in YEARS:
            return day
    stop(f"「{text}」という日はありません。2026-10-05 の形で書いてください。")


def _month(text: str, span: Span) -> Period:
    if span is Span.MONTH and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        stop(f"月次の報告は、{text[:7]} のように月を書いてください。1日・1週だけなら --daily・--weekly を付けます。")
    return read_month(text)


def _folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".madoguchi-report"
        probe.touch()
        probe.unlink()
    except OSError as error:
        stop(
            f"フォルダー「{out}」に書けません（{error.strerror}）。ほかのフォルダーにするか、書く権限を確かめてください。"
        )


def _write_all(periods: list[Period], out: Path, now: dt.datetime) -> None:
    from bot.analytics.archive import Archive
    from bot.report.contents import collect
    from bot.report.model import file_stem

    settings = read_settings()
    knowledge = knowledge_of(settings.root)[ORIGINAL]
    told: list[str] = []
    with database_of(settings) as database:
        archive = Archive(database)
        _count_first(archive, periods)
        for period in _progress(periods, "書き出し"):
            made = collect(archive, period, knowledge, now)
            told += _write(made, out / f"report-{file_stem(period)}")
    for line in dict.fromkeys(told):
        typer.echo(line)


def _count_first(archive: Archive, periods: list[Period]) -> None:
    """Count the days one by one, so that there is something to see on the way."""
    days = sorted({day for period in periods for wanted in (period.before, period) for day in wanted})
    for day in _progress(days, "集計"):
        archive.days(Period.day(day))


def _progress(steps: list[Step], what: str) -> Iterable[Step]:
    console = Console(stderr=True)
    return track(steps, what, console=console, transient=True, disable=not console.is_terminal)


def _write(made: Report, stem: Path) -> list[str]:
    """Write the three files; what to say of it."""
    from bot.report import excel, html, pdf
    from bot.report.contents import NO_RECORDS

    told = []
    for form, write in {"xlsx": excel.write, "html": html.write, "pdf": pdf.write}.items():
        file = stem.with_name(f"{stem.name}.{form}")
        try:
            write(made, file)
        except pdf.TypesetterMissing as error:
            told.append(f"{error}Excel と HTML は書きました。")
            continue
        told.append(f"{file} を書きました。")
    told += [f"{made.period}：{mark}" for mark in made.marks]
    if NO_RECORDS in made.marks:
        told.append(
            "記録があるはずなら、MADOGUCHI_DATA と MADOGUCHI_DATABASE が、窓口を動かす設定と同じか確かめてください。"
        )
    return told
