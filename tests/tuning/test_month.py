"""What residents asked and what they did next, counted by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from bot.analytics.period import TOKYO
from bot.dialogue.events import Event, Happened
from bot.tuning.month import Month, listen

AT = dt.datetime(2026, 10, 5, 10, tzinfo=TOKYO)


def asked(talk: str, text: str, reply: str, *matches: str, minute: float = 0) -> Event:
    facts = {"text": text, "kind": reply, "reply": reply, "lang": "ja", "matches": [[id_, 0.5] for id_ in matches]}
    return Event(Happened.QUESTION_ASKED, AT + dt.timedelta(minutes=minute), talk, facts)


def then(talk: str, name: Happened, **facts: object) -> Event:
    return Event(name, AT + dt.timedelta(minutes=1), talk, facts)


def heard(*events: Event) -> Month:
    return listen(events)


def test_the_same_question_of_many_is_one() -> None:
    month = heard(
        asked("a", "納付書をなくした", "answer", "slip-lost"),
        asked("b", "納付書を なくした！", "choices", "slip-lost"),
        asked("b", "納付書をなくした", "choices", "slip-lost"), asked("c", "ＥＶの税金", "fallback"),
    )  # fmt: skip
    first, second = month.of("ja")
    assert (first.text, first.count, first.askers, first.poor) == ("納付書をなくした", 3, 2, 1)
    assert (second.count, second.poor) == (1, 1)
    assert month.total == 4


def test_what_was_chosen_is_kept_and_taken_back_if_it_was_no_help() -> None:
    offer = then("a", Happened.CHOICES_OFFERED, entries=["x", "y", "z", "w"])
    choose = then("a", Happened.CHOICE_MADE, kind="entry", id="y")
    month = heard(asked("a", "紙がない", "choices", "x"), offer, choose)
    (question,) = month.of("ja")
    assert question.chosen == {"y": 1}
    assert set(month.pairs) == {("x", "y"), ("x", "z"), ("y", "z")}  # people read the first three
    assert month.pairs["x", "y"].times("y") == 1
    no_help = then("a", Happened.ANSWER_RATED, entry="y", helpful=False)
    (question,) = heard(asked("a", "紙がない", "choices", "x"), offer, choose, no_help).of("ja")
    assert question.chosen == {"y": 0}


def test_a_bad_answer_counts_as_poor_and_what_was_found_next_as_mistaken() -> None:
    month = heard(
        asked("a", "車検の紙", "answer", "x"), then("a", Happened.ANSWER_RATED, entry="x", helpful=False),
        then("a", Happened.CHOICE_MADE, kind="entry", id="y"),
    )  # fmt: skip
    (question,) = month.of("ja")
    assert (question.poor, question.unhelpful, question.chosen) == (1, 1, {"y": 1})
    assert month.mistaken == Counter({("x", "y"): 1})
    (helped,) = heard(
        asked("a", "車検の紙", "answer", "x"), then("a", Happened.ANSWER_RATED, entry="x", helpful=True)
    ).of("ja")
    assert helped.poor == 0


def test_other_words_soon_after_tell_what_was_meant() -> None:
    month = heard(asked("a", "あの紙", "fallback"), asked("a", "納付書", "answer", "slip-lost", minute=2))
    assert month.asked["ja", "あの紙"].tried == {("納付書", "slip-lost"): 1}
    late = heard(asked("a", "あの紙", "fallback"), asked("a", "納付書", "answer", "slip-lost", minute=11))
    assert late.asked["ja", "あの紙"].tried == {}


def test_none_of_these_and_none_of_ours() -> None:
    month = heard(
        asked("a", "紙", "choices", "x", "y"), then("a", Happened.CHOICE_MADE, kind="none", id=""),
        asked("b", "天気", "fallback"), then("b", Happened.FELL_BACK, why="out_of_scope"),
        then("z", Happened.FELL_BACK, why="out_of_scope"),
    )  # fmt: skip
    assert month.asked["ja", "紙"].none == 1
    refused = month.asked["ja", "天気"]
    assert (refused.refused, refused.poor) == (1, 0)


def test_languages_and_what_is_no_question() -> None:
    month = heard(
        Event(Happened.QUESTION_ASKED, AT, "a", {"text": "税金", "kind": "smalltalk/greeting", "lang": "ja"}),
        Event(Happened.QUESTION_ASKED, AT, "a", {"text": "qq", "kind": "unsupported_language", "lang": "ne"}),
        Event(Happened.QUESTION_ASKED, AT, "b", {"text": "稅單", "reply": "fallback", "lang": "zh-Hant"}),
        Event(Happened.QUESTION_ASKED, AT, "c", {"text": "lost slip", "reply": "fallback", "lang": "en"}),
    )  # fmt: skip
    assert month.languages() == ["en", "zh-Hans"]
    assert month.total == 2
