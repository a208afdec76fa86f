"""The command `demo`: a synthetic month, so that report, console and tuning can be tried at once."""

from __future__ import annotations

import datetime as dt
import shlex
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import assemble
from bot.analytics.period import TOKYO, Period
from bot.cli.app import app, database_of, read_month, read_settings, refuse, stop, telephone_installed

if TYPE_CHECKING:
    from bot.assemble_demo import Ask, Phones
    from bot.settings import Settings

SEED = 20260601
NEXT = """これは合成データ（架空の利用）です。画面にも月報にも、そう書かれます。次をためしてください。
  月報　　　{command} report {month} --out 報告
  改善　　　{command} tune {month}
  画面　　　{command} staff add 名前 --role admin --own
  　　　　　{command} serve　のあと、ブラウザーで http://127.0.0.1:{port}/console/trends?month={month}
  消すとき　{command} demo --month {month} --remove"""


@app.command()
def demo(
    month: Annotated[str | None, typer.Option(help="つくる月。2026-05 の形（なければ、いちばん近い過ぎた5月）")] = None,
    conversations: Annotated[int, typer.Option(min=0, max=100_000, help="チャットの会話の数")] = 1_500,
    calls: Annotated[int, typer.Option(min=0, max=100_000, help="電話の数")] = 400,
    seed: Annotated[int, typer.Option(help="同じ数なら、同じ1か月になる")] = SEED,
    into: Annotated[Path | None, typer.Option(help="記録を別のフォルダーに置く（本番の記録と混ぜない）")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="その月の合成データを消すだけ")] = False,
) -> None:
    """架空の利用者による1か月をつくる（合成データ。月報・画面・改善の提案をすぐにためせる）。

    ほんとうのチャットと電話の受け口に、架空の住民がたずねます（30秒ほど）。ほんとうの利用の記録がある月には、つくりません。
    """
    from bot.assemble_demo import Ask

    now = dt.datetime.now(TOKYO)
    period = _period(month, now)
    settings = read_settings(**({"data": into.absolute(), "database": ""} if into else {}))
    until = min(_midnight(period.last + dt.timedelta(days=1)), _midnight(now.date()))
    if not remove and until <= _midnight(period.first):
        stop(f"{period.title}は、まだ1日も終わっていません。過ぎた月を「--month 2026-05」の形で書いてください。")
    _clear(settings, period, only_remove=remove)
    if not remove:
        _play(settings, Ask(period, until, conversations, calls, seed))
        typer.echo(NEXT.format(command=_command(into), month=f"{period.first:%Y-%m}", port=settings.port))


def _clear(settings: Settings, period: Period, only_remove: bool) -> None:
    """Take away what an earlier demo has left; ends the program where something real is."""
    from bot import assemble_demo

    with database_of(settings) as database:
        if not only_remove and (real := assemble_demo.real_events(database, period)):
            stop(
                f"{period.title}には、ほんとうの利用の記録が{real:,}件あります。架空の記録とは混ぜません。"
                "別の月にするか、「--into フォルダー」で別のところにつくってください。"
            )
        gone = assemble_demo.remove(database, period)
    if gone or only_remove:
        typer.echo(f"{period.title}の合成データ{gone:,}件を消しました。")


def _play(settings: Settings, ask: Ask) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot import assemble_demo

    typer.echo("内容を読んでいます。", err=True)
    publisher = assemble.publisher(read_settings())  # with the usual cache, also if the events go elsewhere
    outcome = publisher.publish()
    if outcome.published is None:
        refuse(outcome.findings, "つくれません")
    typer.echo(f"{ask.period.title}の利用者が、チャットと電話でたずねています（30秒ほど）。", err=True)
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
    return read_month(month)


def _command(into: Path | None) -> str:
    """What to type before the name of a command to work with these events: as this program was called, with the
    settings that lead to where the events are."""
    called = Path(sys.argv[0])
    command = str(called) if called.name == "madoguchi" and not shutil.which("madoguchi") else "madoguchi"
    if into is None:
        return command
    elsewhere = "MADOGUCHI_DATABASE= " if read_settings().database.get_secret_value() else ""
    return f"MADOGUCHI_DATA={shlex.quote(str(into.absolute()))} {elsewhere}{command}"


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), TOKYO)
