"""The command `madoguchi` as editors and operators type it: Japanese help, exit 0 ok, 1 findings, 2 could not run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from served import ROOT, Server

COMMANDS = ["serve", "ask", "check", "eval", "index", "train", "import", "export"]
JAPANESE = re.compile("[ぁ-んァ-ヶ一-龥]")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run(server: Server) -> Run:
    """Runs the command with settings of the environment; the analysed phrasings of the shared server are at hand."""

    def command(*words: object, **settings: object) -> subprocess.CompletedProcess[str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
        given = {f"MADOGUCHI_{name.upper()}": str(value) for name, value in ({"data": server.data} | settings).items()}
        wide = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
        return subprocess.run(
            [sys.executable, "-m", "bot", *map(str, words)],
            cwd=ROOT, env={**ours, **wide, **given}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    return command


def refused(done: subprocess.CompletedProcess[str], *named: object) -> None:
    """It could not run, and says why in a Japanese sentence that names what it is about."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert JAPANESE.search(done.stderr)
    for name in named:
        assert str(name) in done.stdout + done.stderr


def content_of(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*") if file.is_file()}


# -- help ------------------------------------------------------------------------------------------------------


def test_help_lists_every_command_in_japanese(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        (row,) = [row for row in done.stdout.splitlines() if re.match(rf"^\W*{command} ", row)]
        assert JAPANESE.search(row)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_japanese(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    rows = [row for row in done.stdout.splitlines() if re.match(r"^\W+(\*\s+)?(--)?[a-z]+ .*│$", row)]
    for row in rows:
        assert JAPANESE.search(row) or "--help" in row, row
    assert JAPANESE.search(done.stdout.split("Usage:")[1].splitlines()[2])


def test_nothing_typed_shows_the_help(run: Run) -> None:
    assert "ask" in run().stderr


@pytest.mark.parametrize("words", [["nonsense"], ["ask"], ["ask", "a", "--nonsense"], ["serve", "--port", "many"]])
def test_wrong_command_could_not_run(run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# -- ask -------------------------------------------------------------------------------------------------------


def test_ask_answers(run: Run) -> None:
    done = run("ask", "納付書をなくしました")
    assert done.returncode == 0
    assert "0570-012-229" in done.stdout
    assert re.search(r"^  1\. ", done.stdout, re.M)


def test_ask_json_keeps_the_contract(run: Run) -> None:
    done = run("ask", "納付書をなくしました", "--json")
    assert done.returncode == 0
    body = json.loads(done.stdout)
    assert list(body) == ["kind", "lang", "confidence", "matches", "reply"]
    assert (body["kind"], body["lang"]) == ("answer", "ja")
    assert 0 < body["confidence"] <= 1
    assert 1 <= len(body["matches"]) <= 5
    assert all(set(match) == {"id", "score", "confidence"} for match in body["matches"])
    assert body["matches"][0]["id"] == body["reply"]["answers"][0]["id"] == "slip-lost"
    scores = [match["score"] for match in body["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert body["reply"]["kind"] == body["kind"]


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", " ", "😀", "x" * 501, "明日の天気は？", "<script>", "-", "/menu", "/restart"])
def test_ask_json_has_the_same_keys_for_anything(run: Run, text: str) -> None:
    done = run("ask", "--json", "--", text)
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert list(body) == ["kind", "lang", "confidence", "matches", "reply"]
    assert body["kind"] in {"answer", "choices", "fallback"}


def test_ask_explains(run: Run) -> None:
    plain = run("ask", "納付書をなくしました", "--explain")
    assert plain.returncode == 0
    assert re.search(r"^slip-lost（確信度 0\.\d+）$", plain.stdout, re.M)
    assert "近い言い回し: " in plain.stdout
    body = json.loads(run("ask", "納付書をなくしました", "--explain", "--json").stdout)
    assert body["explain"][0]["id"] == "slip-lost"
    assert {"phrasing", "words", "columns"} <= set(body["explain"][0])


# -- check -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_check_of_the_real_content_is_clean(run: Run) -> None:
    done = run("check")
    assert done.returncode == 0, done.stdout[-2000:]
    assert "エラー: 0件" in done.stdout
    assert "公開できます" in done.stdout


@pytest.mark.slow
def test_check_json_gives_findings_and_figures(run: Run) -> None:
    done = run("check", "--json")
    body = json.loads(done.stdout)
    assert set(body) == {"findings", "figures"}
    assert {"hit@1", "hit@3", "answered", "wrong_answers", "queries"} <= set(body["figures"])
    for found in body["findings"]:
        assert set(found) == {"path", "line", "code", "level", "what", "fix"}
    assert done.returncode == int(any(found["level"] == "error" for found in body["findings"]))


@pytest.fixture
def broken(content: Path) -> Path:
    """Content with two slips in two files."""
    for name, right, slip in (
        ("faq/payment-slip/slip-damaged.yaml", "question:", "question："),
        ("faq/refund/refund-when.yaml", "certainty:", "certanty:"),
    ):
        file = content / name
        text = file.read_text()
        assert right in text
        file.write_text(text.replace(right, slip, 1))
    return content


def test_check_of_broken_content_names_every_place(run: Run, broken: Path) -> None:
    done = run("check", root=broken)
    assert done.returncode == 1
    assert re.search(r"^faq/payment-slip/slip-damaged\.yaml:4: エラー YML003 .+\n    直し方: ", done.stdout, re.M)
    assert re.search(r"^faq/refund/refund-when\.yaml:\d+: エラー FAQ002 .*certanty", done.stdout, re.M)
    assert "エラーが残っています" in done.stdout
    assert "Traceback" not in done.stderr


def test_check_json_of_broken_content(run: Run, broken: Path) -> None:
    done = run("check", "--json", root=broken)
    assert done.returncode == 1
    found = {(one["path"], one["code"]) for one in json.loads(done.stdout)["findings"] if one["level"] == "error"}
    assert ("faq/payment-slip/slip-damaged.yaml", "YML003") in found
    assert ("faq/refund/refund-when.yaml", "FAQ002") in found


def test_check_of_a_path_gives_its_findings_only(run: Run, broken: Path) -> None:
    done = run("check", broken / "faq" / "refund", root=broken)
    assert done.returncode == 1
    assert "refund-when.yaml" in done.stdout
    assert "slip-damaged.yaml" not in done.stdout


def test_check_of_a_path_that_is_not_there_could_not_run(run: Run, tmp_path: Path) -> None:
    refused(run("check", tmp_path / "nowhere"), tmp_path / "nowhere")


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["ask", "納付書"], ["serve", "--port", "1"], ["index"], ["export", "x.xlsx"], ["train"]]
)
def test_broken_content_could_not_run(run: Run, broken: Path, words: list[str]) -> None:
    refused(run(*words, root=broken), "slip-damaged.yaml:4: エラー YML003", "上から順に直して")


# -- eval ------------------------------------------------------------------------------------------------------

LINES = [
    {"query": "納付書をなくしました", "lang": "ja", "expected": ["slip-lost"]},
    {"query": "明日の天気を教えて", "lang": "ja", "expected": []},
    {"query": "I lost my payment slip", "lang": "en", "expected": ["slip-lost"]},
]


@pytest.mark.slow
def test_eval_measures_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES) + "\n\n", encoding="utf-8-sig")
    done = run("eval", file, "--json")
    assert done.returncode == 0, done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    rates = ["hit@1", "hit@3", "hit@5", "mrr", "answered", "wrong_answers", "out_of_scope_answered"]
    assert set(body) == {*rates, "queries", "by_lang", "by_topic"}
    assert all(0 <= body[rate] <= 1 for rate in rates)
    assert body["queries"] == 3
    assert {lang: part["queries"] for lang, part in body["by_lang"].items()} == {"ja": 2, "en": 1}
    assert body["by_lang"]["ja"]["hit@1"] == 1
    assert set(body["by_topic"]) == {"payment-slip", "none"}
    assert "hit@1" in run("eval", file).stdout


@pytest.mark.parametrize(
    "line",
    [
        '{"query": "a"',
        '{"question": "a"}',
        '{"query": "", "expected": []}',
        '{"query": "a", "expected": "slip-lost"}',
        "[]",
    ],
)
def test_eval_of_a_broken_line_names_it(run: Run, tmp_path: Path, line: str) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text(f"{json.dumps(LINES[0])}\n\n{line}\n", encoding="utf-8")
    refused(run("eval", file, "--json"), f"{file}:3:")


def test_eval_of_a_file_that_is_no_text_could_not_run(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    refused(run("eval", file), file)


def test_eval_with_other_knowledge(run: Run, tmp_path: Path, content: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_text(json.dumps(LINES[0]))
    refused(run("eval", file, "--knowledge", tmp_path / "nowhere"), tmp_path / "nowhere")
    refused(run("eval", file, "--knowledge", tmp_path), "topics.yaml")


# -- import and export -----------------------------------------------------------------------------------------


def cells(file: Path) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(file)
    found = {sheet.title: sorted(sheet.iter_rows(values_only=True), key=str) for sheet in book.worksheets}
    book.close()
    return found


@pytest.mark.slow
def test_workbook_comes_back_without_loss(run: Run, tmp_path: Path, content: Path) -> None:
    first, again, folder = tmp_path / "first.xlsx", tmp_path / "again.xlsx", tmp_path / "taken-over"
    done = run("export", first, root=content)
    assert done.returncode == 0, done.stderr
    count = int(re.findall(r"FAQ (\d+)件", done.stdout)[0])
    done = run("import", first, folder)
    assert done.returncode == 0, done.stderr
    assert f"FAQ {count}件" in done.stdout
    done = run("export", again, root=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert cells(again) == cells(first)
    assert len(cells(first)["FAQ"]) == count + 1


@pytest.mark.slow
def test_export_for_rasa_is_what_rasa_reads(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "rasa"
    assert run("export", folder, "--format", "rasa").returncode == 0
    written = content_of(folder)
    assert any("slip-lost" in text for text in written.values())


def test_import_of_a_csv(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "faq.csv"
    file.write_text("question,answer,color\n納付書をなくした,電話してください。,青\n", encoding="cp932")
    done = run("import", file, tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "FAQ 1件" in done.stdout
    assert "color" in done.stderr, "what was not taken over is told"
    assert any("電話してください。" in text for text in content_of(tmp_path / "new").values())


def test_import_of_a_workbook_without_the_columns_could_not_run(run: Run, tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["質問", "答え"])
    book.save(tmp_path / "faq.xlsx")
    refused(run("import", tmp_path / "faq.xlsx", tmp_path / "new"), "question", "answer")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["faq.xlsx", "faq.ods", "faq"])
def test_import_of_something_else_could_not_run(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("this is no workbook")
    refused(run("import", tmp_path / name, tmp_path / "new"), name)
    assert not (tmp_path / "new").exists()


def test_export_in_another_form_could_not_run(run: Run, tmp_path: Path) -> None:
    refused(run("export", tmp_path / "x", "--format", "docx"), "docx", "xlsx")


# -- what is not there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["eval", "{}/nowhere.jsonl"],
        ["import", "{}/nowhere.xlsx", "{}/new"],
        ["import", "{}/nowhere.csv", "{}/new"],
        ["export", "{}/nowhere/faq.xlsx"],
    ],
)
def test_file_that_is_not_there_could_not_run(run: Run, tmp_path: Path, words: list[str]) -> None:
    refused(run(*(word.format(tmp_path) for word in words)), "nowhere")


@pytest.mark.slow
@pytest.mark.parametrize("words", [["ask", "納付書"], ["serve", "--port", "1"], ["eval", "/dev/null"], ["check"]])
def test_embedding_that_is_not_there_could_not_run(run: Run, tmp_path: Path, words: list[str]) -> None:
    refused(run(*words, embedding=tmp_path / "nowhere"), tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("root", "/nowhere", "topics.yaml"),
        ("data", "/proc/nowhere", "nowhere"),
        ("database", "himitsu", "MADOGUCHI_DATABASE"),
        ("database", "postgresql+psycopg2://x:himitsu@y/z", "MADOGUCHI_DATABASE"),
        ("port", "many", "port（many）"),
        ("port", "70000", "port（70000）"),
        ("messages_per_minute", "0", "messages_per_minute（0）"),
        ("allowed_origins", "https://www.example.jp", "allowed_origins"),
    ],
)
def test_wrong_setting_could_not_run(run: Run, setting: str, value: str, named: str) -> None:
    done = run("serve", **{setting: value})
    refused(done, named)
    assert "himitsu" not in done.stdout + done.stderr


def test_port_that_is_none_could_not_run(run: Run) -> None:
    refused(run("serve", "--port", "70000"), "70000")


@pytest.mark.slow
def test_port_that_is_taken_could_not_run(run: Run, server: Server) -> None:
    port = server.url.rpartition(":")[2]
    refused(run("serve", "--port", port), f"127.0.0.1:{port}")
    assert server.client.get("/healthz").status_code == 200
