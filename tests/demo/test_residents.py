"""The residents who do not exist: what they say is not what the search was made with, and they come when people do."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections import Counter

import pytest
from served import ROOT

from bot.analytics.period import Period
from bot.demo import timetable
from bot.demo.timetable import SimulatedClock, live
from bot.demo.words import as_typed, words
from bot.dialogue.office_hours import TOKYO, OfficeHours, load_office_hours


def texts() -> list[str]:
    known = words()
    grouped = [texts for topic in known.topics.values() for texts in topic.questions.values()]
    grouped += [theme.questions for theme in known.themes.values()]
    grouped += [tongue.questions for tongue in known.foreign.values()]
    return [text for group in grouped for text in group] + [*known.out_of_scope, *known.personal]


def test_there_are_enough_and_each_is_there_once() -> None:
    assert len(texts()) >= 600
    assert not [text for text, times in Counter(texts()).items() if times > 1]


def test_none_is_taken_from_what_teaches_or_checks_the_search() -> None:
    files = [*(ROOT / "nlu_data").rglob("*.yml"), *(ROOT / "tests" / "questions").glob("*.yaml")]
    lines = {line.strip(" -").strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()}
    asked = {found for file in files for found in re.findall(r'ask: "([^"]+)"', file.read_text(encoding="utf-8"))}
    assert not [text for text in texts() if text in lines | asked]


def test_personal_data_is_obviously_made_up() -> None:
    for text in words().personal:
        assert re.search(r"見本|太郎|mihon|0000|００００|12-34|・・・|1234 5678|昭和40年1月2日|ABC12", text), text


def test_a_text_is_typed_in_many_ways_and_never_lost() -> None:
    typed = {as_typed("納税通知書が届きません", random.Random(seed)) for seed in range(200)}
    assert len(typed) > 15
    assert all(text.strip() for text in typed)


# -- when ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hours() -> OfficeHours:
    found, _ = load_office_hours(ROOT)
    assert found is not None
    return found


def per_day(month: str, hours: OfficeHours) -> Counter[int]:
    days = list(Period.read_month(month))
    return Counter(moment.day for moment in timetable.chats(days, 20_000, hours, random.Random(1)))


def test_may_has_two_waves(hours: OfficeHours) -> None:
    may = per_day("2026-05", hours)
    holidays, arriving, middle, closing = (
        sum(may[day] for day in days) / len(days) for days in (range(1, 7), range(8, 15), range(18, 24), range(27, 32))
    )
    assert arriving > 2 * holidays
    assert closing > 1.5 * middle


def test_other_months_have_none(hours: OfficeHours) -> None:
    october = per_day("2026-10", hours)
    assert max(october.values()) < 1.8 * min(october[day] for day in range(1, 31))


def test_calls_come_when_somebody_answers(hours: OfficeHours) -> None:
    moments = timetable.calls(list(Period.read_month("2026-05")), 5_000, hours, random.Random(1))
    answered = sum(map(hours.is_open, moments))
    assert 0.6 < answered / len(moments) < 0.9
    assert moments == sorted(moments)


def test_nobody_comes_too_late_to_finish_in_the_month(hours: OfficeHours) -> None:
    moments = timetable.chats(list(Period.read_month("2024-02")), 20_000, hours, random.Random(1))
    assert max(moments) < dt.datetime(2024, 2, 29, 23, 0, tzinfo=TOKYO)


# -- the clock -----------------------------------------------------------------------------------------------------

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=TOKYO)


def test_the_clock_is_never_moved_back() -> None:
    clock = SimulatedClock(NOON)
    with pytest.raises(ValueError, match="before"):
        clock.move_to(NOON - dt.timedelta(seconds=1))


def test_visits_happen_side_by_side_and_not_after_the_end() -> None:
    clock, seen = SimulatedClock(NOON), []

    def visit(name: str, pause: float):  # type: ignore[no-untyped-def]
        for _ in range(3):
            seen.append((name, (clock() - NOON).total_seconds()))
            yield pause

    ended: list[None] = []
    visits = [(NOON, lambda: visit("a", 10)), (NOON + dt.timedelta(seconds=5), lambda: visit("b", 100))]
    live(visits, clock, NOON + dt.timedelta(seconds=150), lambda: ended.append(None))
    assert seen == [("a", 0), ("b", 5), ("a", 10), ("a", 20), ("b", 105)]
    assert len(ended) == 1
