"""Commands for the telephone: try a call, see the flow and the calendar, hear words, the emergency switch, figures."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import Json, app, database_of, print_json, read_month, read_settings, refuse, stop
from bot.dialogue.office_hours import TOKYO, load_office_hours
from bot.knowledge.findings import errors
from bot.knowledge.loader import load

if TYPE_CHECKING:
    from voice.flow.model import Telephone

flow_commands = typer.Typer(help="電話の流れを見る。", no_args_is_help=True)
emergency_commands = typer.Typer(help="緊急案内を入れる・切る。", no_args_is_help=True)
app.add_typer(flow_commands, name="flow")
app.add_typer(emergency_commands, name="emergency")

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%H:%M", "%H:%M:%S"]


@app.command()
def call(
    flow: Annotated[str | None, typer.Option(help="流れの id（なければ、その時刻に流れるもの）")] = None,
    at: Annotated[str | None, typer.Option(help="電話をかける時刻。2026-11-20T17:15 か 17:15（なければ今）")] = None,
    keys: Annotated[str, typer.Option(help="押すキーをコンマで区切る。「-」は何も押さずに待つ、「+」は人が出る")] = "",
    emergency: Annotated[bool, typer.Option("--emergency", help="緊急案内が入っているとして")] = False,
    busy: Annotated[bool, typer.Option("--busy", help="電話が混み合っているとして")] = False,
) -> None:
    """電話を文字でためす。"""
    from voice.flow.transcript import transcript

    telephone = _telephone()
    if flow and flow not in telephone.flows:
        stop(f"「{flow}」という流れはありません。使える流れ: {'、'.join(telephone.flows)}")
    pressed = [key.strip() for key in keys.split(",") if key.strip()]
    try:
        lines = transcript(telephone, flow, _moment(at), pressed, emergency, busy)
    except ValueError as error:
        stop(str(error))
    for line in lines:
        typer.echo(line)


@flow_commands.command()
def diagram(flow: Annotated[str, typer.Argument(help="流れの id（after_hours など）")]) -> None:
    """流れを図（Mermaid）にする。"""
    from voice.flow.diagram import diagram as draw

    telephone = _telephone()
    if flow not in telephone.flows:
        stop(f"「{flow}」という流れはありません。使える流れ: {'、'.join(telephone.flows)}")
    typer.echo(draw(telephone.flows[flow]))


@app.command()
def calendar(month: Annotated[str, typer.Argument(help="2026-12 の形")]) -> None:
    """その月の日ごとに、何時に何が流れるかを出す。"""
    from voice.calendar import month as days_of
    from voice.calendar import table

    first = read_month(month).first
    telephone = _telephone()
    for line in table(days_of(telephone.hours, first.year, first.month, telephone)):
        typer.echo(line)


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="読み上げる文")],
    out: Annotated[Path, typer.Option(help="書き出す音のファイル（電話で聞こえる音）")] = Path("say.wav"),
    lang: Annotated[str, typer.Option(help="言語（ja、en、zh、ko、es、vi、pt）")] = "ja",
    system: Annotated[
        bool, typer.Option("--system", help="このパソコンの声で（聞きくらべ用。電話には使わない）")
    ] = False,
) -> None:
    """文の読み（かな）を出し、音のファイルを書く。"""
    from voice.speech import system_voice
    from voice.speech.say import SpeechError
    from voice.speech.say import say as speak
    from voice.speech.wave_file import encode

    try:
        reading = speak(text, out, lang, read_settings().root)
        if system:
            out.write_bytes(encode(system_voice.speak(text, lang)))
    except SpeechError as error:
        stop(str(error))
    typer.echo(reading)
    typer.echo(f"{out} を書きました。")


Who = Annotated[str, typer.Option(help="だれが（名前）")]
Why = Annotated[str, typer.Option(help="なぜ（理由）")]


@emergency_commands.command()
def on(why: Why, who: Who = "") -> None:
    """緊急案内を入れる。すぐに、すべての電話に流れる。"""
    _switch(True, who, why)


@emergency_commands.command()
def off(why: Why, who: Who = "") -> None:
    """緊急案内を切る。"""
    _switch(False, who, why)


@emergency_commands.command()
def history(as_json: Json = False) -> None:
    """いつ、だれが、なぜ、入れたか切ったかを出す。"""
    from bot import assemble_telephone

    turns = assemble_telephone.emergency_switch(read_settings()).history()
    if as_json:
        print_json([turn.model_dump(mode="json") for turn in turns])
        return
    for turn in turns:
        what = "入" if turn.on else "切"
        typer.echo(f"{turn.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}  {what}  {turn.who}  {turn.why}")
    typer.echo(f"いまは{'入っています' if turns and turns[-1].on else '切れています'}。")


@app.command()
def calls(
    month: Annotated[str | None, typer.Argument(help="2026-11 の形（なければ今月）")] = None, as_json: Json = False
) -> None:
    """電話の件数（着信、話題の選択、聞き終えた数、応答率など）を出す。"""
    from bot.analytics.archive import Archive
    from bot.analytics.figures import CALLS, values
    from bot.analytics.names import SYNTHETIC
    from bot.analytics.period import Period
    from bot.console.japanese import figure as written

    period = read_month(month) if month else Period.month(dt.datetime.now(TOKYO).date())
    with database_of(read_settings()) as database:
        archive = Archive(database)
        summary, synthetic = archive.of(period), archive.synthetic(period)
    if as_json:
        print_json({"period": f"{period.first:%Y-%m}", "synthetic": synthetic, **values(summary, CALLS)})
        return
    typer.echo(f"{period.title}の電話{f'　{SYNTHETIC}' if synthetic else ''}")
    for figure in CALLS:
        typer.echo(f"{written(figure.value(summary), figure.unit):>10}  {figure.title}")
    for title, count in sorted(summary.table("call_topics_chosen").items(), key=lambda each: -each[1]):
        typer.echo(f"{written(count, '件'):>10}  話題の選択「{title}」")


def _switch(turned_on: bool, who: str, why: str) -> None:
    from bot import assemble_telephone

    try:
        turned = assemble_telephone.switch_emergency(read_settings(), turned_on, who or getpass.getuser(), why)
    except ValueError:
        stop("だれが（50文字まで）と、なぜ（200文字まで）を書いてください。")
    typer.echo(f"緊急案内を{'入れました' if turned.on else '切りました'}（{turned.who}、{turned.why}）。")


def _telephone() -> Telephone:
    """The flows as they would be published; ends the program with the findings if they can't be."""
    from voice.telephone.publishing import read_contents

    root = read_settings().root
    loaded = load(root)
    hours, of_hours = load_office_hours(root)
    if loaded.knowledge is None or hours is None:
        refuse([*loaded.findings, *of_hours], "続けられません")
    contents, findings = read_contents(root, loaded, hours)
    if contents is None:
        refuse(errors(findings), "続けられません")
    return contents.telephone


def _moment(text: str | None) -> dt.datetime:
    now = dt.datetime.now(TOKYO)
    if text is None:
        return now
    for form in FORMATS:
        try:
            moment = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        if "%Y" not in form:
            moment = dt.datetime.combine(now.date(), moment.time())
        return moment.replace(tzinfo=TOKYO)
    stop(f"「{text}」を時刻として読めません。2026-11-20T17:15 か 17:15 の形で書いてください。")
