"""A content folder as a whole: what comes out of a good one, and that a bad file anywhere stops it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.knowledge.findings import errors
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge

ROOT = Path(__file__).resolve().parents[2]
LOST, REISSUE = "faq/slip/slip-lost.yaml", "faq/slip/slip-reissue.yaml"

Change = Callable[..., None]


def knowledge_of(root: Path) -> Knowledge:
    knowledge = load(root).knowledge
    assert knowledge is not None
    return knowledge


def test_good_content_comes_out_whole(content: Path) -> None:
    knowledge = knowledge_of(content)
    assert [topic.id for topic in knowledge.topics] == ["slip", "contact"]
    assert set(knowledge.entries) == {"slip-lost", "slip-reissue", "call-centre"}
    lost = knowledge.entries["slip-lost"]
    assert lost.answer == "はい、再発行できます。\n- 電話で申し込みます。"
    assert (lost.links[0].label, lost.links[0].url) == ("納付書のページ", "https://www.example.lg.jp/slip")
    assert (lost.related, lost.certainty) == (("slip-reissue",), "県")
    assert (lost.valid.from_, lost.valid.until) == (dt.date(2026, 4, 1), dt.date(2027, 3, 31))
    assert lost.reviewed == dt.date(2026, 11, 20)
    assert knowledge.phrasings["slip-lost"] == tuple(f"紙をなくしたその{n}" for n in range(20))
    assert knowledge.small_talk["greeting"].phrasings == ("こんにちは",)
    assert knowledge.small_talk["greeting"].replies == ("こんにちは。ご質問をどうぞ。",)
    assert knowledge.out_of_scope == {"weather": ("明日の天気",)}
    assert knowledge.vocabulary.synonyms == {"車の税金": "自動車税", "自動車税": "自動車税"}
    assert (knowledge.vocabulary.subjects, knowledge.vocabulary.fillers) == (("納付書",), ())


def test_questions_come_with_their_place(content: Path) -> None:
    none, slip = load(content).questions
    assert (slip.path, slip.line, slip.question.right) == (
        "tests/questions/slip.yaml",
        1,
        {"slip-lost", "slip-reissue"},
    )
    assert (none.question.expect, none.question.right) == ("none", frozenset())


def test_real_content_has_no_errors() -> None:
    loaded = load(ROOT)
    assert errors(loaded.findings) == []
    assert loaded.knowledge is not None
    assert len(loaded.knowledge.entries) > 200
    assert len(loaded.questions) > 200


EVERY_FILE = [
    "faq/topics.yaml", LOST, "faq/contact/call-centre.yaml", "nlu_data/smalltalk.yml",
    "nlu_data/out_of_scope.yml", "nlu_data/lookups.yml", "nlu_data/synonyms.yml", "nlu_data/faq/slip.yml",
    "tests/questions/slip.yaml",
]  # fmt: skip


@pytest.mark.parametrize("bad", ["a: b: c\n", "", "ただの文\n", "\x00"], ids=["broken", "empty", "text", "control"])
@pytest.mark.parametrize("file", EVERY_FILE)
def test_bad_file_anywhere_gives_no_knowledge_and_blames_that_file(
    content: Path, change: Change, file: str, bad: str
) -> None:
    change(file, bad)
    loaded = load(content)
    assert loaded.knowledge is None
    assert {found.path for found in errors(loaded.findings)} == {file}


@pytest.mark.parametrize("file", ["nlu_data/config.yml", "nlu_data/domain.yml", "nlu_data/rules.yml"])
def test_set_up_of_rasa_is_no_content(content: Path, change: Change, file: str) -> None:
    version = knowledge_of(content).version
    change(file, "a: b: c\n")
    assert knowledge_of(content).version == version
    change(file.replace("nlu_data/", "nlu_data/faq/"), "a: b: c\n")
    assert load(content).knowledge is None


@pytest.mark.parametrize("name", [".#slip-lost.yaml", "._slip-lost.yaml", ".slip-lost.yaml"])
def test_what_other_programs_leave_behind_is_no_content(content: Path, name: str) -> None:
    version = knowledge_of(content).version
    for folder, suffix in (("faq/slip", ""), ("nlu_data/faq", ".yml"), ("tests/questions", "")):
        (content / folder / f"{name}{suffix}").write_bytes(b"\xff\x00")
    (content / "faq/slip/.#emacs.yaml").symlink_to("nobody@nowhere")
    (content / "faq/slip/folder.yaml").mkdir()
    loaded = load(content)
    assert loaded.findings == ()
    assert loaded.knowledge is not None
    assert loaded.knowledge.version == version


def test_empty_folder_says_what_is_missing(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.knowledge is None
    assert [str(found).split("\n", maxsplit=1)[0] for found in loaded.findings] == [
        "faq:0: エラー FAQ019 FAQが1件もありません。",
        "faq/topics.yaml:0: エラー FAQ001 「topics.yaml」がありません。",
    ]


def test_all_findings_come_at_once_and_sorted(content: Path, change: Change) -> None:
    change("tests/questions/slip.yaml", "- {ask: 紙, expect: gone}\n- {ask: 紙, expect: gone, accept: [lost]}\n")
    change(LOST, "related: [gone, lost, slip-lost]", "related: [slip-reissue]")
    change(REISSUE, "", "owner: 自動車税事務所\nsource: 納税の方法\n")
    change(
        "faq/contact/call-centre.yaml",
        "answer： はい\n",
        "answer: はい。コールセンター（0570-012-229）へお電話ください。\n",
    )
    change("nlu_data/smalltalk.yml", "", "    - こんにちは\n")
    change("nlu_data/smalltalk.yml", "    こんにちは\nresponses:", "responses:")
    findings = load(content).findings
    assert [(found.path, found.line, found.code) for found in findings] == [
        ("faq/contact/call-centre.yaml", 5, "YML003"),
        (LOST, 12, "FAQ014"), (LOST, 12, "FAQ014"), (LOST, 12, "FAQ015"),
        (REISSUE, 1, "FAQ001"), (REISSUE, 1, "FAQ001"),
        ("nlu_data/smalltalk.yml", 5, "NLU005"),
        ("tests/questions/slip.yaml", 1, "ASK001"), ("tests/questions/slip.yaml", 2, "ASK001"),
        ("tests/questions/slip.yaml", 2, "ASK001"), ("tests/questions/slip.yaml", 2, "ASK002"),
    ]  # fmt: skip
    assert {found.what for found in findings if found.code == "FAQ001"} == {
        "「owner」がありません。",
        "「source」がありません。",
    }


def test_entry_without_id_is_told_and_its_name_is_still_known(content: Path, change: Change) -> None:
    change(LOST, "", "id: slip-lost\n")
    assert [(f.path, f.code, f.what) for f in load(content).findings] == [(LOST, "FAQ001", "「id」がありません。")]


def test_an_id_unlike_its_file_name_is_one_finding_wherever_it_is_named(content: Path, change: Change) -> None:
    change(
        "faq/slip/slip-new.yaml", (content / REISSUE).read_text(encoding="utf-8").replace("slip-reissue", "slip-other")
    )
    change(LOST, "related: [slip-new]", "related: [slip-reissue]")
    found = errors(load(content).findings)
    assert [f.code for f in found] == ["FAQ010"]
    assert "「id: slip-new」" in found[0].fix


def test_broken_topics_are_not_held_against_entries(content: Path, change: Change) -> None:
    change("faq/topics.yaml", "", "  title: 納付書について\n")
    assert [(f.path, f.line, f.code) for f in load(content).findings] == [("faq/topics.yaml", 1, "FAQ001")]


@pytest.mark.parametrize(
    ("file", "new", "old"),
    [(LOST, "窓口で申し込み", "電話で申し込み"), (LOST, "# 注\nid: slip-lost", "id: slip-lost"),
     ("nlu_data/faq/slip.yml", "紙を落としたその0", "紙をなくしたその0"),
     ("faq/topics.yaml", "納付書のこと", "納付書について"), ("nlu_data/lookups.yml", "督促状", "納付書")],
)  # fmt: skip
def test_version_changes_with_content(content: Path, change: Change, file: str, new: str, old: str) -> None:
    before = knowledge_of(content).version
    change(file, new, old)
    assert knowledge_of(content).version != before
    change(file, old, new)
    assert knowledge_of(content).version == before


def test_version_changes_with_a_file_name(content: Path) -> None:
    before = knowledge_of(content).version
    (content / "nlu_data/lookups.yml").rename(content / "nlu_data/lookups2.yml")  # the order of files stays
    assert knowledge_of(content).version != before


def test_version_stays_when_a_question_changes(content: Path, change: Change) -> None:
    before = load(content)
    change("tests/questions/slip.yaml", "- {ask: 別の質問, expect: slip-lost}\n")
    after = load(content)
    assert before.knowledge is not None
    assert after.knowledge is not None
    assert after.knowledge.version == before.knowledge.version
    assert after.questions != before.questions


@pytest.mark.parametrize(
    ("valid", "day", "is_served"),
    [("{from: 2026-04-01, until: 2027-03-31}", "2026-03-31", False),
     ("{from: 2026-04-01, until: 2027-03-31}", "2026-04-01", True),
     ("{from: 2026-04-01, until: 2027-03-31}", "2027-03-31", True),
     ("{from: 2026-04-01, until: 2027-03-31}", "2027-04-01", False),
     ("{from: 2026-04-01}", "2099-01-01", True), ("{from: 2026-04-01}", "2026-03-31", False),
     ("{until: 2027-03-31}", "1999-01-01", True), ("{until: 2027-03-31}", "2027-04-01", False),
     ("{from: null, until: ~}", "1999-01-01", True), ("{}", "2099-01-01", True)],
)  # fmt: skip
def test_entry_is_served_on_its_days(content: Path, change: Change, valid: str, day: str, is_served: bool) -> None:
    change(LOST, f"valid: {valid}", "valid: {from: 2026-04-01, until: 2027-03-31}")
    knowledge, on = knowledge_of(content), dt.date.fromisoformat(day)
    assert (knowledge.served("slip-lost", on) is not None) is is_served
    assert ("slip-lost" in [entry.id for entry in knowledge.in_topic("slip", on)]) is is_served
    assert knowledge.served("slip-gone", on) is None


def test_topic_shows_its_menu_first_and_in_that_order(content: Path, change: Change) -> None:
    day = dt.date(2026, 11, 20)
    assert [entry.id for entry in knowledge_of(content).in_topic("slip", day)] == ["slip-reissue", "slip-lost"]
    change("faq/topics.yaml", "menu: [slip-lost, call-centre]", "menu: [slip-reissue]")
    knowledge = knowledge_of(content)
    assert [entry.id for entry in knowledge.in_topic("slip", day)] == ["slip-lost", "call-centre", "slip-reissue"]
    assert [entry.id for entry in knowledge.in_topic("slip", dt.date(2028, 1, 1))] == ["call-centre", "slip-reissue"]
    assert knowledge.in_topic("gone", day) == []
    slip = knowledge.topic("slip")
    assert slip is not None
    assert (slip.title, knowledge.topic("gone")) == ("納付書について", None)
