"""Every code of the catalogue, made by one small slip in one file of otherwise good content."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.findings import CATALOGUE, Finding, Level, errors, finding
from bot.knowledge.lint import check_validity
from bot.knowledge.loader import load

TODAY = dt.date(2026, 11, 20)
# A search engine is needed for most of these (tests/search); others are of the wording or the calendar
# (tests/dialogue), or of an empty folder (test_loader.py).
ELSEWHERE = {"ASK010", "ASK011", "ASK012", "ASK020", "NLU006", "YML013", "FAQ017", "FAQ018", "FAQ019"}

LOST, REISSUE, CENTRE = "faq/slip/slip-lost.yaml", "faq/slip/slip-reissue.yaml", "faq/contact/call-centre.yaml"
TRAINING, ASKED = "nlu_data/faq/contact.yml", "tests/questions/slip.yaml"
REST = "category: 納税\nquestion: 質問\nanswer: 答え\nowner: 係\nsource: 出典\ncertainty: 県\nreviewed: 2026-11-20\n"
MORE = "- intent: {}\n  examples: |\n    - {}\n- intent: faq/call-centre"
EXAMPLE = "    - 電話番号その0\n"
LONG = "この文は一度も切れずにどこまでも続いていくので読む人はとちゅうで何の話だったかを忘れてしまい" * 2

# code, file, what is written there, in the place of what (None: the whole file), line of the finding
SLIPS: list[tuple[str, str, str | bytes, str | None, int]] = [
    ("YML001", LOST, "id: slip-lost\ntopic: 納付書\n".encode("cp932"), None, 2),
    ("YML002", LOST, b"id: slip-lost\n" + b"# 0123456789\n" * 160_000, None, 0),
    ("YML003", LOST, "owner：自動車税事務所", "owner: 自動車税事務所", 13),
    ("YML004", LOST, "　url: https", "    url: https", 11),
    ("YML005", LOST, "\turl: https", "    url: https", 11),
    ("YML006", LOST, "related:\n  ー slip-reissue\n", "related: [slip-reissue]\n", 13),
    ("YML007", LOST, "topic:slip", "topic: slip", 2),
    ("YML008", LOST, 'question: "納付書', "question: 納付書", 4),
    ("YML009", LOST, "source: 税金: 納期", "source: 納税の方法", 14),
    ("YML010", LOST, "source: @納税の方法", "source: 納税の方法", 14),
    ("YML011", LOST, "certainty: 県\ncertainty: 県\n", "certainty: 県\n", 16),
    ("YML012", LOST, "# まだ書いていません\n", None, 1),
    ("YML014", LOST, "certainty:　県", "certainty: 県", 15),
    ("YML015", ASKED, '- {ask: 用紙はどこ, expect: slip-lost}\n- {ask: "窓口は, expect: none}\n', None, 2),
    ("FAQ001", LOST, "", "owner: 自動車税事務所\n", 1),
    ("FAQ002", LOST, "owners: 係\nowner: 自", "owner: 自", 13),
    ("FAQ003", LOST, "certainty: 市", "certainty: 県", 15),
    ("FAQ004", REISSUE, f"answer: {'長い。' * 150}\n", "answer: 自動車税事務所で再発行できます。\n", 5),
    ("FAQ005", LOST, "owner:\n", "owner: 自動車税事務所\n", 13),
    ("FAQ006", LOST, "reviewed: 令和8年11月20日", "reviewed: 2026-11-20", 17),
    ("FAQ007", LOST, "related: [slip_reissue]", "related: [slip-reissue]", 12),
    ("FAQ008", LOST, "related: slip-reissue", "related: [slip-reissue]", 12),
    ("FAQ009", LOST, "url: http://", "url: https://", 11),
    ("FAQ010", "faq/slip/slip-new.yaml", f"# 新しい\nid: slip-other\ntopic: slip\n{REST}", None, 2),
    ("FAQ011", "faq/slip/slip-new.yaml", f"# 新しい\nid: slip-lost\ntopic: slip\n{REST}", None, 2),
    ("FAQ012", "faq/slop/slop.yaml", f"id: slop\ntopic: slop\n{REST}", None, 2),
    ("FAQ013", "faq/contact/slip-new.yaml", f"id: slip-new\ntopic: slip\n{REST}", None, 2),
    ("FAQ014", LOST, "related:\n  - slip-reissue\n  - slip-found\n", "related: [slip-reissue]\n", 14),
    ("FAQ014", "faq/topics.yaml", "menu: [slip-found]", "menu: [slip-reissue]", 4),
    ("FAQ015", LOST, "related: [slip-lost]", "related: [slip-reissue]", 12),
    ("FAQ020", CENTRE, "answer: 手数料は400円です。", "answer: はい。", 5),
    ("FAQ021", LOST, "voice: はい（無料）です。", "voice: はい、再発行できます。", 8),
    ("FAQ022", LOST, "  <b>はい</b>、", "  はい、", 5),
    ("FAQ023", LOST, "{from: 2027-04-01", "{from: 2026-04-01", 16),
    ("FAQ016", "faq/slip/slip-lost.yml", "id: slip-lost\n", None, 0),
    ("FAQ024", LOST, "until: 2026-11-19", "until: 2027-03-31", 0),
    ("FAQ025", LOST, "until: 2026-12-31", "until: 2027-03-31", 0),
    ("FAQ026", LOST, "reviewed: null", "reviewed: 2026-11-20", 17),
    ("FAQ027", LOST, LONG, "はい、再発行できます。\n  -", 5),
    ("FAQ028", "faq/slip/slip-new.yaml", f"id: slip-new\ntopic: slip\n{REST}", None, 1),
    ("NLU001", TRAINING, MORE.format("faq/call-center", "受話器"), "- intent: faq/call-centre", 2),
    ("NLU002", TRAINING, f"{EXAMPLE}    - 電話番号 その0！\n", EXAMPLE, 5),
    ("NLU003", "nlu_data/faq/slip.yml", "    - 電話番号その0\n", "    - 紙をなくしたその0\n", 4),
    ("NLU004", TRAINING, f"{EXAMPLE}    - 用紙が、見当たらない。\n", EXAMPLE, 5),
    ("NLU005", TRAINING, f"{EXAMPLE}    電話したい\n", EXAMPLE, 5),
    ("NLU007", TRAINING, MORE.format("greeting", "受話器"), "- intent: faq/call-centre", 2),
    ("NLU008", TRAINING, MORE.format("smalltalk/thanks", "どうもね"), "- intent: faq/call-centre", 2),
    ("NLU009", "nlu_data/zz.yml", "nlu:\n- intent: faq/slip-lost\n  examples: |\n    - 紛失\n", None, 2),
    ("ASK001", ASKED, "- {ask: 用紙はどこ, expect: slip-gone}\n", None, 1),
    ("ASK002", ASKED, "- {ask: 用紙はどこ, expect: slip-lost}\n- {ask: 用紙は　どこ？, expect: none}\n", None, 2),
]  # fmt: skip


def found_in(root: Path) -> list[Finding]:
    loaded = load(root)
    entries = list(loaded.knowledge.entries.values()) if loaded.knowledge else []
    return [*loaded.findings, *check_validity(entries, TODAY)]


def test_good_content_has_no_findings(content: Path) -> None:
    assert found_in(content) == []
    assert load(content).knowledge is not None


@pytest.mark.parametrize(("code", "file", "new", "old", "line"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_slip_gives_its_finding_and_no_other(
    content: Path, change: Callable[..., None], code: str, file: str, new: str | bytes, old: str | None, line: int
) -> None:
    change(file, new, old)
    level = CATALOGUE[code][0]
    found = [f for f in found_in(content) if f.level is level]
    assert [(f.path, f.line, f.code) for f in found] == [(file, line, code)]
    assert re.fullmatch(rf"{re.escape(file)}:{line}: {level} {code} [^\n{{}}]+\n    直し方: [^\n{{}}]+", str(found[0]))
    assert (load(content).knowledge is None) is (level is Level.ERROR)


def test_slips_name_every_code_of_the_catalogue() -> None:
    ours = {code for code in CATALOGUE if not code.startswith(("IVR", "TRN"))}  # tested with what they are about
    assert {slip[0] for slip in SLIPS} | ELSEWHERE == ours
    assert not {slip[0] for slip in SLIPS} & ELSEWHERE


def test_finding_reads_as_place_fact_and_remedy() -> None:
    told = finding("YML003", "faq/slip/slip-lost.yaml", 6, key="answer")
    assert str(told) == (
        "faq/slip/slip-lost.yaml:6: エラー YML003 「answer」のあとのコロンが全角（：）です。\n"
        "    直し方: 半角のコロン（:）に変えて、そのあとに半角スペースを1つ入れてください。"
    )
    assert told.as_dict() == {
        "path": "faq/slip/slip-lost.yaml", "line": 6, "code": "YML003", "level": "error",
        "what": "「answer」のあとのコロンが全角（：）です。",
        "fix": "半角のコロン（:）に変えて、そのあとに半角スペースを1つ入れてください。",
    }  # fmt: skip
    assert finding("FAQ026", "x", 1).as_dict()["level"] == "notice"
    assert str(finding("FAQ026", "x", 1)).startswith("x:1: 注意 FAQ026 ")


def test_finding_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(KeyError):
        finding("FAQ999", "x")


def test_findings_sort_by_place_and_two_at_one_place_stay_two() -> None:
    first = finding("FAQ001", "a.yaml", 9, key="owner")
    second = finding("FAQ001", "a.yaml", 9, key="source")
    notice = finding("FAQ026", "a.yaml", 10)
    other = finding("YML012", "b.yaml", 1)
    assert sorted([other, notice, second, first]) == [first, second, notice, other]
    assert len({first, second}) == 2
    assert errors([other, notice, first]) == [other, first]


def test_remedy_names_what_was_probably_meant(content: Path, change: Callable[..., None]) -> None:
    change(LOST, "anser: |", "answer: |")
    unknown = next(f for f in load(content).findings if f.code == "FAQ002")
    assert unknown.what == "「anser」という項目はありません。"
    assert unknown.fix.startswith("「answer」のことですか。使える項目: id、topic、")
