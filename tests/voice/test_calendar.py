"""Which announcement answers when: every date of domain.md 12-1, every second that matters, a whole year."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.dialogue.office_hours import TOKYO, OfficeHours, load_office_hours
from voice.calendar import month, situation, table
from voice.flow.model import Notice, Telephone
from voice.flow.nodes import Flow
from voice.flow.steps import FLOW_OF, Situation

ROOT = Path(__file__).resolve().parents[2]
HOLIDAYS = [  # domain.md 12-1: weekdays on which nobody answers
    "2026-05-06", "2026-09-21", "2026-09-22", "2026-09-23", "2026-11-23", "2026-12-29", "2026-12-30", "2026-12-31",
    "2027-01-01", "2027-01-11", "2027-02-11", "2027-02-23", "2027-03-22", "2027-04-29", "2027-05-03", "2027-05-04",
    "2027-05-05", "2027-07-19", "2027-08-11", "2027-09-20", "2027-09-23", "2027-10-11", "2027-11-03", "2027-11-23",
    "2027-12-29", "2027-12-30", "2027-12-31",
]  # fmt: skip
EXCEPTIONS = {
    "hours": {"open": "8:30", "close": "17:15"},
    "exceptions": [
        {"date": "2026-11-24", "closed": "true"},
        {"date": "2026-11-25", "open": "10:00", "close": "15:00"},
        {"date": "2026-11-29", "open": "9:00", "close": "12:00"},  # a Sunday
    ],
}


@pytest.fixture(scope="module")
def hours() -> OfficeHours:
    loaded, _ = load_office_hours(ROOT)
    assert loaded is not None
    return loaded


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize("date", HOLIDAYS)
def test_holiday_is_after_hours_from_midnight_to_midnight(hours: OfficeHours, date: str) -> None:
    for time in ("00:00:00", "08:29:59", "08:30:00", "12:00:00", "17:14:59", "17:15:00", "23:59:59"):
        assert situation(at(f"{date} {time}"), hours) is Situation.AFTER_HOURS


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("00:00:00", Situation.AFTER_HOURS), ("08:29:59", Situation.AFTER_HOURS), ("08:30:00", Situation.OPEN),
        ("12:30:00", Situation.OPEN), ("17:14:59", Situation.OPEN), ("17:14:59.999999", Situation.OPEN),
        ("17:15:00", Situation.AFTER_HOURS), ("23:59:59", Situation.AFTER_HOURS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("date", ["2026-11-20", "2026-12-28", "2027-01-04", "2027-05-31"])
def test_working_day_turns_at_its_seconds(hours: OfficeHours, date: str, time: str, expected: Situation) -> None:
    assert situation(at(f"{date} {time}"), hours) is expected


def test_year_end_is_one_closing_from_28_december_to_4_january(hours: OfficeHours) -> None:
    moment = at("2026-12-28 17:15:00")
    while moment < at("2027-01-04 08:30:00"):
        assert situation(moment, hours) is Situation.AFTER_HOURS
        moment += dt.timedelta(minutes=15)
    assert situation(at("2026-12-28 17:14:59"), hours) is Situation.OPEN
    assert situation(moment, hours) is Situation.OPEN


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_quarter_of_an_hour_of_a_year_is_open_or_not_as_its_day_says(hours: OfficeHours, year: int) -> None:
    listed, day = set(HOLIDAYS), dt.date(2026, 11, 20) if year == 2026 else dt.date(2027, 1, 1)
    while day.year == year:
        closed = day.weekday() >= 5 or day.isoformat() in listed
        for quarter in range(24 * 4):
            moment = dt.datetime.combine(day, dt.time(), TOKYO) + dt.timedelta(minutes=15 * quarter)
            open_ = not closed and dt.time(8, 30) <= moment.time() < dt.time(17, 15)
            assert situation(moment, hours) is (Situation.OPEN if open_ else Situation.AFTER_HOURS)
        day += dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("moment", "emergency", "busy", "expected"),
    [
        ("2026-11-20 12:00", True, True, Situation.EMERGENCY), ("2026-11-21 12:00", True, False, Situation.EMERGENCY),
        ("2026-11-24 12:00", True, True, Situation.EMERGENCY), ("2026-11-24 12:00", False, True, Situation.EXCEPTION),
        ("2026-11-24 20:00", False, False, Situation.EXCEPTION), ("2026-11-25 09:59", False, True, Situation.EXCEPTION),
        ("2026-11-25 10:00", False, False, Situation.OPEN), ("2026-11-25 14:59", False, True, Situation.OVERFLOW),
        ("2026-11-25 15:00", False, False, Situation.EXCEPTION),
        ("2026-11-25 18:00", False, False, Situation.AFTER_HOURS),
        ("2026-11-29 09:00", False, False, Situation.OPEN), ("2026-11-29 12:00", False, False, Situation.AFTER_HOURS),
        ("2026-11-21 12:00", False, True, Situation.AFTER_HOURS), ("2026-11-20 12:00", False, True, Situation.OVERFLOW),
        ("2026-11-20 12:00", False, False, Situation.OPEN),
    ],
)  # fmt: skip
def test_strongest_state_wins(moment: str, emergency: bool, busy: bool, expected: Situation) -> None:
    hours = OfficeHours.model_validate(EXCEPTIONS)
    assert situation(at(moment), hours, emergency, busy) is expected


def test_every_state_has_a_flow() -> None:
    assert set(FLOW_OF) == set(Situation)
    assert FLOW_OF[Situation.EXCEPTION] == FLOW_OF[Situation.AFTER_HOURS]


def test_other_time_zones_are_understood(hours: OfficeHours) -> None:
    morning = dt.datetime(2026, 11, 19, 23, 30, tzinfo=dt.UTC)  # 8:30 of the 20th in Tokyo
    assert situation(morning, hours) is Situation.OPEN
    assert situation(morning - dt.timedelta(seconds=1), hours) is Situation.AFTER_HOURS
    assert situation(morning.astimezone(ZoneInfo("America/New_York")), hours) is Situation.OPEN


def flow() -> Flow:
    return Flow.model_validate({
        "id": "after_hours", "title": "時間外の案内", "start": "menu", "nodes": {"menu": {
            "say": [{"text": "年末年始のお休みです。", "from": "12-29", "until": "01-03"}],
            "choices": [{"key": "1", "title": "納期限", "say": [
                {"text": "納期限は5月31日です。", "from": "04-01", "until": "05-31"},
                {"text": "納期限は過ぎました。お早めにお納めください。", "from": "06-01", "until": "03-31"},
            ]}],
        }},
    })  # fmt: skip


def test_month_tells_what_is_played_when() -> None:
    hours = OfficeHours.model_validate(EXCEPTIONS | {"closed_each_year": ["12-29", "12-30", "12-31"]})
    notice = Notice(id="rest", text="休みます。", from_="2026-11-24", until="2026-11-25")
    telephone = Telephone(version="", flows={"after_hours": flow()}, voices={}, hours=hours, notices=(notice,))
    lines = table(month(hours, 2026, 11, telephone))
    assert lines[0] == "2026年11月の電話"
    assert lines[1] == "11月 1日（日）  終日時間外"
    assert lines[3] == "11月 3日（火）  終日時間外  文化の日"
    assert lines[20] == "11月20日（金）  8:30〜17:15"
    assert lines[24] == "11月24日（火）  終日時間外  臨時休業"
    assert lines[25] == "11月25日（水）  10:00〜15:00  臨時の受付時間"
    assert lines[29] == "11月29日（日）  9:00〜12:00  臨時の受付時間"
    assert lines[31:] == [
        "", "お知らせ:", "  24日〜25日  rest",
        "", "期間の文:", "  1日〜30日  時間外の案内／納期限「納期限は過ぎました。お早めにお納めく…」",
    ]  # fmt: skip


def test_month_of_the_year_end_names_the_closing_of_every_year(hours: OfficeHours) -> None:
    days = {day.date.day: day for day in month(hours, 2026, 12)}
    assert (days[28].hours, days[28].why) == ((dt.time(8, 30), dt.time(17, 15)), "")
    assert [(days[n].hours, days[n].why) for n in (29, 30, 31)] == [(None, "毎年の休業日")] * 3
    assert month(hours, 2027, 1)[0].why == "元日"
    assert table(month(hours, 2026, 12))[-5:] == ["お知らせ:", "  ありません", "", "期間の文:", "  ありません"]


def test_month_has_as_many_days_as_the_calendar(hours: OfficeHours) -> None:
    assert [len(month(hours, 2028, n)) for n in range(1, 13)] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    with pytest.raises(ValueError, match="month"):
        month(hours, 2026, 13)


def test_hours_come_back_from_json_as_they_were(hours: OfficeHours) -> None:
    assert OfficeHours.model_validate_json(hours.model_dump_json()) == hours
    other = OfficeHours.model_validate(EXCEPTIONS)
    assert OfficeHours.model_validate_json(other.model_dump_json()) == other
