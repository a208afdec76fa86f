"""What a report holds: numbers as counted, what must be said of them, when it is due."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from happenings import COUNTED_BY_HAND, MONTH, answered, asked, at, talk
from reported import EVIL, OCTOBER, filled, made, unanswered

from bot.analytics.archive import Archive
from bot.analytics.figures import FIGURES
from bot.analytics.period import Period
from bot.database.tables import events as table
from bot.knowledge.models import Knowledge
from bot.report.contents import business_day, due
from bot.report.model import Amount, Report, ReportError, Section, Table


def section(report: Report, name: str) -> Section:
    """A section by its name."""
    return next(each for each in report.sections if each.name == name)


def tables(report: Report, name: str) -> list[Table]:
    """The tables of a section."""
    return [part for part in section(report, name).parts if isinstance(part, Table)]


def number(cell: object) -> float | None:
    """What a cell counts."""
    assert isinstance(cell, Amount)
    return cell.value


def by_name(found: Table, column: int) -> dict[str, float | None]:
    """The numbers of a column by the names of the rows."""
    return {str(row[0]): number(row[column]) for row in found.rows}


def test_every_figure_is_the_one_counted_by_hand(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = filled(tmp_path / "m.sqlite", MONTH)
    report = made(engine, knowledge)
    shown = by_name(tables(report, "チャット")[0], 2) | by_name(tables(report, "電話")[0], 2)
    for figure in FIGURES:
        expected = COUNTED_BY_HAND[figure.id]
        assert shown[figure.title] == (None if expected is None else pytest.approx(expected, abs=1e-4)), figure.id
    assert by_name(tables(report, "概要")[0], 2).items() <= (shown | {"FAQ の数": None}).items()
    engine.dispose()


def test_days_hours_and_both_add_up_to_the_month(report: Report, counted: sa.Engine) -> None:
    whole = Archive(counted, lambda: at("2026-11-20T12:00")).of(OCTOBER)
    daily, hourly = tables(report, "日別")[0], tables(report, "時間帯と曜日")[0]
    questions, calls = tables(report, "日別×時間帯（質問）")[0], tables(report, "日別×時間帯（電話）")[0]
    assert len(daily.rows) == len(questions.rows) == 31
    for total, cells in (
        (whole.total("questions"), [row[3] for row in daily.rows]),
        (whole.total("calls_counted"), [row[9] for row in daily.rows]),
        (whole.total("questions"), [row[2] for row in hourly.rows]),
        (whole.total("questions"), [cell for row in questions.rows for cell in row[1:-1]]),
        (whole.total("calls_counted"), [cell for row in calls.rows for cell in row[1:-1]]),
    ):
        assert sum(number(cell) or 0 for cell in cells) == total > 0
    assert daily.total is not None
    assert [number(cell) for cell in daily.total[2:4]] == [whole.total("conversations"), whole.total("questions")]


def test_the_thirteen_classes_stand_in_the_order_of_the_prefecture(report: Report) -> None:
    assert [str(row[0]) for row in tables(report, "対応分類")[0].rows] == [
        "納税通知書", "制度", "減免", "督促状", "納税", "延滞金", "滞納処分", "納税証明", "金融機関からの照会", "還付",
        "自動車税（環境性能割）", "コールセンター", "その他",
    ]  # fmt: skip


def test_the_month_before_stands_beside(knowledge: Knowledge, tmp_path: Path) -> None:
    september = talk("s", "2026-09-10T10:00", asked("2026-09-10T10:01", "いつまで", "answer"),
                     answered("2026-09-10T10:01", "e1"))  # fmt: skip
    engine = filled(tmp_path / "m.sqlite", [*september, *MONTH])
    report = made(engine, knowledge)
    rows = {str(row[0]): row for row in tables(report, "概要")[0].rows}
    assert [str(cell) for cell in rows["質問"][2:]] == ["10", "1", "+9"]
    assert [str(cell) for cell in rows["回答率"][2:]] == ["30.0%", "100.0%", "-70.0ポイント"]
    assert "チャットの質問は10件でした（前月より9件、900.0%多い）。" in report.highlights
    engine.dispose()


def test_sentences_tell_numbers(report: Report) -> None:
    assert 3 <= len(report.highlights) <= 6
    assert "電話の着信総数は8件、うち時間外は5件、応答率（埼玉県）は66.7%でした。" in report.highlights


def test_unanswered_questions_are_told_as_they_are(report: Report) -> None:
    found = {str(row[0]).strip() for row in tables(report, "未回答")[0].rows}
    assert {text.strip() for text in EVIL if not {"\x00", "\ufffe"} & set(text)} <= found


@pytest.mark.parametrize(
    ("now", "marks", "days"),
    [
        ("2026-10-06T12:30", ("途中集計（10月6日 12:30 まで）",), 6),
        ("2026-10-31T23:59", ("途中集計（10月31日 23:59 まで）",), 31),
        ("2026-11-01T00:00", (), 31),
        ("2026-10-01T00:00", ("途中集計（10月1日 00:00 まで）", "この期間の記録はありません"), 1),
    ],
)
def test_half_a_month_is_marked(
    now: str, marks: tuple[str, ...], days: int, knowledge: Knowledge, tmp_path: Path
) -> None:
    engine = filled(tmp_path / "m.sqlite", MONTH)
    report = made(engine, knowledge, now=at(now))
    assert report.marks == marks
    assert len(tables(report, "日別")[0].rows) == days
    assert ("途中までの集計です" in "".join(section(report, "概要").intro)) == (days < 31)
    engine.dispose()


def test_a_month_to_come_is_refused_with_a_sentence(counted: sa.Engine, knowledge: Knowledge) -> None:
    with pytest.raises(ReportError, match="2026年12月は、まだ始まっていません（今日は2026年11月20日（金））。"):
        made(counted, knowledge, Period.read_month("2026-12"))


def test_a_month_without_records_is_empty_and_says_so(counted: sa.Engine, knowledge: Knowledge) -> None:
    report = made(counted, knowledge, Period.read_month("2026-08"))
    assert report.marks == ("この期間の記録はありません",)
    assert report.highlights == ()
    assert str(tables(report, "概要")[0].rows[2][2]) == "–"  # no rate without questions


def test_a_leap_day_is_a_day_of_february(knowledge: Knowledge, tmp_path: Path) -> None:
    events = talk("x", "2028-02-29T23:59:59", asked("2028-02-29T23:59:59", "いつ", "fallback", why="not_sure"))
    engine = filled(tmp_path / "m.sqlite", events)
    report = made(engine, knowledge, Period.read_month("2028-02"), at("2028-03-10T09:00"))
    rows = tables(report, "日別")[0].rows
    assert (len(rows), str(rows[-1][0]), str(rows[-1][3])) == (29, "2/29", "1")
    assert report.due.startswith("提出の期日：2028年3月3日（金）")
    engine.dispose()


@pytest.mark.parametrize(("synthetic_month", "mark"), [
    ("2026-10", "合成データ（架空の利用）"), ("2026-09", "前月の数字は合成データ（架空の利用）"), ("2026-08", None),
])  # fmt: skip
def test_made_up_use_is_labelled(synthetic_month: str, mark: str | None, knowledge: Knowledge, tmp_path: Path) -> None:
    events = talk("s", f"{synthetic_month}-10T10:00", asked(f"{synthetic_month}-10T10:01", "いつまで", "answer"))
    engine = filled(tmp_path / "m.sqlite", events, synthetic=True)
    assert (mark in made(engine, knowledge).marks) is (mark is not None)
    assert mark is not None or "合成" not in made(engine, knowledge).running_head
    engine.dispose()


def test_broken_rows_are_left_out(knowledge: Knowledge, tmp_path: Path) -> None:
    engine = filled(tmp_path / "m.sqlite", MONTH)
    whole = made(engine, knowledge)
    with engine.begin() as connection:
        row = dict(connection.execute(sa.select(table).limit(1)).mappings().one())
        for number, broken in enumerate(({"facts": "{no json"}, {"facts": "[]"}, {"name": "unheard_of"})):
            connection.execute(sa.insert(table), row | {"id": 10_000 + number, "uid": f"broken{number}"} | broken)
    assert made(engine, knowledge).sections == whole.sections
    engine.dispose()


def test_weeks_and_days_are_reported_too(counted: sa.Engine, knowledge: Knowledge) -> None:
    week = made(counted, knowledge, Period.week(dt.date(2026, 10, 7)))
    day = made(counted, knowledge, Period.day(dt.date(2026, 10, 5)))
    assert (week.title, len(tables(week, "日別")[0].rows)) == ("FAQチャットボット・自動音声案内 利用状況（週次）", 7)
    assert (day.title, day.period) == ("FAQチャットボット・自動音声案内 利用状況（日次）", "2026年10月5日（月）")
    assert [each.name for each in day.sections if "×" in each.name] == []
    assert tables(day, "概要")[0].columns[3].title == "前日"


@pytest.mark.parametrize(
    ("after", "number", "expected"),
    [
        ("2026-10-31", 3, "2026-11-05"),  # 11-03 is a holiday
        ("2026-12-31", 3, "2027-01-06"),  # closed until 01-03
        ("2026-04-30", 3, "2026-05-08"),  # between the holidays of May
        ("2026-09-18", 1, "2026-09-24"),  # five days off
    ],
)
def test_business_days_leave_out_holidays(after: str, number: int, expected: str) -> None:
    assert business_day(dt.date.fromisoformat(after), number) == dt.date.fromisoformat(expected)


def test_a_report_tells_until_when_it_is_due() -> None:
    assert due(OCTOBER).startswith("提出の期日：2026年11月5日（木）（各月の業務完了後 3業務日以内")
    assert due(Period.week(dt.date(2026, 10, 7))).startswith("提出のめやす：2026年10月13日（火）")  # a holiday before
    assert due(Period.day(dt.date(2026, 10, 9))).startswith("提出の期日：2026年10月13日（火） 午前10時")


def test_ten_thousand_different_questions_are_cut_to_the_most_frequent(knowledge: Knowledge, tmp_path: Path) -> None:
    words = "納付書税金車検住所変更還付減免"
    events = [unanswered(f"{words[n % 15]}{words[n // 15 % 15]}について{n}番目の質問") for n in range(10_000)]
    events += [unanswered("いちばん多い質問") for _ in range(3)]
    engine = filled(tmp_path / "m.sqlite", events)
    found = tables(made(engine, knowledge), "未回答")[0]
    assert (len(found.rows), str(found.rows[0][0]), str(found.rows[0][1])) == (500, "いちばん多い質問", "3")
    assert found.note == "多い順に500件までです。"
    engine.dispose()
