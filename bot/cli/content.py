"""Commands of those who write: ask, check, measure, exchange."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot import assemble
from bot.cli.app import (
    FINDINGS,
    Json,
    app,
    knowledge_of,
    print_json,
    published_now,
    read_settings,
    show,
    stop,
    telephone_installed,
)  # fmt: skip
from bot.dialogue import turn
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import ORIGINAL, Published
from bot.dialogue.publisher import Companion
from bot.knowledge.chinese import TRADITIONAL
from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import load
from bot.settings import Settings


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="質問")],
    lang: Annotated[str | None, typer.Option(help="言語（なければ、文から見分ける）")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="なぜその答えになったかを出す")] = False,
    as_json: Json = False,
) -> None:
    """1つの質問に答える。"""
    published, now = published_now(), dt.datetime.now(TOKYO)
    opened = turn.start("ask", published, now, lang or ORIGINAL).conversation
    taken = turn.hear(opened.model_copy(update={"lang_chosen": lang is not None}), text, published, now)
    reply, spoken = taken.reply, taken.conversation.lang
    engine = published.edition(spoken).engine
    result = engine.search(text, now.date())
    why = engine.explain(result) if explain else []
    if as_json:
        matches = [
            {"id": m.id, "score": round(m.score, 4), "confidence": round(m.confidence, 4)} for m in result.matches
        ]
        body = {"kind": reply.kind, "lang": spoken, "confidence": round(result.confidence, 4), "matches": matches}
        print_json(body | {"reply": reply.model_dump(mode="json")} | ({"explain": why} if explain else {}))
        return
    typer.echo(reply.plain)
    for number, choice in enumerate(reply.choices, 1):
        typer.echo(f"  {number}. {choice.title}")
    for row in why:
        typer.echo(f"\n{row['id']}（確信度 {row['confidence']}）\n  近い言い回し: {row['phrasing']}")
        typer.echo(f"  同じ言葉: {'、'.join(row['words'])}\n  点の内訳: {row['columns']}")


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="この中の指摘だけを出す（なければ全部）")] = None,
    as_json: Json = False,
) -> None:
    """編集者が書いたものをすべて検査し、検査の質問を流す。"""
    from bot.search.check import check as check_all

    settings = read_settings()
    for path in paths or []:
        if not path.exists():
            stop(f"「{path}」がありません。")
    outcome = assemble.publisher(settings, _telephone_check(settings)).publish()
    findings, figures = outcome.findings, dict[str, float | int]()
    if outcome.published and outcome.loaded:
        engines = {lang: each.engine for lang, each in outcome.published.editions.items() if lang != TRADITIONAL}
        checked = check_all(outcome.loaded, engines, dt.datetime.now(TOKYO).date())
        findings, figures = tuple(sorted({*findings, *checked.findings})), checked.figures
    wanted = [path.resolve() for path in paths or [settings.root]]
    shown = tuple(f for f in findings if any((settings.root / f.path).resolve().is_relative_to(w) for w in wanted))
    elsewhere, findings = len(errors(findings)) - len(errors(shown)), shown
    if as_json:
        print_json({"findings": [found.as_dict() for found in findings], "figures": figures})
    else:
        show(findings)
        _conclude(findings, figures, outcome.published)
        if elsewhere:
            typer.echo(
                f"ほかの所のエラー{elsewhere}件のため、公開されません。「madoguchi check」で全部を見てください。"
            )
        elif not errors(findings):
            typer.echo("公開できます。")
    raise typer.Exit(FINDINGS if errors(findings) or elsewhere else 0)


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help='1行に {"query","lang","expected":[id]} を書いたファイル')],
    knowledge: Annotated[Path | None, typer.Option(help="別のFAQのフォルダー")] = None,
    as_json: Json = False,
) -> None:
    """正解の分かっている質問で、検索の質を測る。"""
    from bot.search.evaluate import QueryFileError, as_imported, ask_all, read_queries, report

    settings = read_settings()
    try:
        queries = read_queries(file)
    except QueryFileError as error:
        stop(str(error))
    if knowledge and not knowledge.is_dir():
        stop(f"フォルダー {knowledge} がありません。")
    known = knowledge_of(knowledge or settings.root, foreign=knowledge is not None)
    engines = {lang: assemble.engine(settings, known[lang]) for lang in known if lang in {q.lang for q in queries}}
    engines.setdefault(ORIGINAL, assemble.engine(settings, known[ORIGINAL]))
    measured = report(ask_all(engines, as_imported(queries, known[ORIGINAL]), dt.datetime.now(TOKYO).date()))
    if as_json:
        print_json(measured)
        return
    for name, value in measured.items():
        if not isinstance(value, dict):
            typer.echo(f"{name:24}{value}")


@app.command()
def index() -> None:
    """索引を前もって作る（次の開始が速くなる）。"""
    published = published_now()
    typer.echo(f"索引を作りました（FAQ {len(published.engine.knowledge.entries)}件）。")
    if telephone_installed():
        from bot import assemble_telephone

        settings = read_settings()
        rendered = assemble_telephone.render_all(settings, load(settings.root), published.hours, _tell_progress)
        typer.echo(f"電話の音声を作りました（新しく{rendered}個）。")


@app.command()
def train(lang: Annotated[str | None, typer.Option(help="この言語だけ（なければ全部）")] = None) -> None:
    """検索モデルを、faq/ と nlu_data/ から作り直す（追加の部品 train が要る）。"""
    try:
        from bot.search import fit_ranking
    except ImportError:
        stop("学習の部品がありません。「pip install -e '.[train]'」で入れてください。")
    known = knowledge_of(read_settings().root)
    if lang and lang not in known:
        stop(f"「{lang}」の内容はありません。ある言語: {'、'.join(known)}")
    for knowledge in [known[lang]] if lang else known.values():
        fit_ranking.train(knowledge, progress=partial(_tell_step, knowledge.lang))
    typer.echo("検索モデルを作りました。「madoguchi check」で確かめてください。")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="Excel（.xlsx）か CSV のファイル")],
    directory: Annotated[Path, typer.Argument(help="書き出すフォルダー")],
) -> None:
    """Excel や CSV のFAQを、YAMLのフォルダーにする。"""
    from bot.knowledge.workbook import WorkbookError, import_file

    try:
        imported = import_file(file, directory)
    except WorkbookError as error:
        stop(str(error))
    for note in imported.notes:
        typer.echo(note, err=True)
    typer.echo(f"{directory} に、FAQ {imported.entries}件、言い回し {imported.phrasings}個を書きました。")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="書き出すファイル（rasa のときはフォルダー）")],
    form: Annotated[str, typer.Option("--format", help="xlsx か rasa")] = "xlsx",
) -> None:
    """FAQを、Excel か Rasa の形で書き出す。"""
    from bot.knowledge import rasa_project, workbook

    root = read_settings().root
    knowledge = knowledge_of(root)[ORIGINAL]
    if form == "rasa":
        rasa_project.export_rasa(knowledge, root, file, published_now().wording.out_of_scope[0])
    elif form == "xlsx":
        try:
            workbook.export(knowledge, file)
        except workbook.WorkbookError as error:
            stop(str(error))
    else:
        stop(f"「{form}」の形では書き出せません。xlsx か rasa にしてください。")
    typer.echo(f"{file} に、FAQ {len(knowledge.entries)}件を書き出しました。")


def _tell_step(lang: str, step: str) -> None:
    typer.echo(f"{lang}: {step}", err=True)


def _tell_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r電話の音声 {done}/{of}", nl=done == of, err=True)


def _telephone_check(settings: Settings) -> Companion | None:
    if not telephone_installed():
        return None
    from bot import assemble_telephone

    return assemble_telephone.check(settings)


def _conclude(findings: Iterable[Finding], figures: dict[str, float | int], published: Published | None) -> None:
    found = list(findings)
    bad = len(errors(found))
    if published:
        knowledge = published.engine.knowledge
        phrasings = sum(map(len, knowledge.phrasings.values()))
        typer.echo(f"確認したFAQ: {len(knowledge.entries)}件　言い回し: {phrasings:,}個", nl=False)
        typer.echo(f"　検査の質問: {figures['queries']:,}問　", nl=False)
    typer.echo(f"エラー: {bad}件　注意: {len(found) - bad}件")
    if figures.get("queries"):
        typer.echo(
            f"誤った答え {figures['wrong_answers']:.1%}　範囲外への答え {figures['out_of_scope_answered']:.1%}　"
            f"直接の答え {figures['answered']:.1%}　1位 {figures['hit@1']:.1%}　3位まで {figures['hit@3']:.1%}"
        )
    if bad:
        typer.echo("エラーが残っています。上から順に直して、もう一度実行してください。")
