"""The command `report`: what a month, its weeks or its days came to, as Excel, HTML and PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from bot import assemble
from bot.analytics.period import TOKYO, Period, Span
from bot.cli.app import app, knowledge_of, read_settings, stop
from bot.dialogue.published import ORIGINAL

if TYPE_CHECKING:
    from bot.analytics.archive import Archive
    from bot.report.model import Report

FORMS = ("xlsx", "html", "pdf")
Step = TypeVar("Step")


@app.command()
def report(
    month: Annotated[str, typer.Argument(help="2026-10 の形")],
    out: Annotated[Path, typer.Option(help="書き出すフォルダー")],
    daily: Annotated[bool, typer.Option("--daily", help="日ごとに（その月の、終わった日の全部）")] = False,
    weekly: Annotated[bool, typer.Option("--weekly", help="週ごとに（その月に始まり、終わった週の全部）")] = False,
    date: Annotated[str | None, typer.Option(help="--daily・--weekly を、この日（2026-10-05）の分だけ")] = None,
) -> None:
    """1か月（か、週・日）の報告を、Excel・HTML・PDF で書き出す。"""
    now = dt.datetime.now(TOKYO)
    periods = _periods(_month(month), daily, weekly, date, now.date())
    _folder(out)
    from sqlalchemy.exc import SQLAlchemyError

    try:
        written = _write_all(periods, out, now)
    except SQLAlchemyError as error:
        stop(
            f"記録のデータベースを読めません（{type(error).__name__}）。"
            "MADOGUCHI_DATABASE と MADOGUCHI_DATA、データベースが動いているかを確かめてください。"
        )
    for file in written:
        typer.echo(f"{file} を書きました。")


def _month(text: str) -> Period:
    with suppress(ValueError):
        if len(text) == len("2026-10"):
            return Period.read_month(text)
    stop(f"「{text}」を月として読めません。2026-10 の形で書いてください。")


def _periods(month: Period, daily: bool, weekly: bool, date: str | None, today: dt.date) -> list[Period]:
    """What to report; ends the program where nothing can be."""
    if daily and weekly:
        stop("--daily と --weekly は、どちらか1つだけ書いてください。")
    if not (daily or weekly):
        if date:
            stop("--date は、--daily か --weekly といっしょに書いてください。")
        found = [month]
    elif date:
        found = [Period.day(_day(date, month)) if daily else Period.week(_day(date, month))]
    elif daily:
        found = [Period.day(day) for day in month if day < today]
    else:
        found = [Period.week(day) for day in month if day.weekday() == 0 and not Period.week(day).unfinished(today)]
    if month.ahead(today):
        stop(f"{month.title}は、まだ始まっていません。今日（{Period.day(today).title}）までの月を書いてください。")
    if not found:
        what = "日" if daily else "週"
        stop(f"{month.title}に、終わった{what}はまだありません。--date で日を書けば、途中の分を作れます。")
    return found


def _day(text: str, month: Period) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        stop(f"「{text}」を日として読めません。2026-10-05 の形で書いてください。")
    if day not in month:
        stop(f"{text} は、{month.title}の日ではありません。")
    return day


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


def _write_all(periods: list[Period], out: Path, now: dt.datetime) -> list[Path]:
    from bot.analytics.archive import Archive
    from bot.report.contents import collect
    from bot.report.model import ReportError

    settings = read_settings()
    knowledge = knowledge_of(settings.root)[ORIGINAL]
    database = assemble.database(settings)
    written: list[Path] = []
    try:
        archive = Archive(database)
        _count_first(archive, periods)
        for period in _progress(periods, "書き出し"):
            written += _write(collect(archive, period, knowledge, now), out / f"report-{name_of(period)}")
    except ReportError as error:
        stop(str(error))
    finally:
        database.dispose()
    return written


def _count_first(archive: Archive, periods: list[Period]) -> None:
    """Count the days one by one, so that there is something to see on the way."""
    days = sorted({day for period in periods for wanted in (period.before, period) for day in wanted})
    for day in _progress(days, "集計"):
        archive.days(Period.day(day))


def _progress(steps: list[Step], what: str) -> Iterable[Step]:
    console = Console(stderr=True)
    return track(steps, what, console=console, transient=True, disable=not console.is_terminal)


def name_of(period: Period) -> str:
    """2026-10, 2026-10-05 for a day, 2026-10-05-week: names that every operating system keeps."""
    if period.span is Span.MONTH:
        return f"{period.first:%Y-%m}"
    return f"{period.first}-week" if period.span is Span.WEEK else f"{period.first}"


def _write(made: Report, stem: Path) -> list[Path]:
    from bot.report import excel, html, pdf

    written = []
    for form, write in zip(FORMS, (excel.write, html.write, pdf.write), strict=True):
        file = stem.with_name(f"{stem.name}.{form}")
        try:
            write(made, file)
        except pdf.TypesetterMissing as error:
            typer.echo(f"{error}ほかの2つは書きました。", err=True)
            continue
        written.append(file)
    return written
