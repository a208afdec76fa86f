"""What residents said, found again in the database: questions, conversations, ratings. SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from happenings import MONTH, H, answered, asked, at, call, ended, fell_back, keep, talk

from bot.analytics import talks as talks_module
from bot.analytics.archive import Archive
from bot.analytics.period import Period
from bot.analytics.questions import normalised
from bot.analytics.talks import Search, Talks
from bot.dialogue.events import Event

OCTOBER = Period.read_month("2026-10")
NOON = "2026-10-05T12:00"


def archive(database: sa.Engine, now: str = "2026-11-01T12:00") -> Archive:
    """As of a moment."""
    return Archive(database, lambda: at(now))


# -- questions ---------------------------------------------------------------------------------------------------------
def test_unanswered_questions_of_the_month(database: sa.Engine) -> None:
    """Five had no answer; of two offers the candidates were refused once. あれ and あれ? are one question."""
    keep(database, MONTH)
    found = archive(database).unanswered(OCTOBER)
    assert [(each.text, each.count, each.why, each.lang, each.conversation) for each in found] == [
        ("あれ", 2, "not_sure", "ja", "f"),
        ("軽自動車の税金", 1, "out_of_scope", "ja", "f"),
        ("Où est la mairie", 1, "unsupported_language", "fr", "f"),
        ("もどるお金", 1, "none_of_these", "ja", "d"),
        ("車の紙", 1, "not_sure", "ja", "b"),
    ]
    assert found[0].last == at("2026-10-07T11:04")
    assert [each.text for each in archive(database).unanswered(OCTOBER, limit=2)] == ["あれ", "軽自動車の税金"]
    assert archive(database).unanswered(Period.day(dt.date(2026, 10, 5)))[0].text == "車の紙"


@pytest.mark.parametrize("reply", ["answer", "fallback", "choices"])
def test_only_candidates_can_be_refused(database: sa.Engine, reply: str) -> None:
    """Of a menu, too, none may be right: that says nothing about the question before."""
    keep(database, talk("x", NOON, asked(NOON, "納期", reply), fell_back(NOON, "none_of_these")))
    found = archive(database).unanswered(OCTOBER)
    assert [each.count for each in found] == ([] if reply == "answer" else [1])


def test_small_talk_without_an_answer_is_no_unanswered_question(database: sa.Engine) -> None:
    keep(database, talk("x", NOON, asked(NOON, "人と話したい", "fallback", kind="smalltalk/human-please")))
    assert archive(database).unanswered(OCTOBER) == []
    assert archive(database, NOON).latest_unanswered() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("納付書 なくした！", "納付書なくした"), ("ＱＲコード", "qrコード"), ("いつ?", "いつ？"), ("A B", "a-b")],
)
def test_spellings_that_are_one_question(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


def test_signs_alone_stay_a_question() -> None:
    assert normalised(" ？？ ") == "??"
    assert normalised("納期") != normalised("納税")


def test_the_most_frequent_spelling_is_shown(database: sa.Engine) -> None:
    said = ["納付書 なくした", "納付書なくした!", "納付書なくした!"]
    keep(
        database,
        [event for n, words in enumerate(said) for event in talk(f"c{n}", NOON, asked(NOON, words, "fallback"))],
    )
    assert [(each.text, each.count) for each in archive(database).unanswered(OCTOBER)] == [("納付書なくした!", 3)]


def test_the_newest_unanswered_of_today(database: sa.Engine) -> None:
    keep(database, MONTH)
    found = archive(database, "2026-10-07T18:00").latest_unanswered(limit=2)
    assert [each.text for each in found] == ["あれ?", "あれ"]


def test_words_for_an_entry_and_what_it_was_confused_with(database: sa.Engine) -> None:
    keep(database, MONTH)
    words = archive(database).words_for("e1", OCTOBER)
    assert {each.text: (each.count, each.reply, each.confidence) for each in words}["納期はいつまで"] == (
        1,
        "answer",
        0.4,
    )
    assert words[0].count == 2  # あれ, twice
    assert archive(database).words_for("e2", OCTOBER) == []
    assert archive(database).confused_with("e2", OCTOBER) == [("e1", 1), ("e3", 1)]
    assert archive(database).confused_with("e_", OCTOBER) == [], "no wildcard of LIKE"


def test_ratings_newest_first(database: sa.Engine) -> None:
    keep(database, MONTH)
    found = archive(database)
    assert [(each.entry, each.helpful, each.text) for each in found.ratings(OCTOBER)] == [
        ("e2", False, "ちがう"), ("e1", True, ""),
    ]  # fmt: skip
    assert [each.entry for each in found.ratings(OCTOBER, entry="e1")] == ["e1"]
    assert [each.entry for each in found.ratings(OCTOBER, helpful=False)] == ["e2"]
    assert len(found.ratings(OCTOBER, limit=1)) == 1


# -- conversations -----------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not end a search early."""
    monkeypatch.setattr(talks_module, "PATIENCE", 60.0)


def ids(found: Talks) -> list[str]:
    """Which talks."""
    return [each.id for each in found]


def test_all_talks_newest_first(database: sa.Engine) -> None:
    keep(database, MONTH)
    found = archive(database).conversations(Search())
    assert ids(found) == [
        "f", "storm", "e", "english", "d", "running", "trial", "waited", "busy", "person",
        "silent", "short", "left", "heard", "c", "b", "a",
    ]  # fmt: skip
    assert found.before == ""
    outcomes = {each.id: each.outcome for each in found}
    assert outcomes == {
        "a": "resolved", "b": "unresolved", "c": "handed_over", "d": "resolved", "e": "unused", "f": "handed_over",
        "heard": "heard", "left": "left", "short": "short", "silent": "left", "person": "person", "busy": "left",
        "waited": "person", "trial": "left", "running": "going_on", "storm": "left", "english": "heard",
    }  # fmt: skip
    b = next(each for each in found if each.id == "b")
    assert (b.began, b.door, b.lang, b.questions, b.first_words) == (
        at("2026-10-05T09:40"), "widget", "ja", 2, "車の紙",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        (Search(words="納付書"), ["b"]),
        (Search(words="納付書 車"), []),  # both in one message
        (Search(words="deadline REFUND"), ["c"]),
        (Search(words="ＤＥＡＤＬＩＮＥ"), ["c"]),
        (Search(words="ちがう"), ["b"]),  # the reason of a rating
        (Search(words="%"), []),
        (Search(words="_"), []),
        (Search(words="'; DROP TABLE events; --"), []),
        (Search(outcome="resolved"), ["d", "a"]),
        (Search(outcome="heard"), ["english", "heard"]),
        (Search(lang="en"), ["english", "c"]),
        (Search(door="rasa"), ["e"]),
        (Search(first=dt.date(2026, 10, 6), last=dt.date(2026, 10, 6), door="widget"), ["d"]),
        (Search(last=dt.date(2026, 10, 4)), []),
        (Search(first=dt.date(2026, 10, 8)), []),
        (Search(before="nonsense"), None),
        (Search(before=f"2026-10-01.{'9' * 25}"), None),
        (Search(before="2026-10-01.-1"), None),
        (Search(words="還付", last=dt.date(2026, 10, 6)), ["d"]),  # said after midnight
    ],
)
def test_searches(database: sa.Engine, search: Search, wanted: list[str] | None) -> None:
    keep(database, MONTH)
    found = ids(archive(database).conversations(search))
    assert found == wanted if wanted is not None else len(found) == 17


@pytest.mark.parametrize("limit", [1, 4])
def test_pages_meet_without_gap(database: sa.Engine, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(talks_module, "LOOKED_AT", 3)
    keep(database, MONTH)
    whole, pages, before = ids(archive(database).conversations(Search())), list[str](), ""
    for _ in range(40):
        page = archive(database).conversations(Search(before=before), limit)
        pages += ids(page)
        if not (before := page.before):
            break
    assert pages == whole


def test_a_search_gives_up_and_goes_on_from_there(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talks_module, "PATIENCE", -1.0)
    keep(database, MONTH)
    first = archive(database, "2026-10-07T18:00").conversations(Search(words="納期"))
    assert (ids(first), bool(first.before)) == ([], True)
    found, before = list[str](), first.before
    for _ in range(20):
        page = archive(database, "2026-10-07T18:00").conversations(Search(words="納期", before=before))
        found += ids(page)
        if not (before := page.before):
            break
    assert found == ["a"]


def test_one_conversation_from_the_beginning(database: sa.Engine) -> None:
    keep(database, MONTH)
    events = archive(database).conversation("a")
    assert [event.name for event in events] == [
        H.CONVERSATION_STARTED, H.QUESTION_ASKED, H.ANSWER_GIVEN, H.ANSWER_RATED,
    ]  # fmt: skip
    assert archive(database).conversation("") == archive(database).conversation("nobody") == []


def test_an_id_used_again_is_two_talks(database: sa.Engine) -> None:
    first = talk("x", "2026-10-05T10:00", asked("2026-10-05T10:01", "一", "answer"), answered("2026-10-05T10:01", "e1"))
    second = talk(
        "x", "2026-10-06T10:00", asked("2026-10-06T10:01", "二", "fallback"), fell_back("2026-10-06T10:01", "not_sure")
    )
    keep(database, [*first, *second])
    found = archive(database).conversations(Search())
    assert [(each.first_words, each.outcome) for each in found] == [("二", "unresolved"), ("一", "resolved")]
    texts = [[each.facts["text"] for each in archive(database).conversation("x", talk.cursor)[1:2]] for talk in found]
    assert texts == [["二"], ["一"]]
    assert archive(database).conversation("x") == second, "the newest"
    assert archive(database).conversation("x", found[1].cursor) == first
    assert archive(database).conversation("x", f"2026-10-05.{'9' * 25}") == second
    assert archive(database).conversation("x", "2026-10-05.0") == [], "nothing before the first"


def test_the_list_looks_at_the_day_and_the_one_after(database: sa.Engine) -> None:
    """Not at all that was ever said under an id that is used again and again."""
    late = [asked(f"2026-10-{day:02}T10:00", "?", "answer") for day in (6, 7, 20)]
    keep(database, talk("x", NOON, asked(NOON, "!", "answer"), *late))
    assert [each.questions for each in archive(database).conversations(Search())] == [2]


# -- content -----------------------------------------------------------------------------------------------------------
def published(time: str, entries: dict[str, str], **facts: object) -> Event:
    """A publication."""
    return Event(H.KNOWLEDGE_PUBLISHED, at(time), "", {"version": "v", "entries": entries, **facts})


def test_content_changes_of_a_month_by_hand(database: sa.Engine) -> None:
    """September ends with a, b, c. October: b changed, c gone, d came and went, e came. November is not looked at."""
    ends = {"a": "2026-09-30", "b": "2026-10-30", "e": "2026-10-31"}
    keep(database, [
        published("2026-08-01T09:00", {"x": "1"}),
        published("2026-09-30T23:59:59", {"a": "1", "b": "1", "c": "1"}),
        published("2026-10-01T00:00", {"a": "1", "b": "2", "c": "1", "d": "1"}),
        published("2026-10-31T23:59:59", {"a": "1", "b": "2", "e": "1"}, until=ends,
                  stale={"en": 2, "ko": 1}, unreviewed=3),
        published("2026-11-01T00:00", {"z": "1"}),
    ])  # fmt: skip
    found = archive(database).content_changes(OCTOBER)
    assert (found.added, found.changed, found.removed, found.entries) == (("e",), ("b",), ("c",), 3)
    assert found.expired == ("a", "b")  # their last days were the last of September and the last but one of October
    assert (dict(found.stale), found.unreviewed, found.known) == ({"en": 2, "ko": 1}, 3, True)
    half = archive(database, "2026-10-15T12:00").content_changes(OCTOBER)
    assert half.expired == ("a",)


def test_the_first_month_is_told_against_its_first_publication(database: sa.Engine) -> None:
    keep(database, [published("2026-10-03T09:00", {"a": "1"}), published("2026-10-04T09:00", {"a": "1", "b": "1"})])
    assert archive(database).content_changes(OCTOBER).added == ("b",)
    november = archive(database).content_changes(Period.read_month("2026-11"))
    assert (november.added, november.entries, november.known) == ((), 2, True)
    assert not archive(database).content_changes(Period.read_month("2026-09")).known


def test_odd_publications_are_read_as_far_as_they_go(database: sa.Engine) -> None:
    keep(database, [published("2026-10-03T09:00", {}, until=5, stale=[1], unreviewed="many")])
    found = archive(database).content_changes(OCTOBER)
    assert (found.entries, found.expired, dict(found.stale), found.unreviewed) == (0, (), {}, 0)


def test_a_call_that_nobody_ended_is_no_figure_but_can_be_read(database: sa.Engine) -> None:
    keep(database, [*call("x", NOON, "open"), *call("y", NOON, "open", ended("caller", 60))])
    assert archive(database).of(OCTOBER).total("calls_received") == 1
    assert [each.outcome for each in archive(database).conversations(Search(door="sip"))] == ["left", "going_on"]
