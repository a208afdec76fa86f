"""The table of readings: what may stand in it, and that Open JTalk reads by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice.speech.dictionary import build_dictionary
from voice.speech.errors import SpeechError
from voice.speech.japanese import Japanese, reading
from voice.speech.pronunciation import FILE, Line, Pronunciation, load_pronunciation


def table(root: Path, text: str) -> tuple[Pronunciation | None, list[str]]:
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(text, encoding="utf-8")
    found, findings = load_pronunciation(root)
    return found, [f"{each.code}:{each.line}" for each in findings]


def test_table_is_read_with_all_its_lines(tmp_path: Path) -> None:
    found, codes = table(
        tmp_path, '- {word: 納期限, reading: ノウキゲン, accent: "3"}\n- {word: eLTAX, reading: エルタックス}\n'
    )
    assert not codes
    assert found is not None
    assert [line.surface for line in found.lines] == ["納期限", "ｅＬＴＡＸ"]


def test_table_that_is_missing_or_empty_has_no_lines(tmp_path: Path) -> None:
    assert load_pronunciation(tmp_path) == (Pronunciation(), [])
    assert table(tmp_path, "[]\n") == (Pronunciation(), [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- {word: 納期限, reading: のうきげん}", "IVR050:1"),
        ("- {word: 納期限, reading: ノウキ限}", "IVR050:1"),
        ('- {word: 納期限, reading: ノウキゲン, accent: "6"}', "IVR051:1"),
        ('- {word: 納期限, reading: ノウキゲン, accent: "-1"}', "IVR051:1"),
        ("- {word: 納期限, reading: ノウキゲン, accent: 平板}", "IVR051:1"),
        ('- {word: "納 期限", reading: ノウキゲン}', "IVR052:1"),
        ('- {word: "1,000", reading: セン}', "IVR052:1"),
        ("- {word: eL, reading: エル}\n- {word: ｅＬ, reading: イーエル}", "IVR053:2"),
        ("- {word: 納期限}", "FAQ001:1"),
        ("- {word: 納期限, reading: ノウキゲン, speed: 1}", "FAQ002:1"),
        ("word: 納期限", "FAQ008:1"),
        ("- {word: 納期限,", "YML015:1"),
    ],
)
def test_table_with_a_slip_is_refused_with_its_line(tmp_path: Path, text: str, code: str) -> None:
    found, codes = table(tmp_path, text + "\n")
    assert found is None
    assert codes == [code]


def test_table_survives_json(pronunciation: Pronunciation) -> None:
    assert Pronunciation.model_validate_json(pronunciation.model_dump_json()) == pronunciation


@pytest.mark.parametrize(
    ("word", "written", "said", "morae"),
    [
        ("納期限", "ノウキゲン", "ノーキゲン", 5),
        ("種別割", "シュベツワリ", "シュベツワリ", 5),
        ("減免申請", "ゲンメンシンセイ", "ゲンメンシンセー", 8),
        ("PayPay", "ペイペイ", "ペイペイ", 4),
        ("ペイジー", "ペイジー", "ペイジー", 4),
    ],
)
def test_reading_is_said_with_long_vowels(word: str, written: str, said: str, morae: int) -> None:
    line = Line(word=word, reading=written)
    assert (line.said, line.morae) == (said, morae)


def test_words_are_read_by_the_table_and_without_it_wrongly(tmp_path: Path) -> None:
    lines = (Line(word="納期限", reading="ノウキゲン", accent="3"), Line(word="PayPay", reading="ペイペイ"))
    assert reading("納期限は、PayPayで。", Pronunciation(), tmp_path) == "オサメキゲンワ、ピーエーワイピーエーワイデ。"
    assert reading("納期限は、PayPayで。", Pronunciation(lines=lines), tmp_path) == "ノーキゲンワ、ペイペイデ。"


def test_one_kanji_in_the_table_does_not_break_words_it_is_part_of(tmp_path: Path) -> None:
    engine = Japanese.of(Pronunciation(lines=(Line(word="方", reading="カタ", accent="2"),)), tmp_path)
    assert engine.reading("納めた方は。") == "オサメタカタワ。"
    assert [engine.reading(word) for word in ("方法。", "両方。", "夕方。")] == [
        "ホーホー。",
        "リョーホー。",
        "ユーガタ。",
    ]


@pytest.mark.slow
def test_dictionary_is_compiled_once_per_table_and_silently(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    line = Line(word="納期限", reading="ノウキゲン")
    first = build_dictionary(Pronunciation(lines=(line,)), tmp_path)
    assert first is not None
    made_at = first.stat().st_mtime_ns
    assert build_dictionary(Pronunciation(lines=(line,)), tmp_path) == first
    assert first.stat().st_mtime_ns == made_at
    assert build_dictionary(Pronunciation(lines=(line.model_copy(update={"accent": "3"}),)), tmp_path) != first
    assert build_dictionary(Pronunciation(), tmp_path) is None
    assert capfd.readouterr() == ("", "")


def test_dictionary_that_cannot_be_compiled_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((SpeechError, OSError)):
        build_dictionary(Pronunciation(lines=(Line(word="方", reading="カタ"),)), tmp_path / "file" / "folder")
