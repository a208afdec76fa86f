"""Texts as they are said: marks, times, numbers, and where they are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.speech.aloud import aloud, bare, sayable
from voice.speech.japanese import Japanese
from voice.speech.segments import (
    AFTER_COMMA,
    AFTER_ITEM,
    AFTER_SENTENCE,
    AFTER_TEXT,
    AGAIN,
    MAX_SEGMENT,
    MAX_TEXT,
    SLOW,
    SPEED,
    TextTooLong,
    digits,
    sentences,
)


def words(text: str, lang: str = "ja") -> list[str]:
    return [segment.words for segment in sentences(text, lang)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("年14.6%です。", "ネン１４．６％です。"),
        ("割合は、年 2.8パーセントです。", "割合は、ネン２．８パーセントです。"),
        ("平日の8:30\u301c17:15", "平日の８時３０分から１７時１５分"),
        ("平日の8:30\uff5e17:15", "平日の８時３０分から１７時１５分"),
        ("平日の8:30~17:15", "平日の８時３０分から１７時１５分"),
        ("8:00から", "８時から"),
        ("9:05から", "９時５分から"),
        ("5/31まで", "５月３１日まで"),
        ("2026-04-01から", "２０２６年４月１日から"),
        ("2026/12/28まで", "２０２６年１２月２８日まで"),
        ("¥39,500", "３９，５００円"),
        ("39,500円", "３９，５００円"),
        ("#を押す", "シャープを押す"),
        ("＊を押す", "こめじるしを押す"),
        ("埼玉県 自動車税 で検索", "埼玉県、自動車税で検索"),
        ("令和 8年", "令和８年"),
        ("048(824)2111", "０４８‐８２４‐２１１１"),
        ("0570ー012−229", "０５７０‐０１２‐２２９"),
        ("お急ぎの方です。", "お急ぎのかたです。"),
        ("行末で\n  折り返した文。", "行末で折り返した文。"),
        ("よろしく👍。", "よろしく。"),
        ("①番", "１番"),
    ],
)  # fmt: skip
def test_text_is_written_out_as_it_is_said(text: str, said: str) -> None:
    assert aloud(text) == said


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("年14.6%。", "ネンジューヨンテンロクパーセント。"),
        ("2026年。", "ニセンニジューロクネン。"),
        ("令和8年5月31日。", "レーワハチネンゴガツサンジューイチニチ。"),
        ("39,500円。", "サンマンキューセンゴヒャクエン。"),
        ("8:30。", "ハチジサンジュップン。"),
        ("17:15。", "ジューシチジジューゴフン。"),
        ("10日。", "トーカ。"),
        ("2か月から3か月後。", "ニカゲツカラサンカゲツゴ。"),
        ("1人2枚。", "ヒトリニマイ。"),
        ("8番地の3。", "ハチバンチノサン。"),
        ("2万5000円。", "ニマンゴセンエン。"),
        ("1.5リットル。", "イッテンゴリットル。"),
        ("下4桁。", "シモヨンケタ。"),
        ("1を、#を、*を。", "イチヲ、シャープヲ、コメジルシヲ。"),
    ],
)
def test_figures_are_read_as_an_announcer_would(engine: Japanese, text: str, kana: str) -> None:
    assert engine.reading(text) == kana


def test_text_is_cut_at_the_ends_of_sentences() -> None:
    cut = sentences("お電話ありがとうございます。ご用件は何ですか？どうぞ")
    assert [segment.words for segment in cut] == ["お電話ありがとうございます。", "ご用件は何ですか？", "どうぞ"]
    assert [segment.pause_after for segment in cut] == [AFTER_SENTENCE, AFTER_SENTENCE, AFTER_TEXT]
    assert {segment.speed for segment in cut} == {SPEED}


def test_menu_is_cut_after_every_item_with_a_short_pause() -> None:
    cut = sentences("納付書の再発行は1を、住所変更は2を、終わるときは#を、戻るときは*を押してください。")
    assert [segment.words for segment in cut] == [
        "納付書の再発行は１を、",
        "住所変更は２を、",
        "終わるときはシャープを、",
        "戻るときはこめじるしを押してください。",
    ]
    assert [segment.pause_after for segment in cut] == [AFTER_ITEM, AFTER_ITEM, AFTER_ITEM, AFTER_TEXT]


@pytest.mark.parametrize("number", ["0570-012-229", "０５７０－０１２－２２９", "0570‐012‐229", "0570ー012ー229"])
def test_telephone_number_is_said_slowly_and_once_more(number: str) -> None:
    cut = sentences(f"番号は、{number}です。平日にどうぞ。")
    assert [(segment.words, segment.speed) for segment in cut] == [
        ("番号は、", SPEED),
        ("０５７０‐０１２‐２２９です。", SLOW),
        (AGAIN["ja"], SPEED),
        ("０５７０‐０１２‐２２９です。", SLOW),
        ("平日にどうぞ。", SPEED),
    ]


def test_telephone_number_is_repeated_only_once_in_a_text() -> None:
    assert words("0570-012-229です。0570-012-229へどうぞ。").count(AGAIN["ja"]) == 1
    assert words("0570-012-229か、048-824-2111です。").count(AGAIN["ja"]) == 2


def test_telephone_number_that_the_editor_repeats_is_left_alone() -> None:
    text = "0570-012-229です。くりかえします。0570-012-229です。"
    assert len(words(text)) == 3
    assert len(words(text.replace("くりかえします", "繰り返します"))) == 3


def test_particles_stay_with_the_number() -> None:
    assert words("0570-012-229へお電話ください。")[0] == "０５７０‐０１２‐２２９へお電話ください。"
    cut = words("0570-012-229に平日の午前8時30分から午後5時15分までにお電話ください。")
    assert cut[:2] == ["０５７０‐０１２‐２２９に", "平日の午前８時３０分から午後５時１５分までにお電話ください。"]


@pytest.mark.parametrize(
    ("number", "kana"),
    [
        ("0570-012-229", "ゼロゴーナナゼロ、ゼロイチニー、ニーニーキュー"),
        ("048-824-2111", "ゼロヨンハチ、ハチニーヨン、ニーイチイチイチ"),
        ("03-1234-5678", "ゼロサン、イチニーサンヨン、ゴーロクナナハチ"),
        ("0120-123-456", "ゼロイチニーゼロ、イチニーサン、ヨンゴーロク"),
        ("090-9000-0001", "ゼロキューゼロ、キューゼロゼロゼロ、ゼロゼロゼロイチ"),
    ],
)
def test_telephone_number_is_read_digit_by_digit_in_groups(engine: Japanese, number: str, kana: str) -> None:
    assert engine.reading(f"{number}です。") == f"{kana}デス。クリカエシマス。{kana}デス。"


def test_other_languages_say_numbers_digit_by_digit_and_again() -> None:
    assert words("Call 0570-012-229 before 5:15 p.m. today. Thank you.", "en") == [
        "Call 0 5 7 0, 0 1 2, 2 2 9 before 5:15 p.m. today.", "I repeat.", "0 5 7 0, 0 1 2, 2 2 9.", "Thank you.",
    ]  # fmt: skip
    assert words("请拨打0570-012-229。谢谢。", "zh")[0] == "请拨打0 5 7 0, 0 1 2, 2 2 9。"
    assert digits("０４８‐８２４‐２１１１") == "0 4 8, 8 2 4, 2 1 1 1"


@pytest.mark.parametrize("text", ["", "　", "🎉🎉", "。。。", "♪", "\x00\x07", "…", "\ufe0f"])
def test_text_without_words_is_not_said(text: str) -> None:
    assert sentences(text) == sentences(text, "en") == ()


def test_text_that_nobody_would_listen_to_is_refused() -> None:
    assert sentences("あ" * MAX_TEXT)
    with pytest.raises(TextTooLong, match="1001文字"):
        sentences("あ" * (MAX_TEXT + 1))


def test_long_sentence_is_cut_at_a_comma() -> None:
    text = "とても長い文が、" * 30
    cut = sentences(text)
    assert "".join(segment.words for segment in cut) == text
    assert max(len(segment.words) for segment in cut) <= MAX_SEGMENT
    assert {segment.pause_after for segment in cut} == {AFTER_COMMA}
    assert len(sentences("あ" * 500)) == 5


@given(st.text(max_size=200), st.sampled_from(["ja", "en", "zh"]))
def test_any_text_is_cut_without_a_crash_and_the_same_way_twice(text: str, lang: str) -> None:
    cut = sentences(text, lang)
    assert cut == sentences(text, lang)
    assert all(sayable(segment.words) and segment.pause_after > 0 for segment in cut)


@given(st.text(alphabet="納付書をの1、。 0570-229#", max_size=80))
def test_no_letter_is_lost_between_segments(text: str) -> None:
    said = "".join(words(text))
    for kanji in "納付書":
        assert said.count(kanji) >= bare(text).count(kanji)
