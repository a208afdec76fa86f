"""What may stand in an answer, on the telephone and in an unconfirmed entry; which phrasings count as the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.lint import LONG_SENTENCE, MIN_PHRASINGS, check_validity, same
from bot.knowledge.loader import load

LOST, CENTRE = "faq/slip/slip-lost.yaml", "faq/contact/call-centre.yaml"
Change = Callable[..., None]


def codes(root: Path) -> list[str]:
    return [found.code for found in load(root).findings]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("納付書をなくした", "納付書を なくした。", True), ("ＡＢＣ１２３", "abc123", True),
        ("ﾅｸｼﾀ", "ナクシタ", True),
        ("いつ？", "いつ!?", True), ("コンビニ_払い", "コンビニ払い", True),
        ("納付書　なくした", "納付書なくした", True),
        ("なくした", "なくしたら", False), ("ナクシタ", "なくした", False), ("は", "ば", False),
        ("🚗", "🚙", False), ("？", "！", False), ("🚗", "🚗", True),
    ],
)  # fmt: skip
def test_phrasings_are_the_same_but_for_width_case_and_signs(one: str, other: str, is_same: bool) -> None:
    assert (same(one) == same(other)) is is_same


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("<b>太字</b>", "<b>"), ("# 見出し", "# 見出し"), ("| 表 | 表 |", "| 表 | 表 |"),
        ("![絵](https://a.jp/x.png)", "![絵]"),
        ("[ページ](http://a.jp)", "](http://a.jp)"), ("[ページ](/faq)", "](/faq)"), ("`コード`", "`コード`"),
        ("一行目\n  ## 見出し", None), ("**太字**", None), ("- 箇条書き\n- もう1つ", None),
        ("[ページ](https://a.jp)", None),
        ("1 < 2 です", None), ("#1 の窓口", None),
    ],
)  # fmt: skip
def test_answer_holds_no_markdown_the_doors_cannot_show(
    content: Path, change: Change, answer: str, found: str | None
) -> None:
    block = "answer: |\n" + "".join(f"  {row}\n" for row in answer.replace("\n  ##", "\n##").split("\n"))
    block = block.replace("  ##", "  ・##")  # only a heading at the start of a line is one
    change(LOST, block, "answer: |\n  はい、再発行できます。\n  - 電話で申し込みます。\n")
    findings = [f for f in load(content).findings if f.code == "FAQ022"]
    assert [f.what for f in findings] == ([f"「answer」に、使えない書き方「{found}」があります。"] if found else [])


@pytest.mark.parametrize(
    ("voice", "found"),
    [
        ("くわしくは https://a.jp です。", "https://a.jp"), ("県税（自動車税）です。", "（"),
        ("「納付書」です。", "「"),
        ("9時～17時です。", "～"), ("※注意です。", "※"), ("はい→いいえ", "→"), ("**はい**", "*"),
        ("はい。[ページ]", "["),
        ("はい。電話は0570の012の229です。", None), ("埼玉県 自動車税 で検索してください。", None),
    ],
)  # fmt: skip
def test_voice_holds_nothing_that_cannot_be_said(content: Path, change: Change, voice: str, found: str | None) -> None:
    change(LOST, f'voice: "{voice}"', "voice: はい、再発行できます。")
    findings = [f for f in load(content).findings if f.code == "FAQ021"]
    assert [f.what for f in findings] == ([f"「voice」に、電話で読めない「{found}」があります。"] if found else [])


@pytest.mark.parametrize(
    ("key", "text", "found"),
    [
        ("answer", "手数料は400円です。", "400"), ("answer", "期限は５月です。", "５"),
        ("answer", "三か月かかります。", "三か月"),
        ("answer", "十割です。", "十割"), ("voice", "二千円です。", "二千円"), ("voice", "31日までです。", "31"),
        ("answer", "0570-012-229（平日午前8時30分〜午後5時15分）へ。", None),
        ("answer", "eL-QRで1回払えます。", None),
        ("answer", "[ページ](https://a.jp/2026/04)をご覧ください。", None), ("answer", "一般の窓口です。", None),
        ("voice", "0570の012の229へ、もう1度おかけください。", None),
    ],
)  # fmt: skip
def test_unconfirmed_entry_holds_no_figure_but_the_call_centre(
    content: Path, change: Change, key: str, text: str, found: str | None
) -> None:
    old = "answer: はい。コールセンター（0570-012-229）へお電話ください。"
    change(CENTRE, f'answer: "{text}"' if key == "answer" else f"{old}\nvoice: {text}", old)
    line = 5 if key == "answer" else 6
    findings = [(f.code, f.line, f.what) for f in load(content).findings]
    assert findings == ([("FAQ020", line, f"certainty が「未」なのに、「{found}」と書かれています。")] if found else [])
    change(CENTRE, "certainty: 公", "certainty: 未")
    assert codes(content) == []


@pytest.mark.parametrize(
    ("key", "limit", "old"),
    [("question", 120, "question: 納付書をなくしました。再発行できますか。\n"),
     ("voice", 200, "voice: はい、再発行できます。\n"),
     ("answer", 400, "answer: |\n  はい、再発行できます。\n  - 電話で申し込みます。\n")],
)  # fmt: skip
def test_text_may_be_as_long_as_its_limit(content: Path, change: Change, key: str, limit: int, old: str) -> None:
    just = ("あ" * 49 + "。") * 8
    change(LOST, f"{key}: {just[:limit]}\n", old)
    assert codes(content) == []
    change(LOST, f"{key}: {just[:limit]}あ\n", f"{key}: {just[:limit]}\n")
    findings = load(content).findings
    assert [(f.code, f.what) for f in findings] == [
        ("FAQ004", f"「{key}」が{limit + 1}文字あります（上限は{limit}文字です）。")
    ]


@pytest.mark.parametrize(("length", "expected"), [(LONG_SENTENCE, []), (LONG_SENTENCE + 1, ["FAQ027"])])
def test_long_sentence_is_a_notice(content: Path, change: Change, length: int, expected: list[str]) -> None:
    change(LOST, "あ" * length + "。\n  -", "はい、再発行できます。\n  -")
    assert codes(content) == expected
    assert load(content).knowledge is not None


@pytest.mark.parametrize(("count", "expected"), [(MIN_PHRASINGS, []), (MIN_PHRASINGS - 1, ["FAQ028"]), (0, ["FAQ028"])])
def test_few_phrasings_are_a_notice(content: Path, change: Change, count: int, expected: list[str]) -> None:
    rows = "".join(f"    - 受話器その{n}\n" for n in range(count))
    change("nlu_data/faq/contact.yml", f"nlu:\n- intent: faq/call-centre\n  examples: |\n{rows}")
    assert codes(content) == expected
    assert load(content).knowledge is not None


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2027-01-29", []), ("2027-01-30", ["FAQ025"]), ("2027-03-31", ["FAQ025"]), ("2027-04-01", ["FAQ024"])],
)
def test_end_of_validity_is_told_sixty_days_ahead(content: Path, today: str, expected: list[str]) -> None:
    knowledge = load(content).knowledge
    assert knowledge is not None
    findings = list(check_validity(list(knowledge.entries.values()), dt.date.fromisoformat(today)))
    assert [f.code for f in findings] == expected
    assert {f.path for f in findings} <= {LOST}


@pytest.mark.parametrize("intent", ["faq/", "slip-lost", "faqs/slip-lost", "smalltalk/", "chitchat/greeting", ""])
def test_intent_of_another_kind_is_refused(content: Path, change: Change, intent: str) -> None:
    change("nlu_data/zz.yml", f'nlu:\n- intent: "{intent}"\n  examples: |\n    - ちがう種類\n')
    assert codes(content) == ["NLU007"]


def test_phrasing_of_two_intents_names_the_first(content: Path, change: Change) -> None:
    change("nlu_data/zz.yml", "nlu:\n- intent: out_of_scope/zz\n  examples: |\n    - 明日の 天気？\n")
    found = load(content).findings[0]
    assert (found.code, found.what) == ("NLU003", "言い回し「明日の 天気？」が「out_of_scope/weather」にもあります。")


def test_question_may_not_be_a_phrasing(content: Path, change: Change) -> None:
    change("tests/questions/none.yaml", "# 注\n- {ask: 明日の天気, expect: none}\n")
    found = load(content).findings[0]
    assert (found.code, found.path, found.line) == ("NLU004", "nlu_data/out_of_scope.yml", 4)
    assert found.what == "「明日の天気」は検査の質問（tests/questions/none.yaml:2）と同じです。"
