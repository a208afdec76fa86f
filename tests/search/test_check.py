"""Findings that need a search: guarding questions gone wrong, look-alikes, floors."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from bot import assemble
from bot.knowledge.findings import Finding
from bot.knowledge.loader import load
from bot.search.check import check
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ASKED = """
- {ask: "自動車税の納付書をなくしたので再発行してください", expect: pay-paypay}
- {ask: "納付書をなくした場合に再発行できるか知りたい", expect: none}
- {ask: "電気自動車の税金はいくらか教えて", expect: address-postcard}
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """The real content with wrong guarding questions, and two entries given the same words."""
    root = tmp_path_factory.mktemp("content")
    for folder in ("faq", "nlu_data", "ivr_flows"):
        shutil.copytree(ROOT / folder, root / folder)
    (root / "tests" / "questions").mkdir(parents=True)
    padding = "".join(f'- {{ask: "自動車税の番号{i}の質問", expect: slip-lost}}\n' for i in range(220))
    (root / "tests" / "questions" / "wrong.yaml").write_text(ASKED + padding, encoding="utf-8")
    file = root / "nlu_data" / "faq" / "refund.yml"
    twin = "- intent: faq/refund-march\n  examples: |\n"
    text = file.read_text(encoding="utf-8").replace(twin, f"{twin}    - 納付書を、なくした、再発行、ペイペイで払う\n")
    file.write_text(text, encoding="utf-8")
    other = root / "nlu_data" / "faq" / "notice.yml"
    first = "- intent: faq/due-date\n  examples: |\n"
    text = other.read_text(encoding="utf-8").replace(
        first, f"{first}    - 再発行、納付書を、なくした、ペイペイで払う\n"
    )
    other.write_text(text, encoding="utf-8")
    loaded = load(root)
    assert loaded.knowledge is not None
    engine = assemble.engine(Settings(root=root, data=root / "var"), loaded.knowledge)
    return list(check(loaded, {"ja": engine}, dt.date(2026, 11, 20)).findings)


def lines(findings: list[Finding], code: str) -> list[tuple[str, int]]:
    return [(found.path, found.line) for found in findings if found.code == code]


def test_a_wrong_direct_answer_is_told_with_its_line(findings: list[Finding]) -> None:
    assert ("tests/questions/wrong.yaml", 2) in lines(findings, "ASK010")


def test_an_answered_stranger_is_told(findings: list[Finding]) -> None:
    assert lines(findings, "ASK012") == [("tests/questions/wrong.yaml", 3)]


def test_a_missed_entry_is_told(findings: list[Finding]) -> None:
    told = lines(findings, "ASK010") + lines(findings, "ASK011")
    assert ("tests/questions/wrong.yaml", 4) in told
    assert lines(findings, "ASK011")


def test_figures_below_the_floor_are_errors(findings: list[Finding]) -> None:
    assert any("hit@1" in found.what for found in findings if found.code == "ASK020")


def test_lookalikes_are_told_with_both_phrasings(findings: list[Finding]) -> None:
    told = [found.what for found in findings if found.code == "NLU006"]
    assert any("due-date" in what and "refund-march" in what and "再発行、納付書を" in what for what in told)
