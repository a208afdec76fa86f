"""The command `madoguchi`. Help and messages are Japanese; exit 0 ok, 1 findings, 2 could not run."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, NoReturn

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: several threads make small searches slower
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # (retrieval.md 4)

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import assemble
from bot.dialogue import turn
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import Published
from bot.knowledge.findings import Finding, errors
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge
from bot.search.encoder import ModelMissing
from bot.settings import Settings

FINDINGS, COULD_NOT_RUN = 1, 2

app = typer.Typer(
    help="自動車税のFAQチャットボットと自動音声案内。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False,
)  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="プログラムが読む形（JSON）で出す")]


def main() -> None:
    """Entry point: a mistake of the operator ends with a sentence, not with a traceback."""
    try:
        app()
    except ModelMissing as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"「{error.filename}」を読み書きできません（{error.strerror}）。名前と、使う人の権限を確かめてください。")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(help="待ち受けるポート")] = None,
    sip: Annotated[str | None, typer.Option(help="電話を待ち受けるアドレス（HOST:PORT。まだ使えません）")] = None,
    no_sip: Annotated[bool, typer.Option("--no-sip", help="電話を待ち受けない")] = False,
    workers: Annotated[int, typer.Option(min=1, help="プロセスの数（会話をメモリーで覚えるあいだは1だけ）")] = 1,
) -> None:
    """チャットの窓口を開く（Ctrl+C で終わる）。"""
    if sip and not no_sip:
        typer.echo("電話の窓口はまだありません。チャットだけを開きます。", err=True)
    if workers > 1:
        _stop("会話をメモリーで覚えているため、--workers は 1 だけです。")
    import uvicorn

    from bot.web.app import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    settings = _settings(**given)
    publisher = assemble.publisher(settings)
    outcome = publisher.publish()
    if outcome.published is None:
        _refuse(outcome.findings, "始められません")
    count = len(outcome.published.engine.knowledge.entries)
    typer.echo(f"http://{settings.host}:{settings.port}/ で待っています（FAQ {count}件）")
    # As Ctrl+C does: uvicorn ends by raising the signal again, and SIGTERM would kill us before the desk closes.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with assemble.desk(settings, publisher) as desk:
        try:
            uvicorn.run(
                create_app(desk, settings), host=settings.host, port=settings.port, log_config=None, access_log=False,
                server_header=False,
            )  # fmt: skip
        except SystemExit:  # uvicorn's way to say that it could not start; its reason is in the log
            _stop(f"{settings.host}:{settings.port} で待てません。ほかのプログラムが使っていないか確かめてください。")


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="質問")],
    lang: Annotated[str, typer.Option(help="言語")] = "ja",
    explain: Annotated[bool, typer.Option("--explain", help="なぜその答えになったかを出す")] = False,
    as_json: Json = False,
) -> None:
    """1つの質問に答える。"""
    published, now = _published(), dt.datetime.now(TOKYO)
    result = published.engine.search(text, now.date())
    opened = turn.start("ask", published, now, lang).conversation
    reply = turn.hear(opened, text, published, now).reply
    why = published.engine.explain(result) if explain else []
    if as_json:
        matches = [
            {"id": m.id, "score": round(m.score, 4), "confidence": round(m.confidence, 4)} for m in result.matches
        ]
        body = {"kind": reply.kind, "lang": lang, "confidence": round(result.confidence, 4), "matches": matches}
        _json(body | {"reply": reply.model_dump(mode="json")} | ({"explain": why} if explain else {}))
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

    settings = _settings()
    for path in paths or []:
        if not path.exists():
            _stop(f"「{path}」がありません。")
    outcome = assemble.publisher(settings).publish()
    findings, figures = outcome.findings, dict[str, float | int]()
    if outcome.published and outcome.loaded:
        checked = check_all(outcome.loaded, outcome.published.engine, dt.datetime.now(TOKYO).date())
        findings, figures = checked.findings, checked.figures
    wanted = [path.resolve() for path in paths or [settings.root]]
    shown = tuple(f for f in findings if any((settings.root / f.path).resolve().is_relative_to(w) for w in wanted))
    elsewhere, findings = len(errors(findings)) - len(errors(shown)), shown
    if as_json:
        _json({"findings": [found.as_dict() for found in findings], "figures": figures})
    else:
        _show(findings)
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

    settings = _settings()
    try:
        queries = read_queries(file)
    except QueryFileError as error:
        _stop(str(error))
    if knowledge and not knowledge.is_dir():
        _stop(f"フォルダー {knowledge} がありません。")
    engine = assemble.engine(settings, _knowledge(knowledge or settings.root, foreign=knowledge is not None))
    measured = report(ask_all(engine, as_imported(queries, engine), dt.datetime.now(TOKYO).date()))
    if as_json:
        _json(measured)
        return
    for name, value in measured.items():
        if not isinstance(value, dict):
            typer.echo(f"{name:24}{value}")


@app.command()
def index() -> None:
    """索引を前もって作る（次の開始が速くなる）。"""
    published = _published()
    typer.echo(f"索引を作りました（FAQ {len(published.engine.knowledge.entries)}件）。")


@app.command()
def train() -> None:
    """検索モデルを、faq/ と nlu_data/ から作り直す（追加の部品 train が要る）。"""
    try:
        from bot.search import fit_ranking
    except ImportError:
        _stop("学習の部品がありません。「pip install -e '.[train]'」で入れてください。")
    fit_ranking.train(_knowledge(_settings().root), progress=lambda step: typer.echo(step, err=True))
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
        _stop(str(error))
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

    root = _settings().root
    knowledge = _knowledge(root)
    if form == "rasa":
        rasa_project.export_rasa(knowledge, root, file, _published().wording.out_of_scope[0])
    elif form == "xlsx":
        try:
            workbook.export(knowledge, file)
        except workbook.WorkbookError as error:
            _stop(str(error))
    else:
        _stop(f"「{form}」の形では書き出せません。xlsx か rasa にしてください。")
    typer.echo(f"{file} に、FAQ {len(knowledge.entries)}件を書き出しました。")


def _settings(**given: Any) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}（{e['input']}）" for e in error.errors()]
        _stop(f"設定の値を使えません: {'、'.join(wrong)}。docs/運用手順書.md の一覧を見てください。")
    except SettingsError as error:
        _stop(f'設定を読めません（{error}）。一覧は ["…"] の形で書きます。')


def _published() -> Published:
    outcome = assemble.publisher(_settings()).publish()
    if outcome.published is None:
        _refuse(outcome.findings, "答えられません")
    return outcome.published


def _knowledge(root: Path, foreign: bool = False) -> Knowledge:
    loaded = load(root, foreign)
    if loaded.knowledge is None:
        _refuse(loaded.findings, "続けられません")
    return loaded.knowledge


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


def _refuse(findings: Iterable[Finding], what: str) -> NoReturn:
    _show(errors(findings))
    _stop(f"内容に直すところがあるため、{what}。上から順に直してください。")


def _show(findings: Iterable[Finding]) -> None:
    for found in findings:
        typer.echo(str(found))


def _json(body: object) -> None:
    typer.echo(json.dumps(body, ensure_ascii=False, indent=1))


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(COULD_NOT_RUN)
