"""Words a person should listen to: the shipped content raises none, and each kind is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.loader import load
from voice.speech.doubts import DIGITS, LATIN, SEVERAL, SILENT, UNKNOWN, Doubt, check_speech, suspicious
from voice.speech.japanese import Japanese

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("ＸＹＺで払えます。", Doubt("ＸＹＺ", "エックスワイゼット", LATIN)),
        ("𠮷野さん。", Doubt("𠮷", "ヨシ", UNKNOWN)),
        ("手続きを行って、", Doubt("行っ", "イッ", SEVERAL)),
        ("門が開いている。", Doubt("開い", "アイ", SEVERAL)),
        ("市外局番は0570です。", Doubt("０５７０", "ゼロゴーナナゼロ", DIGITS)),
        ("番号は12345です。", Doubt("１２３４５", "イチニーサンヨンゴー", DIGITS)),
        ("区分は12-34です。", Doubt("１２－３４", "イチニー－サンヨン", DIGITS)),
        ("税→県。", Doubt("→", "", SILENT)),
        ("ご案内♪。", Doubt("♪", "", SILENT)),
    ],
)
def test_word_that_may_be_read_wrongly_is_doubted(engine: Japanese, text: str, doubt: Doubt) -> None:
    found = {each.word: each.why for each in suspicious(text, engine)}
    assert found.get(doubt.word) == doubt.why


@pytest.mark.parametrize(
    "text",
    [
        "番号は、0570-012-229です。", "39,500円、100000円、令和8年5月31日、8:30〜17:15、14.6%。",
        "「くらしと県税」（埼玉県）を、チャットボットで。", "1を、#を、*を押してください。",
        "車台番号の下4桁。", "納めた人は、前の住所へ。", "受付時間内に。",
    ],
)  # fmt: skip
def test_ordinary_words_are_not_doubted(engine: Japanese, text: str) -> None:
    assert suspicious(text, engine) == []


def test_word_of_the_table_is_not_doubted(engine: Japanese) -> None:
    assert suspicious("納期限までに、eL番号で。", engine) == []


def test_findings_name_file_and_line_once_for_a_word(engine: Japanese) -> None:
    place = ("faq/pay/a.yaml", 7)
    spoken = [
        ("ＸＹＺとＸＹＺで。", "ja", *place), ("ＸＹＺで。", "ja", *place), ("🎉", "ja", *place),
        ("あ" * 1001, "ja", *place), ("Call XYZ.", "en", *place), ("税→県。", "ja", *place),
    ]  # fmt: skip
    findings = check_speech(spoken, engine)
    assert [each.code for each in findings] == ["IVR060", "IVR062", "IVR062", "IVR061"]
    assert {(each.path, each.line) for each in findings} == {place}
    assert "ＸＹＺ" in findings[0].what
    assert "word: ＸＹＺ" in findings[0].fix


def test_shipped_answers_raise_no_doubt(engine: Japanese) -> None:
    knowledge = load(ROOT).knowledge
    assert knowledge is not None
    voices = {entry.id: entry.voice for entry in knowledge.entries.values() if entry.voice}
    doubts = {id_: suspicious(voice, engine) for id_, voice in voices.items()}
    assert {id_: found for id_, found in doubts.items() if found} == {}
