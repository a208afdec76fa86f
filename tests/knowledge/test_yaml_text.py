"""Scalars stay text, every value knows its line, and slips are found where they are, not where PyYAML trips."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.yaml_text import MAX_BYTES, parse, read


def codes(text: str) -> list[tuple[str, int]]:
    return [(found.code, found.line) for found in parse(text, "x.yaml")[1]]


@pytest.mark.parametrize(
    "written",
    ["9:00", "17:15", "08:30", "no", "yes", "on", "true", "null", "~", "0120", "0x1f", "1_000", "1e3", "2026-05-31",
     "2026-05-31 09:00:00", "3.10", ".inf", "083-933-1234", "=", "<<"],
)  # fmt: skip
def test_scalar_stays_text(written: str) -> None:
    document, findings = parse(f"hours: {written}\nlist: [{written}]\n", "x.yaml")
    assert findings == []
    assert document is not None
    assert document.data == {"hours": written, "list": [written]}


def test_scalar_that_is_a_key_stays_text() -> None:
    document, _ = parse("no: a\n1: b\n9:00: c\n", "x.yaml")
    assert document is not None
    assert document.data == {"no": "a", "1": "b", "9:00": "c"}


@pytest.mark.parametrize(
    ("place", "line"),
    [((), 2), (("a",), 2), (("b",), 3), (("b", 0), 4), (("b", 1), 5), (("b", 1, "url"), 6), (("block",), 7),
     (("b", 1, "missing"), 5), (("nowhere", 3), 2), (("flow", 1), 9)],
)  # fmt: skip
def test_line_is_told_for_every_place(place: tuple[str | int, ...], line: int) -> None:
    document, _ = parse("# 先頭\na: 1\nb:\n  - x\n  - label: y\n    url: z\nblock: |\n  本文\nflow: [p, q]\n", "x.yaml")
    assert document is not None
    assert document.line(*place) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # full-width colon: at the start, in the middle, at the end, nested, in a list
        ("id： a\ntopic: b\n", [("YML003", 1)]),
        ("id: a\ntopic： b\nowner: c\n", [("YML003", 2)]),
        ("id: a\ntopic：b\n", [("YML003", 2)]),
        ("valid:\n  from：2026-04-01\n", [("YML003", 2)]),
        ("- ask：いつ\n  expect: none\n", [("YML003", 1)]),
        # full-width space: PyYAML takes it for a part of the word and says nothing
        ("id: a\n　topic: b\n", [("YML004", 2)]),
        ("links:\n　- label: a\n　  url: b\n", [("YML004", 2), ("YML004", 3)]),
        ("related:\n  　- a\n", [("YML004", 2)]),
        ("valid:\n\tfrom: 2026-04-01\n", [("YML005", 2)]),
        ("related:\n  - a\n\t- b\n", [("YML005", 3)]),
        # other bullets
        ("related:\n  ー a\n  ー b\n", [("YML006", 2)]),
        ("related:\n  - a\n  ー b\n", [("YML006", 3)]),
        ("related:\n・a\nowner: b\n", [("YML006", 2)]),
        ("links:\n  － label: a\n    url: b\n", [("YML006", 2)]),
        # no space after the colon
        ("id:a\ntopic: b\n", [("YML007", 1)]),
        ("topic: b\nid:a\n", [("YML007", 2)]),
        ("valid:\n  from:2026-04-01\n", [("YML007", 2)]),
        # quotes
        ('id: a\nquestion: "なくしました\nowner: b\n', [("YML008", 2)]),
        ("id: a\nquestion: 'なくしました\nowner: b\n", [("YML008", 2)]),
        ('question: "納付書" をなくした\nowner: b\n', [("YML008", 1)]),
        ("id: a\nquestion: 税金: 納期\n", [("YML009", 2)]),
        # what has no name of its own
        ("id: a\nowner: @b\n", [("YML010", 2)]),
        ("id: a\nowner: *b\n", [("YML010", 2)]),
        ("id: a\nowner: \x07b\n", [("YML010", 2)]),
        ("id: あ\n\nowner: \x00b\n", [("YML010", 3)]),
        ("id: a\n---\nid: b\n", [("YML010", 2)]),
        ("{name}: a\n", [("YML010", 1)]),
        ("id: a\nowner: b\nid: c\nowner: d\n", [("YML011", 3), ("YML011", 4)]),
        ("valid: {from: a, from: b}\n", [("YML011", 1)]),
        ("", [("YML012", 1)]),
        ("\n  \n# まだ\n", [("YML012", 1)]),
        # several slips at once
        ("id： a\n　topic: b\nowner:c\n", [("YML003", 1), ("YML004", 2), ("YML007", 3)]),
    ],
)  # fmt: skip
def test_slip_is_found_on_its_line(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    assert codes(text) == expected
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert [(found.code, found.line) for found in read(tmp_path / "x.yaml", tmp_path)[1]] == expected


@pytest.mark.parametrize("header", ["answer: |", "answer: >-", "answer: |2", "answer: | # 本文", "- answer: |", "- |"])
def test_slips_inside_a_block_are_just_words(header: str) -> None:
    rows = [
        "    key： 値",
        "    　字下げ",
        "    ー 箇条書き",
        "    ",
        "",
        "    id:a",
        '    "開いたまま',
        "    税金: 納期",
    ]
    block = "\n".join([header, *rows, ""])
    assert codes(block) == []
    broken = block + ("- @b\n" if header.startswith("-") else "owner: @b\n")
    assert codes(broken) == [("YML010", 10)]


def test_slips_inside_a_block_of_a_crlf_file_are_just_words_too(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("answer: |\r\n  ー 箇条書き\r\n  id:a\r\nowner: @b\r\n".encode())
    assert [(found.code, found.line) for found in read(tmp_path / "x.yaml", tmp_path)[1]] == [("YML010", 4)]


def test_slip_after_a_block_in_a_list_is_found() -> None:
    assert codes("- answer: |\n    ー 本文\n  owner： 係\n") == [("YML003", 3)]


@pytest.mark.parametrize(
    "text",
    ["link: https://example.jp\n", "- https://example.jp\n", "time: 9:00\n", "a: 「納期：5月」\n", 'a: "税: 納期"\n',
     "a: 長い文\n  ー が次の行に続く\n", "a: ー\n", "- 　先頭\n", "'　a': b\n"],
)  # fmt: skip
def test_what_only_looks_like_a_slip_is_left_alone(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]\n", "a: &a {b: *a}\n", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "[" * 900 + "]" * 900 + "\n",
     "[" * 5000, "".join(" " * depth + "a:\n" for depth in range(900))],
    ids=["itself", "itself-mapping", "bomb", "deep", "open", "deep-mapping"],
)  # fmt: skip
def test_text_that_would_never_end_is_a_finding(text: str) -> None:
    assert {code for code, _ in codes(text)} == {"YML010"}


@pytest.mark.parametrize(
    "raw",
    [b"\xef\xbb\xbfid: a\nowner: b\n", b"id: a\r\nowner: b\r\n", b"\xef\xbb\xbfid: a\r\nowner: b", b"id: a\nowner: b"],
    ids=["bom", "crlf", "bom-crlf", "no-newline"],
)
def test_file_of_another_editor_is_read_alike(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(raw)
    document, findings = read(tmp_path / "x.yaml", tmp_path)
    assert findings == []
    assert document is not None
    assert document.data == {"id": "a", "owner": "b"}
    assert document.line("owner") == 2


def test_block_of_a_crlf_file_has_plain_line_ends(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("a: |\r\n  一\r\n  二\r\nb： c\r\n".replace("b：", "b:").encode())
    document, _ = read(tmp_path / "x.yaml", tmp_path)
    assert document is not None
    assert document.data == {"a": "一\n二\n", "b": "c"}


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        ("id: a\nowner: 県税\n".encode("cp932"), "YML001", 2),
        ("id: a\n".encode("utf-16"), "YML001", 1),
        (b"# " + b"a" * 2 * 1024 * 1024, "YML002", 0),
        (b"# " + b"a" * (MAX_BYTES - 1), "YML002", 0),
        (b"# " + b"a" * (MAX_BYTES - 2), "YML012", 1),
        (b"", "YML012", 1),
    ],
    ids=["shift-jis", "utf-16", "2-mb", "one-too-many", "just-fits", "empty"],
)
def test_file_that_cannot_be_read_says_why(tmp_path: Path, raw: bytes, code: str, line: int) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.yaml").write_bytes(raw)
    document, findings = read(tmp_path / "sub" / "x.yaml", tmp_path)
    assert document is None
    assert [(found.path, found.code, found.line) for found in findings] == [("sub/x.yaml", code, line)]
