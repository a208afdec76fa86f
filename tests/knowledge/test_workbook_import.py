"""Files that other people's programs made: what is taken over, and what is refused with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.knowledge.findings import errors
from bot.knowledge.loader import load
from bot.knowledge.models import Knowledge
from bot.knowledge.workbook import MAX_ROWS, WorkbookError, import_file

HEADER = ("id", "topic", "question", "answer", "phrasings")
ROW = ("slip-lost", "slip", "なくしました", "再発行できます", "紛失\nなくした")


def workbook(file: Path, *rows: Sequence[object], spoil: Callable[[Worksheet], object] | None = None) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if spoil:
        spoil(sheet)
    book.save(file)
    return file


def imported(file: Path) -> Knowledge:
    """The knowledge made of a file: it must load without errors."""
    import_file(file, file.parent / "out")
    loaded = load(file.parent / "out")
    assert [str(found) for found in errors(loaded.findings)] == []
    assert loaded.knowledge is not None
    return loaded.knowledge


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_is_read_in_the_encodings_of_excel(tmp_path: Path, encoding: str, line_end: str) -> None:
    rows = [
        "ID,Question , answer,phrasings",
        'slip-lost,"なくした,失くした","1行目\n「2行目」 ""x""","紛失\nなくした"',
        "",
    ]
    (tmp_path / "a.csv").write_bytes(line_end.join(rows).replace("\n", line_end[-1]).encode(encoding))
    knowledge = imported(tmp_path / "a.csv")
    entry = knowledge.entries["slip-lost"]
    assert (entry.question, entry.answer) == ("なくした,失くした", '1行目\n「2行目」 "x"')
    assert knowledge.phrasings["slip-lost"] == ("紛失", "なくした")


def test_csv_of_two_columns_gets_defaults(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,answer\nいつですか,5月です\nどこですか,窓口です\n", encoding="utf-8")
    knowledge = imported(tmp_path / "a.csv")
    assert set(knowledge.entries) == {"row-2", "row-3"}
    entry = knowledge.entries["row-2"]
    assert (entry.topic, entry.category, entry.certainty, entry.reviewed) == ("imported", "その他", "公", None)
    assert (entry.owner, entry.source) == ("（未定）", "取り込み")
    assert (entry.voice, entry.links, entry.related) == (None, (), ())
    assert [(topic.id, topic.title) for topic in knowledge.topics] == [("imported", "imported")]


def test_line_ends_and_control_signs_do_not_reach_the_yaml(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('question,answer,phrasings\n"い\x07つ","a\r\nb\rc","x\r\ny\x00\x1b"\n'.encode())
    knowledge = imported(tmp_path / "a.csv")
    assert (knowledge.entries["row-2"].question, knowledge.entries["row-2"].answer) == ("いつ", "a\nb\nc")
    assert knowledge.phrasings["row-2"] == ("x", "y")


def test_columns_may_stand_in_any_order_and_unknown_ones_are_told(tmp_path: Path) -> None:
    file = workbook(tmp_path / "a.xlsx", ("メモ", "ANSWER", None, "question"), ("x", "答え", "y", "質問"))
    result = import_file(file, tmp_path / "out")
    assert (result.entries, result.phrasings) == (1, 0)
    assert result.notes == ("知らない列「メモ」は使いませんでした。",)


def test_empty_rows_are_passed_over_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    blank = (None, " ", "", None, "　")
    file = workbook(tmp_path / "a.xlsx", HEADER, blank, ROW, blank, (None, "slip", "質問", "答え", None), blank)
    assert set(imported(file).entries) == {"slip-lost", "row-5"}
    file = workbook(tmp_path / "b.xlsx", HEADER, blank, blank, ("a-b", "slip", "質問", " ", None))
    with pytest.raises(WorkbookError, match="4行目の「answer」が空です"):
        import_file(file, tmp_path / "b")


def test_numbers_and_dates_of_cells_become_text(tmp_path: Path) -> None:
    header = ("question", "answer", "valid_from", "valid_until", "reviewed")
    days = (dt.datetime(2026, 4, 1), dt.date(2027, 3, 31), "2026-11-20")
    entries = imported(workbook(tmp_path / "a.xlsx", header, (2026, 0.5, *days), (days[0], days[1]))).entries
    entry, other = entries["row-2"], entries["row-3"]
    assert (entry.question, entry.answer) == ("2026", "0.5")
    assert (other.question, other.answer) == ("2026-04-01", "2027-03-31")
    assert (str(entry.valid.from_), str(entry.valid.until), str(entry.reviewed)) == (
        "2026-04-01",
        "2027-03-31",
        "2026-11-20",
    )


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("県 | https://a.jp", [("県", "https://a.jp")]), ("県|https://a.jp/", [("県", "https://a.jp/")]),
        ("https://a.jp", [("https://a.jp", "https://a.jp")]), ("| https://a.jp", [("https://a.jp", "https://a.jp")]),
        ("県 | 税 | https://a.jp?x|y\n\n国 | https://b.jp", [("県 | 税", "https://a.jp?x|y"),
        ("国", "https://b.jp")]),
    ],
)  # fmt: skip
def test_links_are_label_and_address(tmp_path: Path, links: str, expected: list[tuple[str, str]]) -> None:
    file = workbook(tmp_path / "a.xlsx", ("question", "answer", "links"), ("質問", "答え", links))
    assert [(link.label, link.url) for link in imported(file).entries["row-2"].links] == expected


@pytest.mark.parametrize(
    ("found", "made"),
    [("slip-lost", "slip-lost"), ("Slip Lost", "slip-lost"), ("FAQ_012", "faq-012"), ("納付書", "q-"),
     ("納付書2", "q-"),
     ("../../escape", "escape"), ("..", "q-"), ("/etc/passwd", "etc-passwd"), ("a" * 61, "q-"), ("a.b", "a-b"),
     ("slip-lost\n", "slip-lost")],
)  # fmt: skip
def test_id_and_topic_of_another_system_become_usable_and_stay_inside(tmp_path: Path, found: str, made: str) -> None:
    file = workbook(
        tmp_path / "a.xlsx", HEADER, (found, found, *ROW[2:]), ("other", found, "質問2", "答え2", "もう1つ")
    )
    knowledge = imported(file)
    (id_,) = set(knowledge.entries) - {"other"}
    assert id_ == made if made != "q-" else id_.startswith("q-")
    assert {entry.topic for entry in knowledge.entries.values()} == {id_}
    assert knowledge.topics[0].title == found.strip()
    assert {file.name for file in tmp_path.iterdir()} == {"a.xlsx", "out"}
    import_file(file, tmp_path / "again")
    assert sorted((tmp_path / "again").rglob("*.yaml")) == sorted(
        tmp_path / "again" / file.relative_to(tmp_path / "out") for file in (tmp_path / "out").rglob("*.yaml")
    )


def test_relation_to_a_renamed_id_is_renamed_too(tmp_path: Path) -> None:
    header = ("id", "question", "answer", "related")
    file = workbook(
        tmp_path / "a.xlsx", header, ("納付書", "質問", "答え", "Slip_Lost"), ("Slip_Lost", "質問2", "答え2", "納付書")
    )
    entries = imported(file).entries
    (renamed,) = set(entries) - {"slip-lost"}
    assert entries["slip-lost"].related == (renamed,)
    assert entries[renamed].related == ("slip-lost",)


def test_topics_of_the_second_sheet_are_taken_over(tmp_path: Path) -> None:
    def add_topics(sheet: Worksheet) -> None:
        topics = sheet.parent.create_sheet("話題")
        for row in (
            ("id", "title", "menu"),
            ("other", "ほか", None),
            (None, None, None),
            ("slip", "納付書", "slip-lost"),
        ):
            topics.append(row)

    knowledge = imported(workbook(tmp_path / "a.xlsx", HEADER, ROW, spoil=add_topics))
    assert [(topic.id, topic.title, topic.subject, topic.menu) for topic in knowledge.topics] == [
        ("other", "ほか", "other", ()), ("slip", "納付書", "slip", ("slip-lost",)),
    ]  # fmt: skip


REFUSED = [
    ("no-column", [("id", "question"), ("a", "b")], None, r"列「answer」がありません（見つかった列: id、question）"),
    ("no-columns", [("質問", "答え"), ("a", "b")], None, r"列「question」「answer」がありません"),
    ("nothing", [], None, r"見つかった列: なし"),
    ("no-row", [HEADER, (None, None, " ")], None, r"FAQの行がありません"),
    ("no-question", [HEADER, ROW, ("a-b", "slip", None, "答え")], None, r"3行目の「question」が空です"),
    ("twice", [HEADER, ROW, (None, None), ROW], None, r"id「slip-lost」が 2 行目と 4 行目にあります"),
    ("merged", [HEADER, ROW], lambda sheet: sheet.merge_cells("A2:B3"), r"A2:B3 のセルが結合されています"),
    ("formula", [HEADER, ROW], lambda sheet: sheet.cell(2, 4, "=A2&B2"), r"D2 に数式があります"),
    ("long", [HEADER, ROW], lambda sheet: sheet.cell(MAX_ROWS + 1, 1, "x"), rf"{MAX_ROWS + 1} 行あります"),
]


@pytest.mark.parametrize(("rows", "spoil", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_workbook_is_refused_with_the_place_and_nothing_is_written(
    tmp_path: Path, rows: list[Sequence[object]], spoil: Callable[[Worksheet], object] | None, message: str
) -> None:
    file = workbook(tmp_path / "表.xlsx", *rows, spoil=spoil)
    with pytest.raises(WorkbookError, match=message):
        import_file(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "raw"),
    [("a.xlsx", b"no workbook"), ("a.xlsx", b""), ("a.xlsx", b"PK\x03\x04broken"), ("a.xls", b"\xd0\xcf\x11\xe0"),
     ("a.txt", b"x"),
     ("a.csv", b""), ("a.csv", b"\x81\n"), ("a.csv", "question,answer\na,b".encode("utf-16")), ("gone.csv", None),
     ("gone.xlsx", None),
     ("a.csv", b'question,answer\na,"' + b"b" * 200_000)],
)  # fmt: skip
def test_file_of_another_kind_is_refused_by_name(tmp_path: Path, name: str, raw: bytes | None) -> None:
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(WorkbookError, match=name):
        import_file(tmp_path / name, tmp_path / "out")
    assert not (tmp_path / "out").exists()
