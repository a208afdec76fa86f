"""What events come to: against figures counted by hand, and days against their month."""

from __future__ import annotations

import datetime as dt

import pytest
from happenings import COUNTED_BY_HAND, MONTH, H, answered, asked, at, call, ended, fell_back, talk
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analytics.figures import FIGURES, values
from bot.analytics.period import DAY, TOKYO, Period
from bot.analytics.summary import Summary, added_up
from bot.analytics.tally import MOST_KEYS, OTHERS, summarise
from bot.dialogue.events import Event, Happened

OCTOBER = Period.read_month("2026-10")


def test_every_figure_is_as_counted_by_hand() -> None:
    assert values(summarise(MONTH)) == COUNTED_BY_HAND
    assert {figure.id for figure in FIGURES} == COUNTED_BY_HAND.keys()


def test_tables_are_as_counted_by_hand() -> None:
    summary = summarise(MONTH)
    assert {name: dict(summary.table(name)) for name in summary.tables if name.startswith("conv")} == {
        "conversations_by_hour": {"09": 2, "13": 1, "23": 1, "10": 1, "11": 1},
        "conversations_by_weekday": {"0": 3, "1": 1, "2": 2},
        "conversations_by_language": {"ja": 5, "en": 1},
        "conversations_by_device": {"computer": 2, "phone": 2, "tablet": 1, "": 1},
        "conversations_by_page": {"/zei": 4, "": 2},
        "conversations_by_door": {"widget": 5, "rasa": 1},
    }
    assert summary.table("questions_by_hour") == {"09": 3, "13": 1, "23": 1, "00": 1, "11": 4}
    assert summary.table("questions_by_weekday") == {"0": 4, "1": 1, "2": 5}
    assert summary.table("questions_by_language") == {"ja": 8, "en": 1, "fr": 1}
    assert (summary.table("answered_by_language"), summary.table("fallback_by_language")) == (
        {"ja": 2, "en": 1}, {"ja": 4, "fr": 1},
    )  # fmt: skip
    assert summary.table("answers_by_entry") == {"e1": 2, "e2": 2, "e3": 1}
    assert summary.table("answers_by_topic") == {"payment": 2, "refund": 3}
    assert summary.table("answers_by_category") == {"納税": 2, "還付": 3}
    assert (summary.table("direct_by_entry"), summary.table("chosen_by_entry")) == (
        {"e1": 2, "e2": 1, "e3": 1},
        {"e2": 1},
    )
    assert summary.table("offered_by_entry") == {"e1": 1, "e2": 2, "e3": 1}
    assert (summary.table("helpful_by_entry"), summary.table("unhelpful_by_entry")) == ({"e1": 1}, {"e2": 1})
    assert summary.table("turn_ms") == {"1": 1, "2": 1, "3": 1, "5": 2, "7": 2, "10": 4, "15": 1, "30": 1}
    assert summary.table("calls_by_hour") == {"18": 2, "20": 1, "09": 3, "23": 1, "10": 1}
    assert summary.table("calls_by_weekday") == {"0": 3, "1": 4, "2": 1}
    assert summary.table("calls_by_situation") == {
        "after_hours": 3, "exception": 1, "open": 1, "overflow": 2, "emergency": 1,
    }  # fmt: skip
    assert (summary.table("calls_by_language"), summary.table("calls_by_door")) == ({"ja": 7, "en": 1}, {"sip": 8})
    assert summary.table("call_topics_chosen") == {"納付書の再発行": 2, "Lost slip": 1}
    assert summary.table("call_topics_begun") == {"納付書の再発行": 2, "Lost slip": 1}
    assert summary.table("call_topics_heard") == {"納付書の再発行": 1, "Lost slip": 1}
    assert summary.table("call_topics_by_category") == {"納税": 2}


def test_a_quiet_month_has_counts_of_nothing_and_no_shares() -> None:
    found = values(summarise([]))
    shares = {figure.id for figure in FIGURES if figure.unit != "件"}
    assert {id_ for id_, value in found.items() if value is None} == shares
    assert {value for id_, value in found.items() if id_ not in shares} == {0}


def test_facts_belong_to_their_own_day_and_outcomes_to_the_day_of_the_beginning() -> None:
    sixth, seventh = (summarise(MONTH, Period.day(dt.date(2026, 10, day))) for day in (6, 7))
    assert (sixth.total("questions"), sixth.total("resolved"), sixth.total("answered")) == (1, 1, 0)
    assert (seventh.total("questions"), seventh.total("resolved"), seventh.total("answered")) == (5, 0, 1)
    assert (sixth.total("calls_foreign"), seventh.total("calls_foreign")) == (1, 0)


def test_a_day_is_a_day_in_tokyo_wherever_the_clock_was() -> None:
    before = Event(H.CONVERSATION_STARTED, dt.datetime(2026, 10, 5, 14, 59, 59, tzinfo=dt.UTC), "x", {})
    after = Event(H.CONVERSATION_STARTED, dt.datetime(2026, 10, 5, 15, 0, tzinfo=dt.UTC), "y", {})
    assert summarise([before, after], Period.day(dt.date(2026, 10, 5))).table("conversations_by_hour") == {"23": 1}
    assert summarise([before, after], Period.day(dt.date(2026, 10, 6))).table("conversations_by_hour") == {"00": 1}


@pytest.mark.parametrize(
    ("day", "counted"), [("2028-02-29", True), ("2028-03-01", False), ("2028-01-31", False), ("2028-02-01", True)]
)
def test_leap_days_and_month_ends_fall_into_their_month(day: str, counted: bool) -> None:
    event = Event(H.CONVERSATION_STARTED, at(f"{day}T23:59:59"), "x", {})
    assert summarise([event], Period.read_month("2028-02")).total("conversations") == counted


def _outcome(*happened: tuple[str, Happened, dict[str, object]]) -> tuple[float, ...]:
    summary = summarise(talk("x", "2026-10-05T10:00", *happened))
    return tuple(summary.total(key) for key in ("conversations_used", "resolved", "handed_over"))


NOW = "2026-10-05T10:01"
ANSWER = (asked(NOW, "?", "answer"), answered(NOW, "e1"))


@pytest.mark.parametrize(
    ("happened", "used_resolved_handed"),
    [
        ((), (0, 0, 0)),
        ((asked(NOW, "こんにちは", "choices", kind="smalltalk/greeting"),), (0, 0, 0)),
        (ANSWER, (1, 1, 0)),
        ((*ANSWER, (NOW, H.CHOICE_MADE, {"kind": "menu", "id": ""})), (1, 1, 0)),  # looked at the menu and left
        ((*ANSWER, (NOW, H.CHOICES_OFFERED, {"entries": ["e2"]})), (1, 0, 0)),
        ((*ANSWER, fell_back(NOW, "not_sure")), (1, 0, 0)),
        ((*ANSWER, (NOW, H.ANSWER_RATED, {"entry": "e1", "helpful": False})), (1, 0, 0)),
        ((*ANSWER, (NOW, H.ANSWER_RATED, {"entry": "e1", "helpful": False}),
          (NOW, H.ANSWER_RATED, {"entry": "e1", "helpful": True})), (1, 1, 0)),  # on second thoughts
        ((*ANSWER, (NOW, H.ANSWER_RATED, {"entry": "e9", "helpful": False})), (1, 1, 0)),  # another answer
        ((*ANSWER, asked(NOW, "人と話したい", "fallback", kind="smalltalk/human-please")), (1, 0, 1)),
        ((asked(NOW, "人", "fallback", kind="smalltalk/human-please"), *ANSWER), (1, 1, 1)),  # helped after all
        ((asked(NOW, "人", "fallback", kind="smalltalk/complaint"),), (0, 0, 1)),
        ((asked(NOW, "?", "fallback"), *[fell_back(NOW, "not_sure")] * 2), (1, 0, 0)),
        ((asked(NOW, "?", "fallback"), *[fell_back(NOW, "not_sure")] * 3), (1, 0, 1)),
        ((asked(NOW, "?", "fallback"), *[fell_back(NOW, "out_of_scope")] * 3), (1, 0, 0)),
        ((*ANSWER, asked("2026-10-06T11:00", "?", "fallback"), fell_back("2026-10-06T11:00", "not_sure")), (1, 1, 0)),
    ],
)  # fmt: skip
def test_outcome_of_a_conversation(
    happened: tuple[tuple[str, Happened, dict[str, object]], ...], used_resolved_handed: tuple[int, int, int]
) -> None:
    assert _outcome(*happened) == used_resolved_handed


def test_language_of_a_conversation_is_the_last_one_spoken() -> None:
    story = talk("x", "2026-10-05T10:00", (NOW, H.LANGUAGE_CHANGED, {"lang": "vi", "before": "ja"}))
    assert summarise(story).table("conversations_by_language") == {"vi": 1}


def test_an_id_that_is_used_again_is_another_conversation() -> None:
    again = [*talk("x", "2026-10-05T10:00", *ANSWER), *talk("x", "2026-10-06T10:00")]
    summary = summarise(again)
    assert (summary.total("conversations"), summary.total("conversations_used"), summary.total("resolved")) == (2, 1, 1)


def test_what_is_not_known_is_counted_without_it() -> None:
    """Events of an older version, or with odd facts, count as far as they go."""
    odd = [
        Event(H.CONVERSATION_STARTED, at(NOW), "x", {}),
        Event(H.QUESTION_ASKED, at(NOW), "x", {"kind": "answer", "ms": "fast", "lang": None}),
        Event(H.QUESTION_ASKED, at(NOW), "x", {"ms": float("nan")}),
        Event(H.ANSWER_GIVEN, at(NOW), "x", {"entries": "e1", "topics": [None]}),
        Event(H.CALL_RECEIVED, at(NOW), "y", {"situation": 3}),
        Event(H.CALL_ENDED, at(NOW), "y", {"seconds": None}),
        Event(H.CALL_ENDED, at(NOW), "z", {"seconds": 100}),
        Event(H.KNOWLEDGE_PUBLISHED, at(NOW), "", {"entries": {}}),
    ]
    total = summarise(odd).tables["total"]
    assert total == {
        "conversations": 1, "questions": 2, "answered": 1, "fallback": 1, "answers": 0, "conversations_used": 1,
        "unresolved": 1, "calls_received": 1, "calls_cut_short": 1,
    }  # fmt: skip


def test_a_flood_of_pages_does_not_grow_without_end() -> None:
    flood = [Event(H.CONVERSATION_STARTED, at(NOW), f"c{n}", {"page": f"/{n}"}) for n in range(MOST_KEYS + 50)]
    pages = summarise(flood).table("conversations_by_page")
    assert len(pages) == MOST_KEYS + 1
    assert (pages[OTHERS], sum(pages.values())) == (50, MOST_KEYS + 50)


def test_five_seconds_do_not_count_and_a_little_more_does() -> None:
    exactly = call("x", NOW, "open", (H.CALL_ENDED, {"by": "caller", "seconds": 4.9, "total_seconds": 5.0}))
    more = call("y", NOW, "open", (H.CALL_ENDED, {"by": "caller", "seconds": 4.9, "total_seconds": 5.1}))
    summary = summarise([*exactly, *more])
    assert (summary.total("calls_received"), summary.total("calls_cut_short"), summary.total("calls_counted")) == (
        2,
        1,
        1,
    )


def test_a_person_reached_after_hours_is_answered_by_the_guidance() -> None:
    summary = summarise(call("x", NOW, "after_hours", (H.TRANSFERRED, {}), ended("caller", 60, person=True)))
    found = values(summary)
    assert (found["answer_rate_saitama"], found["answer_rate_chiba"], found["hung_up_midway"]) == (None, 1.0, 0)


# -- days and their month ---------------------------------------------------------------------------------------------
FIRST = dt.datetime(2026, 10, 30, tzinfo=TOKYO)
DAYS = [FIRST.date() + DAY * n for n in range(4)]
SOME_FACTS: dict[Happened, st.SearchStrategy[dict[str, object]]] = {
    H.CONVERSATION_STARTED: st.fixed_dictionaries({"lang": st.sampled_from(["ja", "en"]), "page": st.just("/zei")}),
    H.QUESTION_ASKED: st.fixed_dictionaries({
        "kind": st.sampled_from(["answer", "smalltalk/human-please", "fallback"]), "lang": st.just("ja"),
        "ms": st.floats(0, 20_000),
    }),
    H.CHOICE_MADE: st.just({"kind": "entry", "id": "e1", "ms": 0.1}),
    H.ANSWER_GIVEN: st.just({"entries": ["e1"], "asked": True}),
    H.CHOICES_OFFERED: st.just({"entries": ["e1", "e2"]}),
    H.FELL_BACK: st.fixed_dictionaries({"why": st.sampled_from(["not_sure", "out_of_scope"])}),
    H.ANSWER_RATED: st.fixed_dictionaries({"entry": st.just("e1"), "helpful": st.booleans()}),
    H.LANGUAGE_CHANGED: st.just({"lang": "vi"}),
    H.CALL_RECEIVED: st.fixed_dictionaries({"situation": st.sampled_from(["open", "overflow", "after_hours"])}),
    H.TOPIC_CHOSEN: st.just({"title": "還付"}),
    H.TOPIC_HEARD: st.just({"title": "還付", "complete": True}),
    H.QUEUE_LEFT: st.fixed_dictionaries({"waited": st.floats(0, 600), "reason": st.just("caller")}),
    H.TRANSFERRED: st.just({}),
    H.CALL_ENDED: st.fixed_dictionaries({"by": st.just("caller"), "seconds": st.floats(0, 900)}),
}  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Events of a few conversations and calls over three days, as stored: by day, then as they came. Times are drawn
    freely, so clocks go back, ids are used again, ends are missing and much crosses midnight."""
    found = []
    for _ in range(draw(st.integers(0, 40))):
        name = draw(st.sampled_from(list(SOME_FACTS)))
        when = FIRST + dt.timedelta(minutes=draw(st.integers(0, 3 * 1440 - 1)))
        found.append(Event(name, when, draw(st.sampled_from(["a", "b", "c"])), draw(SOME_FACTS[name])))
    return sorted(found, key=lambda event: event.at.date())


@settings(max_examples=120, deadline=None)
@given(streams())
def test_days_add_up_to_their_month(events: list[Event]) -> None:
    """A day is counted from its own events and those of the day after it; the month in one go from all of them."""

    def of(day: dt.date) -> Summary:
        return summarise((event for event in events if event.at.date() in (day, day + DAY)), Period.day(day))

    assert added_up(map(of, DAYS)) == summarise(events)


@settings(max_examples=50, deadline=None)
@given(streams())
def test_a_summary_is_the_same_after_it_was_stored(events: list[Event]) -> None:
    summary = summarise(events)
    assert Summary.from_json(summary.to_json()) == summary
    assert summarise(events).to_json() == summary.to_json()
