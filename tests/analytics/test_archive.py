"""Figures from the database: counted once, kept, counted again when they must be. SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from happenings import COUNTED_BY_HAND, MONTH, H, answered, asked, at, keep, talk
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analytics import archive as module
from bot.analytics.archive import Archive
from bot.analytics.figures import values
from bot.analytics.period import DAY, Period
from bot.analytics.summary import Summary, added_up
from bot.analytics.tally import summarise
from bot.console.conversation_steps import steps_of
from bot.database.opening import open_database, prepare
from bot.database.tables import day_summaries, events
from bot.dialogue.events import FACTS_VERSION, Event
from bot.knowledge.models import Knowledge

OCTOBER = Period.read_month("2026-10")
FIFTH, SIXTH, SEVENTH = (dt.date(2026, 10, day) for day in (5, 6, 7))
IN_NOVEMBER = at("2026-11-20T12:00")


def archive(database: sa.Engine, now: dt.datetime = IN_NOVEMBER) -> Archive:
    """As of a moment."""
    return Archive(database, lambda: now)


def kept_days(database: sa.Engine) -> list[str]:
    """Days whose figures are kept."""
    with database.connect() as connection:
        return list(connection.execute(sa.select(day_summaries.c.day).order_by(day_summaries.c.day)).scalars())


def test_the_figures_of_the_database_are_those_counted_by_hand(database: sa.Engine) -> None:
    keep(database, MONTH)
    for _ in range(2):  # counted, then as kept
        found = archive(database)
        assert values(found.of(OCTOBER)) == COUNTED_BY_HAND
        assert added_up(found.days(OCTOBER).values()) == summarise(MONTH)
        assert kept_days(database) == ["2026-10-05", "2026-10-06", "2026-10-07"]


def test_days_of_a_month_are_all_there(database: sa.Engine) -> None:
    keep(database, MONTH)
    days = archive(database).days(OCTOBER)
    assert list(days) == list(OCTOBER)
    assert [day for day, summary in days.items() if summary.tables] == [FIFTH, SIXTH, SEVENTH]


@pytest.mark.parametrize("month", ["2026-10", "2027-05"])
def test_an_empty_or_future_month_is_empty(database: sa.Engine, month: str) -> None:
    found, period = archive(database), Period.read_month(month)
    assert (found.of(period), found.synthetic(period)) == (Summary(), False)
    assert (found.unanswered(period), found.words_for("e1", period), found.confused_with("e1", period)) == ([], [], [])
    assert (found.ratings(period), list(found.events(period))) == ([], [])
    assert kept_days(database) == []


def test_half_a_month_is_counted_as_it_stands(database: sa.Engine) -> None:
    keep(database, MONTH)
    found = archive(database, at("2026-10-06T23:59"))
    assert found.of(OCTOBER) == added_up(
        [summarise(MONTH, Period.day(FIFTH)), summarise(MONTH, Period.day(SIXTH))]
    )  # an event from after "now" may end a conversation, but is no figure of its own
    assert kept_days(database) == []


def test_yesterday_grows_while_its_conversations_go_on(database: sa.Engine) -> None:
    """A conversation begun before midnight is resolved after it: yesterday's figures follow, and then are kept."""
    before = [event for event in MONTH if event.at < at("2026-10-07T00:00")]
    keep(database, before)
    now = [at("2026-10-06T23:59")]
    found = Archive(database, lambda: now[0])
    assert found.days(OCTOBER)[SIXTH].total("resolved") == 0
    now[0] = at("2026-10-07T00:10")
    keep(database, [event for event in MONTH if event not in before])
    assert found.days(OCTOBER)[SIXTH].total("resolved") == 1
    assert found.of(OCTOBER) == summarise(MONTH)
    assert kept_days(database) == ["2026-10-05"]  # of 6 a conversation may still go on
    now[0] = at("2026-10-09T00:00")
    assert found.of(OCTOBER) == summarise(MONTH)
    assert kept_days(database) == ["2026-10-05", "2026-10-06", "2026-10-07"]


def test_live_figures_follow_and_only_read_what_is_new(database: sa.Engine) -> None:
    found, today = archive(database, at("2026-10-05T12:00")), Period.day(FIFTH)
    read: list[bool] = []
    sa.event.listen(database, "before_cursor_execute", lambda *told: read.append("ORDER BY" in told[2]))
    assert found.of(today) == Summary()
    for number in range(1, 4):
        keep(database, talk(f"c{number}", "2026-10-05T11:00", asked("2026-10-05T11:01", "納期", "answer")))
        assert found.of(today).total("questions") == number
    read.clear()
    assert found.of(today).total("questions") == 3
    assert sum(read) == 0


def test_an_event_that_comes_late_is_counted_where_it_belongs(database: sa.Engine) -> None:
    """From a spool: the day had been counted and kept."""
    late = [event for event in MONTH if event.conversation == "a"]
    keep(database, [event for event in MONTH if event.conversation != "a"])
    found = archive(database)
    assert found.of(OCTOBER).total("conversations") == 5
    keep(database, late)
    assert found.of(OCTOBER) == summarise(MONTH)
    assert archive(database).of(OCTOBER) == summarise(MONTH)


def test_late_events_of_the_next_day_change_how_a_conversation_ended(database: sa.Engine) -> None:
    story = talk("d", "2026-10-06T23:50", asked("2026-10-06T23:51", "?", "fallback"))
    keep(database, story)
    found = archive(database)
    assert found.days(OCTOBER)[SIXTH].total("resolved") == 0
    later = [asked("2026-10-07T00:05", "納期", "answer"), answered("2026-10-07T00:05", "e1")]
    keep(database, [Event(name, at(time), "d", facts) for time, name, facts in later])
    assert found.days(OCTOBER)[SIXTH].total("resolved") == 1


def test_live_late_events_are_counted_too(database: sa.Engine) -> None:
    found, today = archive(database, at("2026-10-07T12:00")), Period.days(FIFTH, SEVENTH)
    keep(database, [event for event in MONTH if event.at.date() == SEVENTH])
    found.of(today)
    keep(database, [event for event in MONTH if event.at.date() != SEVENTH])
    stored_order = [event for event in MONTH if event.at < at("2026-10-07T12:00")]
    assert found.of(today) == summarise(stored_order)


def test_figures_counted_another_way_are_counted_again(database: sa.Engine) -> None:
    keep(database, MONTH)
    archive(database).of(OCTOBER)
    with database.begin() as connection:
        connection.execute(sa.update(day_summaries).values(version=0, summary='{"total": {"questions": 99}}'))
    assert archive(database).of(OCTOBER) == summarise(MONTH)


def test_kept_figures_that_cannot_be_read_are_counted_again(database: sa.Engine) -> None:
    keep(database, MONTH)
    archive(database).of(OCTOBER)
    for broken in ("{", "[]", '{"total": 3}', '{"total": {"questions": "3"}}'):
        with database.begin() as connection:
            connection.execute(sa.update(day_summaries).values(summary=broken))
        assert archive(database).of(OCTOBER) == summarise(MONTH)


@pytest.mark.parametrize("version", [0, None])
def test_figures_stay_when_their_events_are_gone(database: sa.Engine, version: int | None) -> None:
    """Retention deletes whole days of events, not their figures; publications stay. Nothing is left to count again."""
    published = Event(H.KNOWLEDGE_PUBLISHED, at("2026-10-05T08:00"), "", {"entries": {}})
    keep(database, [*MONTH, published])
    archive(database).of(OCTOBER)
    with database.begin() as connection:
        gone = sa.and_(events.c.day < "2026-10-07", events.c.name != str(H.KNOWLEDGE_PUBLISHED))
        connection.execute(sa.delete(events).where(gone))
        if version is not None:
            connection.execute(sa.update(day_summaries).values(version=version))
    days = archive(database).days(OCTOBER)
    assert days[FIFTH] == summarise(MONTH, Period.day(FIFTH))
    assert days[SIXTH] == summarise(MONTH, Period.day(SIXTH))
    assert days[SEVENTH] == summarise([event for event in MONTH if event.at.date() == SEVENTH])


def test_made_up_use_is_told(database: sa.Engine) -> None:
    keep(database, MONTH)
    keep(database, talk("s", "2026-10-07T12:00"), synthetic=True)
    found = archive(database)
    assert [day for day in OCTOBER if found.synthetic(Period.day(day))] == [SEVENTH]
    assert archive(database).synthetic(OCTOBER)
    assert archive(database, at("2026-10-07T13:00")).synthetic(Period.day(SEVENTH))


def test_broken_rows_are_left_out_and_told_without_their_words(
    database: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    keep(database, MONTH)
    good = {
        "version": FACTS_VERSION, "name": "question_asked", "at": 1791158400_000000, "day": "2026-10-05",
        "conversation": "a", "entry": None, "text": "ひみつ", "reply": "fallback", "facts": "{}", "synthetic": False,
    }  # fmt: skip
    broken = [{"facts": "{"}, {"facts": "[]"}, {"name": "unheard_of"}, {"version": FACTS_VERSION + 1}, {"at": 10**18}]
    with database.begin() as connection:
        for number, wrong in enumerate(broken):
            connection.execute(sa.insert(events), good | wrong | {"uid": f"broken{number}"})
    with caplog.at_level(logging.WARNING):
        assert archive(database).of(OCTOBER) == summarise(MONTH)
        assert len(list(archive(database).events(OCTOBER))) == len(MONTH)
        archive(database).unanswered(OCTOBER)
        archive(database).conversations(module.Search())
    assert "5 events can't be read" in caplog.text
    assert "ひみつ" not in caplog.text


@pytest.mark.parametrize(
    "odd", [10**400, -(10**400), 1e300, float("nan"), float("inf"), True, "4", None], ids=lambda _: ""
)
def test_a_number_that_is_none_breaks_no_day(database: sa.Engine, odd: object) -> None:
    question = asked("2026-10-05T10:01", "納期", "answer", matches=[["e1", odd]])
    question[2]["ms"] = odd
    keep(database, talk("x", "2026-10-05T10:00", question))
    keep(database, talk("y", "2026-10-05T10:00", asked("2026-10-05T10:01", "納期", "answer", ms=4)))
    found = archive(database)
    assert (values(found.of(OCTOBER))["questions"], values(found.of(OCTOBER))["turn_ms_mean"]) == (2, 4)
    assert {each.confidence for each in found.words_for("e1", OCTOBER)} <= {0.0, 0.4}
    assert all(step.what for step in steps_of(found.conversation("x"), Knowledge("v", (), {}, {})))


def test_events_come_back_as_they_were_told(database: sa.Engine) -> None:
    ordered = sorted(MONTH, key=lambda event: event.at.date())
    keep(database, ordered)
    assert list(archive(database).events(OCTOBER)) == ordered
    rated = [event for event in ordered if event.name in (H.ANSWER_RATED, H.FELL_BACK)]
    assert list(archive(database).events(OCTOBER, [H.ANSWER_RATED, H.FELL_BACK])) == rated
    assert [event.at.date() for event in archive(database).events(Period.day(SIXTH))] == [SIXTH] * sum(
        event.at.date() == SIXTH for event in MONTH
    )


def test_events_stream_in_batches(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(database, MONTH)
    monkeypatch.setattr("bot.analytics.reading.BATCH", 3)
    assert len(list(archive(database).events(OCTOBER))) == len(MONTH)
    assert archive(database).of(OCTOBER) == summarise(MONTH)


def test_a_clock_set_back_by_an_hour_changes_nothing(database: sa.Engine) -> None:
    """The question was asked "before" the conversation began; it is its question all the same."""
    keep(database, talk("x", "2026-10-05T10:00", asked("2026-10-05T09:05", "納期", "answer"),
                        answered("2026-10-05T09:05", "e1")))  # fmt: skip
    summary = archive(database).of(OCTOBER)
    assert (summary.total("resolved"), summary.table("questions_by_hour")) == (1, {"09": 1})


def test_refresh_counts_past_days_oldest_first_and_stops_when_told(database: sa.Engine) -> None:
    keep(database, MONTH)
    stop, kept = threading.Event(), itertools.count(1)

    def stop_after_two(_: sa.Connection) -> None:
        if next(kept) == 2:
            stop.set()

    sa.event.listen(database, "commit", stop_after_two)
    archive(database).refresh(stop)
    assert kept_days(database) == ["2026-10-05", "2026-10-06"]
    sa.event.remove(database, "commit", stop_after_two)
    stop.clear()
    archive(database).refresh(stop)
    assert kept_days(database) == ["2026-10-05", "2026-10-06", "2026-10-07"]


def test_many_threads_count_a_month_once(database: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(database, MONTH)
    counted: list[dt.date] = []
    real = module.DayCount

    def noted(reader: module.Reader, day: dt.date) -> module.DayCount:
        counted.append(day)
        return real(reader, day)

    monkeypatch.setattr(module, "DayCount", noted)
    found = archive(database)
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: found.of(OCTOBER), range(16)))
    assert all(result == summarise(MONTH) for result in results)
    assert sorted(counted) == [FIFTH, SIXTH, SEVENTH]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a read-only file is a matter of SQLite
def test_a_database_that_cannot_be_written_still_gives_figures(database: sa.Engine) -> None:
    keep(database, MONTH)
    sa.event.listen(database, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    database.dispose()
    assert archive(database).of(OCTOBER) == summarise(MONTH)


# -- any stream --------------------------------------------------------------------------------------
NAMES = [H.CONVERSATION_STARTED, H.QUESTION_ASKED, H.ANSWER_GIVEN, H.FELL_BACK, H.CALL_RECEIVED, H.CALL_ENDED]
STREAMS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 4 * 1440 - 1), st.sampled_from("abc")), max_size=40)


@settings(max_examples=25, deadline=None)
@given(STREAMS, st.integers(0, 40))
def test_what_was_kept_is_what_is_counted_anew(stream: list[tuple[H, int, str]], first: int) -> None:
    """Events arrive in two parts, with figures asked for in between, live and past: it ends as in one go."""
    start = at("2026-10-05T00:00")
    facts = {"entries": ["e1"], "kind": "answer", "seconds": 60.1, "by": "caller", "why": "not_sure"}
    told = [Event(name, start + dt.timedelta(minutes=minutes), id_, facts) for name, minutes, id_ in stream]
    by_day = sorted(told, key=lambda event: event.at.date())
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/m.sqlite")
        prepare(database)
        living = archive(database, start + 2.5 * DAY)
        past = archive(database)
        for part in (told[:first], told[first:]):
            keep(database, part)
            living.of(OCTOBER)
            past.of(OCTOBER)
        until = [event for event in by_day if event.at.date() <= SEVENTH + DAY]
        assert past.of(OCTOBER) == summarise(until)
        assert archive(database).of(OCTOBER) == summarise(until)
        assert living.of(Period.days(FIFTH, SEVENTH)) == summarise(until, Period.days(FIFTH, SEVENTH))
        database.dispose()
