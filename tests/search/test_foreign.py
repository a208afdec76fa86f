"""Features of questions in other languages survive what people leave out or type otherwise."""

from __future__ import annotations

import pytest

from bot.knowledge.models import Vocabulary
from bot.search.foreign import ForeignAnalyzer, fold
from bot.search.text import in_kana

analyse = ForeignAnalyzer(Vocabulary(synonyms={"bill": "payment slip", "payment slip": "payment slip"}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mat giay nop thue", "Mất giấy nộp thuế"),
        ("NAO RECEBI A GUIA", "não recebi a guia"),
        ("perdí la boleta", "perdi la boleta"),
        ("我的車檢證不見了", "我的车检证不见了"),
        ("ｌｏｓｔ　ｍｙ　ｓｌｉｐ", "lost my slip"),
    ],
)
def test_a_question_typed_otherwise_has_the_same_features(typed: str, meant: str) -> None:
    assert fold(analyse(typed).text) == fold(analyse(meant).text)
    assert analyse(typed).words == analyse(meant).words
    assert analyse(typed).grams == analyse(meant).grams


def test_a_wrong_jamo_keeps_most_of_the_reading() -> None:
    right, wrong = analyse("자동차세 납부서").reading_grams, analyse("자동차세 납부소").reading_grams
    assert len(right & wrong) > 0.7 * len(right)


def test_particles_of_korean_do_not_matter() -> None:
    assert "납부서" in analyse("납부서를 잃어버렸어요").words
    assert "납부서" in analyse("납부서는 어디서 받아요").words


def test_japanese_words_in_a_foreign_question_are_found() -> None:
    assert set(analyse("where is my 納税証明書").words) & set(analyse("納税証明書").words)


def test_synonyms_give_the_term() -> None:
    assert analyse.terms("I lost the BILL") == ["=payment slip"]


@pytest.mark.parametrize(
    ("typed", "kana"),
    [
        ("jidousha zei itsumade", "じどうしゃぜいいつまで"),
        ("shaken no shoumeisho", "しゃけんのしょうめいしょ"),
        ("nouzei tsuuchisho ga konai", "のうぜいつうちしょがこない"),
        ("konbini de haraeru?", "こんびにではらえる?"),
        ("zasshi kitte ryokou", "ざっしきってりょこう"),
    ],
)
def test_romaji_becomes_kana(typed: str, kana: str) -> None:
    assert in_kana(typed) == kana


@pytest.mark.parametrize(
    "other", ["lost my slip", "perdi el papel", "PayPay", "ok", "no", "自動車税 no", "2000cc", "eLTAX de harau", "😀"]
)
def test_other_words_stay(other: str) -> None:
    assert in_kana(other) == other
