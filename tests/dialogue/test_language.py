"""Which language a resident writes in, and when a conversation switches."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.dialogue import turn
from bot.dialogue.events import Happened
from bot.dialogue.language import identify, supported
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import NAMES, Published
from bot.dialogue.reply import ReplyKind
from bot.dialogue.state import Conversation
from bot.knowledge.loader import load
from bot.knowledge.translations import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO)
LEAST_RIGHT, LEAST_OF_ONE = 0.97, 0.95  # of all languages together, of each


def opened(published: Published, lang: str = "ja") -> Conversation:
    return turn.start("c", published, NOW, lang).conversation


@pytest.mark.parametrize("lang", ["ja", *LANGUAGES])
@pytest.mark.parametrize("prior", ["ja", "its own"])
def test_language_of_the_guarding_questions_is_identified(published: Published, lang: str, prior: str) -> None:
    """Questions of 8–40 characters (4–20 where one says as much as three), none of which any training has seen."""
    least, most = (4, 20) if lang in {"ja", "zh-Hans", "ko"} else (8, 40)
    asked = [p.question for p in load(ROOT).questions if p.question.lang == lang and p.question.expect != "none"]
    short = [question.ask for question in asked if least <= len(question.ask) <= most]
    assert len(short) >= 30
    given = "ja" if prior == "ja" else lang
    wrong = [text for text in short if identify(text, given, published.editions).lang != lang]
    assert len(wrong) <= (1 - LEAST_OF_ONE) * len(short), wrong


def test_nearly_all_questions_of_8_to_40_characters_are_told_apart(published: Published) -> None:
    asked = [p.question for p in load(ROOT).questions if p.question.expect != "none" and 8 <= len(p.question.ask) <= 40]
    for prior in ("ja", "en"):
        wrong = [q.ask for q in asked if identify(q.ask, prior, published.editions).lang != q.lang]
        assert len(wrong) <= (1 - LEAST_RIGHT) * len(asked), wrong


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("自動車税 納期限", "ja"), ("登記事項証明書", "ja"), ("目的外利用", "ja"), ("車検 certificate どこ", "ja"),
        ("jidousha zei wa itsu made", "ja"), ("还没收到通知书", "zh-Hans"), ("還沒收到通知書嗎", "zh-Hant"),
        ("Tôi chưa nhận được giấy", "vi"), ("납부서를 잃어버렸어요", "ko"), ("ｗｈｅｒｅ　ｃａｎ　ｉ　ｐａｙ", "en"),
        ("गाडीको कर कहाँ तिर्ने", "ne"), ("где оплатить налог", "ru"),
    ],
)  # fmt: skip
def test_language_is_identified(published: Published, text: str, lang: str) -> None:
    assert identify(text, "ja", published.editions).lang == lang


@pytest.mark.parametrize("nothing", ["", "😀😀", "12345", "???", " "])
def test_without_letters_the_language_stays(published: Published, nothing: str) -> None:
    assert identify(nothing, "vi", published.editions).lang == "vi"


@pytest.mark.parametrize(
    ("tag", "lang"),
    [("ja", "ja"), ("ja-JP", "ja"), ("en-GB", "en"), ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"),
     ("zh-Hant-HK", "zh-Hant"), ("pt-BR", "pt"), ("vi-VN", "vi"), ("ko", "ko"), ("tl", "en"), ("xx-YY", "en")],
)  # fmt: skip
def test_every_tag_leads_to_a_language_we_have(tag: str, lang: str) -> None:
    assert supported(tag) == lang
    assert lang in NAMES


def test_a_foreign_question_is_answered_in_its_language(published: Published) -> None:
    taken = turn.hear(opened(published), "I lost my payment slip. Can I get a new one?", published, NOW)
    assert taken.conversation.lang == "en"
    assert taken.reply.kind is ReplyKind.ANSWER
    assert taken.reply.answers[0].lang == "en"
    assert "payment slip" in taken.reply.answers[0].text
    assert Happened.LANGUAGE_CHANGED in {event.name for event in taken.events}


@pytest.mark.parametrize("word", ["PayPay", "refund", "OSS", "ok", "shaken", "税"])
def test_one_foreign_word_does_not_switch(published: Published, word: str) -> None:
    for lang in ("ja", "ko"):
        assert turn.hear(opened(published, lang), word, published, NOW).conversation.lang == lang


def test_the_residents_own_choice_always_wins(published: Published) -> None:
    chosen = turn.hear(opened(published), "/lang/vi", published, NOW)
    assert (chosen.conversation.lang, chosen.conversation.lang_chosen) == ("vi", True)
    assert chosen.reply.text == published.edition("vi").wording.greeting
    asked = turn.hear(chosen.conversation, "I lost my payment slip, what can I do?", published, NOW)
    assert asked.conversation.lang == "vi"


def test_choosing_a_language_gives_the_last_answer_again(published: Published) -> None:
    answered = turn.hear(opened(published), "/entry/slip-lost", published, NOW).conversation
    again = turn.hear(answered, "/lang/zh-Hant", published, NOW).reply
    assert again.answers[0].id == "slip-lost"
    assert again.answers[0].lang == "zh-Hant"
    assert "繳款單" in again.answers[0].text


def test_a_language_we_do_not_have_gets_an_apology_and_the_others(published: Published) -> None:
    taken = turn.hear(
        opened(published), "Nawala ko po ang papel ng buwis ng kotse ko, ano po ang gagawin ko", published, NOW
    )
    assert taken.conversation.lang == "ja"
    assert taken.reply.kind is ReplyKind.FALLBACK
    assert taken.reply.text.startswith("I am sorry.")
    assert [choice.payload for choice in taken.reply.choices] == [f"/lang/{code}" for code in NAMES]
    assert "0570-012-229" in taken.reply.contact


@pytest.mark.parametrize("lang", [*LANGUAGES, "zh-Hant"])
def test_whole_conversation_needs_no_japanese(published: Published, lang: str) -> None:
    """Greeting → topic → entry, by buttons alone: every sentence is of the language."""
    talk = turn.start("c", published, NOW, lang)
    assert talk.reply.text == published.edition(lang).wording.greeting
    topic = turn.hear(talk.conversation, "/topic/reminder", published, NOW)
    entry = turn.hear(topic.conversation, topic.reply.choices[0].payload, published, NOW)
    assert entry.reply.answers[0].lang == lang
    japanese = published.engine.knowledge.entries[entry.reply.answers[0].id]
    assert entry.reply.answers[0].question != japanese.question
    assert {choice.title for choice in topic.reply.choices}.isdisjoint(
        {e.question for e in published.engine.knowledge.entries.values()}
    )


def test_every_entry_is_there_in_every_language(published: Published) -> None:
    for lang in (*LANGUAGES, "zh-Hant"):
        knowledge = published.edition(lang).engine.knowledge
        assert knowledge.untranslated == frozenset(), lang
        assert len(knowledge.entries) == len(published.engine.knowledge.entries)
