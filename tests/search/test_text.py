"""Normalisation: what people type differently and mean the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.text import fold_kana, has_words, is_kana, normalise

FILLERS = ("えーと", "あのー", "こんにちは", "すみません")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ＰａｙＰａｙ　で払える？", "paypay で払える?"),
        ("ﾉｳﾌｼｮ", "ノウフショ"),
        ("コンビニーーー", "コンビニー"),
        ("ペイペイ〜で", "ペイペイーで"),
        ("0570−012−229", "0570−012−229".replace("−", "-")),
        ("払えません！！！！", "払えません!"),
        ("納付書なくしたｗｗｗ", "納付書なくした"),
        ("無くした(笑)", "無くした"),
        ("a\u200bb\x00c", "a b c"),
        ("  空白\t\n だらけ  ", "空白 だらけ"),
    ],
)
def test_normalise_folds_what_does_not_matter(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("えーと、納付書をなくしました", "納付書をなくしました"),
        ("あのー えーと 納付書ですけど", "納付書ですけど"),
        ("すみません、期限、えーと、いつまでですか", "期限、いつまでですか"),
        ("こんにちは", "こんにちは"),
        ("えーと", "えーと"),
        ("はいしゃしたえーとはい", "はいしゃしたえーとはい"),
    ],
)
def test_normalise_drops_hesitations_but_never_everything(said: str, meant: str) -> None:
    assert normalise(said, FILLERS) == meant


@given(st.text(max_size=600))
def test_normalise_leaves_no_control_characters_and_no_double_spaces(text: str) -> None:
    plain = normalise(text)
    assert plain == plain.strip()
    assert "  " not in plain
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in plain)


def test_fold_kana_makes_katakana_small_vowels_and_length_alike() -> None:
    assert fold_kana("ペイペイー") == fold_kana("ぺいぺい")
    assert fold_kana("ファミペイ") == "ふあみぺい"


@pytest.mark.parametrize(
    ("text", "kana"), [("のうふしょなくした", True), ("納付書なくした", False), ("paypay", False), ("はい", False)]
)
def test_is_kana_needs_four_letters_without_kanji(text: str, kana: bool) -> None:
    assert is_kana(text) is kana


@pytest.mark.parametrize(
    ("text", "words"), [("😀🎉", False), ("！？…", False), ("   ", False), ("車", True), ("1", True)]
)
def test_has_words_is_false_for_emoji_and_marks(text: str, words: bool) -> None:
    assert has_words(text) is words
