"""Days, weeks and months in Asia/Tokyo."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analytics.period import TOKYO, Period, day_of, instant, moment

DATES = st.dates(dt.date(2020, 1, 1), dt.date(2100, 12, 31))
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(TOKYO))


@pytest.mark.parametrize(
    ("month", "last", "before"),
    [
        ("2026-10", "2026-10-31", "2026-09-01"),
        ("2026-01", "2026-01-31", "2025-12-01"),
        ("2026-12", "2026-12-31", "2026-11-01"),
        ("2026-02", "2026-02-28", "2026-01-01"),
        ("2028-02", "2028-02-29", "2028-01-01"),
        ("2028-03", "2028-03-31", "2028-02-01"),
    ],
)
def test_month_ends(month: str, last: str, before: str) -> None:
    period = Period.read_month(month)
    assert (f"{period.last}", f"{period.before.first}") == (last, before)
    assert len(list(period)) == period.last.day


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-10-05", "十月", "1999-12", "9999-12", "0001-01"])
def test_months_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Period.read_month(text)


@pytest.mark.parametrize(
    ("period", "title"),
    [
        (Period.read_month("2026-10"), "2026年10月"),
        (Period.day(dt.date(2026, 10, 5)), "2026年10月5日（月）"),
        (Period.week(dt.date(2026, 10, 8)), "2026年10月5日〜11日"),
        (Period.week(dt.date(2026, 10, 31)), "2026年10月26日〜11月1日"),
        (Period.days(dt.date(2026, 12, 30), dt.date(2027, 1, 2)), "2026年12月30日〜2027年1月2日"),
    ],
)
def test_titles(period: Period, title: str) -> None:
    assert period.title == title


def test_any_days_compare_with_as_many_before() -> None:
    period = Period.days(dt.date(2026, 10, 5), dt.date(2026, 10, 7))
    assert period.before == Period.days(dt.date(2026, 10, 2), dt.date(2026, 10, 4))
    with pytest.raises(ValueError, match="before"):
        Period.days(dt.date(2026, 10, 5), dt.date(2026, 10, 4))


@given(DATES)
def test_periods_meet_without_gap(date: dt.date) -> None:
    for period in (Period.day(date), Period.week(date), Period.month(date)):
        assert period.before.last + dt.timedelta(days=1) == period.first <= date <= period.last
        assert (period.ahead(period.first), period.unfinished(period.last)) == (False, True)


@given(MOMENTS)
def test_instants_come_back_as_they_were(at: dt.datetime) -> None:
    assert moment(instant(at)) == at
    assert moment(instant(at)).date().isoformat() == day_of(at)


def test_days_change_at_midnight_in_tokyo() -> None:
    late = dt.datetime(2026, 10, 31, 14, 59, 59, 999_999, tzinfo=dt.UTC)
    assert (day_of(late), day_of(late + dt.timedelta(microseconds=1))) == ("2026-10-31", "2026-11-01")
