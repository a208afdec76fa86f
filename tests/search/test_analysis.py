"""Features of a text: content words, domain terms, n-grams of letters and of the reading."""

from __future__ import annotations

import threading

import pytest

from bot.knowledge.models import Vocabulary
from bot.search.analysis import JapaneseAnalyzer

VOCABULARY = Vocabulary(synonyms={"振込用紙": "納付書", "納付書": "納付書", "クレカ": "クレジットカード"})


def test_synonyms_of_a_term_share_a_feature() -> None:
    analyse = JapaneseAnalyzer(VOCABULARY)
    assert "=納付書" in analyse("振込用紙をなくした").words
    assert "=納付書" in analyse("納付書をなくした").words
    assert "=クレジットカード" in analyse("ｸﾚｶで").words


def test_particles_and_polite_endings_are_no_words() -> None:
    words = JapaneseAnalyzer(Vocabulary())("車をください").words
    assert [word for word in words if not word.startswith("~")] == ["車"]


def test_wrong_kanji_share_the_reading() -> None:
    analyse = JapaneseAnalyzer(Vocabulary())
    right, wrong = analyse("再発行").reading_grams, analyse("再発効").reading_grams
    assert right == wrong != frozenset()


def test_katakana_and_hiragana_share_their_letters() -> None:
    analyse = JapaneseAnalyzer(Vocabulary())
    assert analyse("ペイペイ").grams == analyse("ぺいぺい").grams


def test_a_text_of_any_length_is_read() -> None:
    words = JapaneseAnalyzer(VOCABULARY).words("納付書をなくした。" * 5000).words
    assert words["=納付書"] == 1.0
    assert words["納付"] == pytest.approx(5000, abs=3)  # a piece may end inside a word


def test_one_analyzer_serves_many_threads() -> None:
    analyse, failures = JapaneseAnalyzer(VOCABULARY), []
    expected = analyse("自動車税の納付書をなくしました")

    def work() -> None:
        try:
            for _ in range(200):
                assert analyse("自動車税の納付書をなくしました") == expected
        except BaseException as error:  # a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
