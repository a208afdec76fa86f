"""Which of residents' words may go into the content."""

from __future__ import annotations

import numpy as np
import pytest

from bot.tuning.wording import chosen_phrasings, in_latin, may_be_written


@pytest.mark.parametrize(
    "text",
    [
        "納付書をなくしました", "ＱＲコードが読めません", "1500ccの車の税金いくら", "税金 6500円 なぜ",
        "くるま うった ぜいきん",
        "5月31日を過ぎたらコンビニで払えますか", "クレジットカードで払うと手数料はいくらですか", "障害者手帳で減免",
    ],
)  # fmt: skip
def test_ordinary_questions_may(text: str) -> None:
    assert may_be_written(text, 5)


@pytest.mark.parametrize(
    "text",
    [
        "〔電話番号〕に電話してください", "［電話番号］に電話してください", "私のナンバーは〔ナンバー〕です",
        "山田太郎と申します、納付書をなくしました",
        "田中さんに聞けと言われました", "佐藤花子の納付書をください", "090-1234-5678に連絡ください",
        "さいたま市浦和区高砂3-15-1に送って",
        "通知書番号12345678です", "taro@example.com に送って", "=cmd|' /C calc'!A0", "- 箇条書き", "{ask: x}",
        "<b>税</b>", "[x](faq)",
        "https://example.com を見た", "税", "!!!", "死ね税金泥棒",
        "役所はバカばかり", "金返せよ本当に", "使えないクズ", "あ" * 81,
        "＝１＋１で始まる質問", "名前は花子です", "昭和45年5月5日生まれです",
    ],
)  # fmt: skip
def test_what_could_be_about_a_person_or_harm_a_file_may_not(text: str) -> None:
    assert not may_be_written(text, 5)


def test_a_long_story_of_one_person_may_not() -> None:
    story = "先月母が入院して代わりに納付書を探しているのですが見つからずどうしたらよいか困っています"
    assert len(story) <= 45 or not may_be_written(story, 1)
    assert may_be_written(story, 2)


def test_other_languages_have_longer_words() -> None:
    assert may_be_written("I lost my payment slip and the deadline is tomorrow, what should I do", 1, "en")
    assert not may_be_written("my phone is +81 48 123 4567 please call me", 3, "en")


def test_words_that_stand_for_many_come_first() -> None:
    alike = np.array([[1, 0.95, 0.1], [0.95, 1, 0.1], [0.1, 0.1, 1]], dtype=np.float32)
    weights = np.array([5, 9, 2], dtype=np.float32)
    assert chosen_phrasings(["いつ払う", "いつ払うの", "どこで"], weights, alike, [True] * 3, 3) == [1, 2]
    assert chosen_phrasings(["いつ払う", "いつ払うの", "どこで"], weights, alike, [True, False, False], 3) == [0]
    assert chosen_phrasings(["あ"], weights[:1], alike[:1, :1], [False], 3) == []


def test_names_in_latin_letters() -> None:
    assert in_latin("違反金").isascii()
