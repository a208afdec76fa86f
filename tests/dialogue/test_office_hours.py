"""Days and hours of domain.md 12-1, and the slips an editor can make in the calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.dialogue.office_hours import TOKYO, OfficeHours, load_office_hours, spoken

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hours() -> OfficeHours:
    loaded, findings = load_office_hours(ROOT)
    assert loaded is not None
    assert findings == []
    return loaded


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20 08:29:59", False), ("2026-11-20 08:30:00", True), ("2026-11-20 17:14:59", True),
        ("2026-11-20 17:15:00", False), ("2026-11-21 12:00:00", False), ("2026-11-22 12:00:00", False),
        ("2026-11-23 12:00:00", False), ("2026-12-28 12:00:00", True), ("2026-12-29 12:00:00", False),
        ("2026-12-31 12:00:00", False), ("2027-01-01 12:00:00", False), ("2027-01-04 08:30:00", True),
        ("2026-09-21 12:00:00", False), ("2026-09-22 12:00:00", False), ("2026-09-23 12:00:00", False),
        ("2026-05-06 12:00:00", False), ("2027-03-22 12:00:00", False), ("2027-12-29 12:00:00", False),
    ],
)  # fmt: skip
def test_is_open_on_the_days_of_the_handbook(hours: OfficeHours, moment: str, is_open: bool) -> None:
    assert hours.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    "day",
    ["2027-01-11", "2027-02-11", "2027-02-23", "2027-04-29", "2027-05-03", "2027-05-04", "2027-05-05", "2027-07-19",
     "2027-08-11", "2027-09-20", "2027-09-23", "2027-10-11", "2027-11-03", "2027-11-23"],
)  # fmt: skip
def test_holidays_of_2027_are_closed(hours: OfficeHours, day: str) -> None:
    assert hours.on(dt.date.fromisoformat(day)) is None


def test_next_opening_skips_the_turn_of_the_year(hours: OfficeHours) -> None:
    assert hours.next_opening(at("2026-12-28 17:15:00")) == at("2027-01-04 08:30:00")


def test_another_time_zone_is_the_same_instant(hours: OfficeHours) -> None:
    assert hours.is_open(dt.datetime(2026, 11, 19, 23, 30, tzinfo=dt.UTC))  # 8:30 in Tokyo


def test_exception_days_win(tmp_path: Path) -> None:
    write(tmp_path, '- {date: "2026-11-22", open: "9:00", close: "12:00"}\n- {date: "2026-11-20", closed: "true"}')
    hours, findings = load_office_hours(tmp_path)
    assert hours is not None
    assert findings == []
    assert hours.is_open(at("2026-11-22 09:00:00"))
    assert not hours.is_open(at("2026-11-22 12:00:00"))
    assert not hours.is_open(at("2026-11-20 12:00:00"))


def test_a_slip_in_the_calendar_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, '- {date: "2026-13-40", closed: "true"}')
    hours, findings = load_office_hours(tmp_path)
    assert hours is None
    assert [(found.path, found.line, found.code) for found in findings] == [("ivr_flows/calendar.yaml", 3, "FAQ006")]


def test_a_missing_calendar_is_told(tmp_path: Path) -> None:
    hours, findings = load_office_hours(tmp_path)
    assert hours is None
    assert [(found.path, found.code) for found in findings] == [("ivr_flows/calendar.yaml", "YML013")]


def write(root: Path, exceptions: str) -> None:
    file = root / "ivr_flows" / "calendar.yaml"
    file.parent.mkdir()
    file.write_text(f'hours: {{open: "8:30", close: "17:15"}}\nexceptions:\n{exceptions}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("moment", "said"),
    [("2026-11-24 08:30", "11月24日（火）午前8時30分"), ("2026-11-24 13:00", "11月24日（火）午後1時")],
)
def test_spoken_says_a_moment_as_people_do(moment: str, said: str) -> None:
    assert spoken(at(moment)) == said
