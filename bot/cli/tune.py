"""The command `tune`: what to change in the content because of a month, what each change would do, and to accept it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.analytics.period import TOKYO, Period
from bot.cli.app import FINDINGS, Json, app, needs_database, print_json, read_month, read_settings, refuse, stop

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.tuning.accept import Acceptable
    from bot.tuning.effects import Proof
    from bot.tuning.proposals import Tuning

CHANGED = 10  # questions of the month that are shown with a proposal


@app.command()
def tune(
    month: Annotated[str, typer.Argument(help="2026-10 の形")],
    accept: Annotated[
        list[str] | None, typer.Option(help="採用する提案の番号か名前（a-1f2e3d）。くり返し書けます")
    ] = None,
    show: Annotated[list[str] | None, typer.Option(help="この提案をくわしく出す。くり返し書けます")] = None,
    even_synthetic: Annotated[
        bool, typer.Option("--even-synthetic", help="合成データの提案でも、内容に書く（ためす時だけ）")
    ] = False,
    most: Annotated[int, typer.Option(min=1, max=200, help="提案の数の上限")] = 20,
    as_json: Json = False,
) -> None:
    """1か月の質問から内容の直し方を提案し、直すとどう変わるかを確かめる。--accept で採用する。"""
    period, settings = _period(month), read_settings()
    if accept or show:
        tuning = _kept(settings, period)
        if accept:
            _accept(settings, tuning, [_id(tuning, wanted) for wanted in accept], even_synthetic)
            return
    else:
        tuning = _work_out(settings, period, most)
    if as_json:
        print_json(tuning.model_dump(mode="json"))
    elif show:
        for wanted in show:
            _detail(settings, tuning, _id(tuning, wanted))
    else:
        overview(tuning, period)


def _period(text: str) -> Period:
    period = read_month(text)
    if period.ahead(dt.datetime.now(TOKYO).date()):
        stop(f"{period.title}は、まだ始まっていません。始まっている月を書いてください。")
    return period


def _work_out(settings: Settings, period: Period, most: int) -> Tuning:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bot import assemble_tuning

    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[shown]}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("始める", total=None, shown="")

        def tell(what: str, done: int, of: int) -> None:
            shown = f"{done:,}/{of:,}" if of else f"{done:,}" if done else ""
            bar.update(task, description=what, completed=done, total=of or None, shown=shown)

        try:
            with needs_database():
                return assemble_tuning.work_out(settings, period, dt.datetime.now(TOKYO), most, tell)
        except assemble_tuning.ContentRefused as refused:
            findings = refused.findings
    refuse(findings, "提案できません")


def _kept(settings: Settings, period: Period) -> Tuning:
    from bot.tuning.proposals import kept

    month = f"{period.first:%Y-%m}"
    if (tuning := kept(month, settings.data)) is None:
        stop(f"{period.title}の提案は、まだありません。先に「madoguchi tune {month}」を実行してください。")
    return tuning


def _id(tuning: Tuning, wanted: str) -> str:
    """A proposal by its place in the list, from 1, or by its name."""
    if wanted.isdecimal() and 1 <= int(wanted) <= len(tuning.proposals):
        return tuning.proposals[int(wanted) - 1].id
    if tuning.find(wanted) is None:
        stop(f"「{wanted}」という提案はありません。番号は1から{len(tuning.proposals)}までです。")
    return wanted


def _accept(settings: Settings, tuning: Tuning, ids: list[str], even_synthetic: bool) -> None:
    from bot import assemble_tuning
    from bot.tuning.accept import NotAccepted
    from bot.tuning.proposals import FROM_SYNTHETIC

    if tuning.writes_synthetic(ids) and not even_synthetic:
        typer.echo(
            f"{FROM_SYNTHETIC}採用すると、だれも言っていない言葉が本物の内容に入るので、書きませんでした。"
            "ためすために書くときだけ、--even-synthetic を付けてください。",
            err=True,
        )
        raise typer.Exit(FINDINGS)
    typer.echo("内容の写しで、検査しています…", err=True)
    try:
        acceptable = assemble_tuning.prepare(settings, tuning, ids)
    except NotAccepted as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FINDINGS) from error
    files = written(settings, acceptable)
    _audit(settings, tuning, ids)
    typer.echo("採用して、次のファイルに書きました。検査にも通っています。")
    for file in files:
        typer.echo(f"  {file}")
    if acceptable.edits:
        typer.echo("「git diff」で読み返し、よければ記録（commit）してください。")
        typer.echo("戻すには: git restore nlu_data tests/questions")


def written(settings: Settings, acceptable: Acceptable) -> list[str]:
    """Print the difference and write it; the files. Ends the program with a sentence if it can't be written."""
    from bot.tuning.accept import NotAccepted, ReadOnly, keep

    typer.echo(acceptable.difference, nl=False)
    try:
        return keep(acceptable, settings.root, settings.data)
    except NotAccepted as error:
        typer.echo(str(error), err=True)
        if isinstance(error, ReadOnly) and acceptable.edits:
            typer.echo("上の差分をファイルに取り、編集者の機械の内容のフォルダーで git apply してください。", err=True)
        raise typer.Exit(FINDINGS) from error


def _audit(settings: Settings, tuning: Tuning, ids: list[str]) -> None:
    """Keep in the audit log what was accepted; a database that is away is told, for the content is written already."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot import assemble
    from bot.cli.staff import operator
    from bot.staff import Staff

    try:
        with assemble.database(settings) as database:
            log = Staff(database).audit
            for proposal in filter(None, map(tuning.find, ids)):
                log.add(operator(), "tuning", proposal.accepted_in(tuning.month))
    except SQLAlchemyError as error:
        typer.echo(f"操作の記録には残せませんでした（{type(error).__name__}）。採用はできています。", err=True)


def overview(tuning: Tuning, period: Period) -> None:
    """Print the list, the first proposal last: that is where one looks in a terminal."""
    from bot.tuning.effects import RECOMMENDED
    from bot.tuning.proposals import FROM_SYNTHETIC, drawn_up

    if tuning.synthetic:
        typer.echo(FROM_SYNTHETIC)
    if not tuning.questions:
        typer.echo(f"{period.title}に、質問の記録はありません。提案はありません。")
        return
    typer.echo(f"{period.title}{'（途中）' if tuning.unfinished else ''}　{drawn_up(tuning)}")
    for number, proposal in reversed(list(enumerate(tuning.proposals, 1))):
        mark = "◎" if proposal.recommended else "　"
        typer.echo(
            f"{number:3} {mark} {proposal.id} {proposal.name}: {proposal.target}（{proposal.askers:,}人）", nl=False
        )
        typer.echo(f"　{proposal.title}")
        if proposal.proof:
            typer.echo(f"         {proposal.when}: {'、'.join(proposal.proof.effects)}")
        for reason in proposal.against[:2]:
            typer.echo(f"         △ {reason}")
    if tuning.proposals:
        typer.echo("（困った人の多い順に1番から。1番を、いちばん下に出しています）")
    if tuning.together:
        typer.echo(f"日本語の◎を全部採用すると: {'、'.join(tuning.together.effects)}")
        for reason in tuning.together.harm:
            typer.echo(f"         △ {reason}")
    month = tuning.month
    typer.echo(f"◎は、{RECOMMENDED}書き加える前に、言葉をかならず読んでください。")
    typer.echo(f"くわしく: madoguchi tune {month} --show 1　　採用: madoguchi tune {month} --accept 1 --accept 2")


def _detail(settings: Settings, tuning: Tuning, id_: str) -> None:
    from bot.tuning.proposals import DRAFTS, FOLDER, FROM_SYNTHETIC

    proposal = tuning.find(id_)
    assert proposal is not None
    if tuning.synthetic:
        typer.echo(FROM_SYNTHETIC)
    typer.echo(f"{proposal.id}　{proposal.name}: {proposal.target}　「{proposal.title}」")
    typer.echo(f"{proposal.askers:,}人、{proposal.different:,}通りの聞き方")
    _list("なぜ", proposal.why)
    _list("利用者の言葉", [f"{example.text}（{example.askers:,}人）" for example in proposal.examples])
    _list("近いFAQ", [f"{near.id}（{near.share:.0%}）" for near in proposal.near])
    _list("足す言い回し", proposal.phrasings)
    _list("足す検査の質問", [f"{guard.ask} → {guard.expect}" for guard in proposal.guards])
    if proposal.draft:
        typer.echo(f"下書き（{settings.data / FOLDER / DRAFTS} に置きます）:\n{proposal.draft}")
    if proposal.proof:
        _proof(proposal.proof, proposal.when)
    _list("気をつけること", proposal.against)


def _proof(proof: Proof, when: str) -> None:
    guarded, month = proof.guarded, proof.replayed
    _list(when, proof.effects)
    _list("新しく正しくなる検査の質問", [f"{case.ask}: {case.before} → {case.after}" for case in guarded.won])
    _list("取りこぼすようになる検査の質問", [f"{case.ask}: {case.before} → {case.after}" for case in guarded.lost])
    asked = f"この月の{month.asked:,}件" if month.whole else f"この月の質問から、関わりの深い{month.asked:,}件"
    title = f"返事の変わる質問（{asked}のうち{month.changes:,}件）"
    _list(title, [f"{c.ask}（{c.askers:,}件）: {c.before} → {c.after}" for c in month.changed[:CHANGED]])


def _list(title: str, lines: Sequence[str]) -> None:
    if lines:
        typer.echo(f"■ {title}")
        for line in lines:
            typer.echo(f"  - {line}")
