"""The command `demo`: a synthetic month, so that report, console and tuning can be tried at once."""

from __future__ import annotations

import datetime as dt
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot import assemble
from bot.analytics.period import TOKYO, Period
from bot.cli.app import app, read_settings, refuse, stop, telephone_installed

if TYPE_CHECKING:
    from bot.assemble_demo import Ask, Phones
    from bot.settings import Settings

SEED = 20260601
NEXT = """これは合成データ（架空の利用）です。画面にも月報にも、そう書かれます。次をためしてください。
  月報　　　{env}madoguchi report {month} --out report
  改善　　　{env}madoguchi tune {month}
  画面　　　{env}madoguchi staff add 名前 --role admin　のあと　{env}madoguchi serve　→ http://127.0.0.1:8000/console/
  消すとき　madoguchi demo --month {month} --remove{into}"""


@app.command()
def demo(
    month: Annotated[str | None, typer.Option(help="つくる月。2026-05 の形（なければ、いちばん近い過ぎた5月）")] = None,
    conversations: Annotated[int, typer.Option(min=0, max=100_000, help="チャットの会話の数")] = 1_500,
    calls: Annotated[int, typer.Option(min=0, max=100_000, help="電話の数")] = 400,
    seed: Annotated[int, typer.Option(help="同じ数なら、同じ1か月になる")] = SEED,
    into: Annotated[Path | None, typer.Option(help="記録を別のフォルダーに置く（本番の記録と混ぜない）")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="その月の合成データを消すだけ")] = False,
) -> None:
    """架空の利用者による1か月をつくる（合成データ。月報・画面・改善の提案をすぐにためせる）。"""
    from bot.assemble_demo import Ask

    now = dt.datetime.now(TOKYO)
    period = _period(month, now)
    settings = read_settings(**({"data": into.absolute(), "database": ""} if into else {}))
    until = min(_midnight(period.last + dt.timedelta(days=1)), _midnight(now.date()))
    if not remove and until <= _midnight(period.first):
        stop(f"{period.title}は、まだ1日も終わっていません。過ぎた月を「--month 2026-05」の形で書いてください。")
    try:
        _clear(settings, period, only_remove=remove)
    except SQLAlchemyError as error:
        stop(
            f"データベースを使えません（{type(error).__name__}）。"
            "設定の MADOGUCHI_DATABASE と、データベースが動いているかを確かめてください。"
        )
    if not remove:
        _play(settings, Ask(period, until, conversations, calls, seed))
        place = {"env": f"MADOGUCHI_DATA={into} ", "into": f" --into {into}"} if into else {"env": "", "into": ""}
        typer.echo(NEXT.format(month=f"{period.first:%Y-%m}", **place))


def _clear(settings: Settings, period: Period, only_remove: bool) -> None:
    """Take away what an earlier demo has left; ends the program where something real is."""
    from bot import assemble_demo

    database = assemble.database(settings)
    try:
        if not only_remove and (real := assemble_demo.real_events(database, period)):
            stop(
                f"{period.title}には、ほんとうの利用の記録が{real:,}件あります。架空の記録とは混ぜません。"
                "別の月にするか、「--into フォルダー」で別のところにつくってください。"
            )
        gone = assemble_demo.remove(database, period)
    finally:
        database.dispose()
    if gone or only_remove:
        typer.echo(f"{period.title}の合成データ{gone:,}件を消しました。")


def _play(settings: Settings, ask: Ask) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot import assemble_demo

    publisher = assemble.publisher(read_settings())  # with the usual cache, also if the events go elsewhere
    outcome = publisher.publish()
    if outcome.published is None:
        refuse(outcome.findings, "つくれません")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(f"{ask.period.title}の利用者", total=ask.conversations + ask.calls)
        try:
            played = assemble_demo.play(settings, publisher, ask, _phones(settings, ask), partial(bar.advance, task))
        except assemble_demo.DemoFailed as error:
            stop(f"とちゅうで、窓口が答えませんでした（{error}）。つくりかけの記録は --remove で消せます。")
    typer.echo(
        f"{ask.period.title}の合成データをつくりました: 会話{played.conversations:,}件、電話{played.calls:,}件。"
    )
    if played.waiting:
        stop(
            f"データベースに書けなかった出来事が{played.waiting:,}件、ファイルで待っています（次の serve が書きます）。"
        )


def _phones(settings: Settings, ask: Ask) -> Phones | None:
    if not telephone_installed():
        if ask.calls:
            typer.echo(
                "電話の部品がないので、電話はつくりません。「pip install -e '.[telephone]'」で入ります。", err=True
            )
        return None
    from bot.assemble_demo_telephone import CloudPhone

    return partial(CloudPhone, settings)


def _period(month: str | None, now: dt.datetime) -> Period:
    """The month; without one the last May that is over."""
    if month is None:
        return Period.month(dt.date(now.year if now.month > 5 else now.year - 1, 5, 1))
    try:
        return Period.read_month(month)
    except ValueError:
        stop(f"「{month}」を月として読めません。2026-05 の形で書いてください。")


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), TOKYO)
