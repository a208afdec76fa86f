"""Entries as a workbook and back without loss; what another program's file may hold is in test_workbook_import.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.knowledge.loader import load
from bot.knowledge.models import Entry, Knowledge, Topic
from bot.knowledge.rasa_nlu import TrainingData, add
from bot.knowledge.workbook import COLUMNS, MAX_CELL, WorkbookError, export, import_file
from bot.knowledge.yaml_text import read

ROOT = Path(__file__).resolve().parents[2]
Change = Callable[..., None]

# What a cell, a YAML file or both are known to treat in their own way, between any other words.
ODD = ["=1+1", "=HYPERLINK(\"x\")", "+81", "-1", "@a", "\n", "\n\n", " \n", "  字下げ\n", '"', "'", ",", "，", ";", "|",
       " | ", "🚗",
       "👨‍👩‍👧", "𠮷", "か゛", ": ", "： ", "#", " # ", "- ", "ー ", "　", "\t", "null", "no", "9:00", "0120",
       "2026-04-01",
       "2026-04-01 00:00:00", "%", "&a", "*a", "!!str", "{a}", "[a]", "---", "...", "\\n", "_x000D_", "_x0041_", "#N/A",
       "TRUE", "<b>", "&amp;", "]]>", "\u200b", "\u00a0", "\u2028", "\u0085", "\ufeff", "：", "`"]  # fmt: skip
LETTER = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"))
TEXT = st.lists(st.sampled_from(ODD) | st.text(LETTER, max_size=6), min_size=1, max_size=6).map("".join)
WORDS = TEXT.map(str.strip).filter(bool)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)


def entry_of(**words: object) -> Entry:
    fixed = {"id": "slip-lost", "topic": "slip", "category": "納税", "certainty": "県"}
    return Entry.model_validate(
        {"question": "質問", "answer": "答え", "owner": "係", "source": "出典", **fixed, **words}
    )


def there_and_back(
    entry: Entry, phrasings: tuple[str, ...], topic: Topic, root: Path
) -> tuple[Entry, list[str], Topic]:
    export(Knowledge("v", (topic,), {entry.id: entry}, {entry.id: phrasings}), root / "a.xlsx")
    import_file(root / "a.xlsx", root / "out")
    document, findings = read(root / "out/faq/slip/slip-lost.yaml", root)
    topics, more = read(root / "out/faq/topics.yaml", root)
    assert [*findings, *more] == []
    assert document is not None
    assert topics is not None
    training = TrainingData()
    if phrasings:
        examples, found = read(root / "out/nlu_data/faq/slip.yml", root)
        assert examples is not None
        assert [*found, *add(examples, training)] == []
    back = [example.text for example in training.intents.get("faq/slip-lost", [])]
    return Entry.model_validate(document.data), back, Topic.model_validate(topics.data[0])


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    question=WORDS.map(lambda text: text[:120].strip()).filter(bool), answer=WORDS, owner=WORDS, source=WORDS,
    voice=st.none() | WORDS.map(lambda text: text[:200].strip()), label=LINE, title=WORDS,
    phrasings=st.lists(LINE, max_size=4),
)  # fmt: skip
@example("=1", "=SUM(1,2)", "+a", "-b", "@c", "=d", "=e", ["=f", "- g", "# h"])
@example(
    "_x000D_", "a_x0041_b", "\u2028a\u2028b", "a\x85b", "_x005F_", " | ", "#N/A", ["a_x000A_b", "null", "00:00:00"]
)
def test_round_trip_keeps_every_text(
    tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, owner: str, source: str, voice: str | None,
    label: str, title: str, phrasings: list[str],
) -> None:  # fmt: skip
    links = [{"label": label, "url": "https://a.jp/?a|b#c"}, {"label": "二", "url": "https://b.jp/"}]
    words = {"question": question, "answer": answer, "owner": owner, "source": source, "voice": voice, "links": links}
    entry, topic = entry_of(**words), Topic(id="slip", title=title, subject=title, menu=("slip-lost",))
    back = there_and_back(entry, tuple(phrasings), topic, tmp_path_factory.mktemp("trip"))
    assert back == (entry, phrasings, topic)


def test_round_trip_keeps_what_is_no_text(tmp_path: Path) -> None:
    valid = {"from": "2026-04-01", "until": "2027-03-31"}
    entry = entry_of(
        related=["slip-lost", "a-b"], valid=valid, reviewed="2026-11-20", category="その他", certainty="未"
    )
    topic = Topic(id="slip", title="納付書", subject="紙", menu=("a-b", "slip-lost"))
    assert there_and_back(entry, (), topic, tmp_path) == (entry, [], topic)


def test_round_trip_of_the_real_content_loses_nothing(tmp_path: Path) -> None:
    before = load(ROOT).knowledge
    assert before is not None
    export(before, tmp_path / "faq.xlsx")
    imported = import_file(tmp_path / "faq.xlsx", tmp_path / "out")
    after = load(tmp_path / "out").knowledge
    assert after is not None
    assert dict(after.entries) == dict(before.entries)
    assert dict(after.phrasings) == dict(before.phrasings)
    assert after.topics == before.topics
    counted = (len(before.entries), sum(map(len, before.phrasings.values())))
    assert (imported.entries, imported.phrasings, imported.notes) == (*counted, ())
    assert imported.entries > 200


def knowledge_of(content: Path) -> Knowledge:
    knowledge = load(content).knowledge
    assert knowledge is not None
    return knowledge


def test_sheet_has_a_header_and_a_row_for_each_entry(content: Path, tmp_path: Path) -> None:
    export(knowledge_of(content), tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["FAQ", "話題"]
    rows = list(book["FAQ"].iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert COLUMNS[:7] == ("id", "topic", "category", "question", "answer", "voice", "phrasings")
    assert [row[0] for row in rows[1:]] == ["call-centre", "slip-lost", "slip-reissue"]
    lost = dict(zip(COLUMNS, rows[2], strict=True))
    assert lost["phrasings"].split("\n") == [f"紙をなくしたその{n}" for n in range(20)]
    assert lost["links"] == "納付書のページ | https://www.example.lg.jp/slip"
    assert (lost["valid_from"], lost["valid_until"], lost["reviewed"]) == ("2026-04-01", "2027-03-31", "2026-11-20")
    assert book["FAQ"].freeze_panes == "B2"
    assert list(book["話題"].iter_rows(values_only=True))[1] == ("slip", "納付書について", "納付書", "slip-reissue")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_that_looks_like_a_formula_stays_text(content: Path, tmp_path: Path, change: Change, start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    change("faq/slip/slip-lost.yaml", f'question: "{text}"', "question: 納付書をなくしました。再発行できますか。")
    change("faq/topics.yaml", f'subject: "{text}"', "subject: コールセンター")
    export(knowledge_of(content), tmp_path / "a.xlsx")
    book = load_workbook(tmp_path / "a.xlsx")
    for cell in (book["FAQ"]["D3"], book["話題"]["C3"]):
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


@pytest.mark.parametrize("phrasing", ["あ" * (MAX_CELL + 1), "a\x07b"], ids=["too-long", "control"])
def test_what_no_cell_can_hold_is_refused_by_name(tmp_path: Path, phrasing: str) -> None:
    entry = entry_of()
    with pytest.raises(WorkbookError, match="「slip-lost」"):
        export(Knowledge("v", (), {entry.id: entry}, {entry.id: (phrasing,)}), tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()
