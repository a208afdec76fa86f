"""The sections that count: the summary, days, hours, classes, topics and entries, languages and devices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import get_args

from bot.analytics.names import DEVICES, DOORS, LANGUAGES, WEEKDAYS
from bot.analytics.period import Span
from bot.analytics.summary import Summary, added_up
from bot.knowledge.models import Category
from bot.report.counted import ALL_FIGURES, HOURS, Counted, amounts, by_count, compared, count, figure_row, named, share
from bot.report.model import Amount, Chart, Column, Section, Table, row

DAILY = ("conversations", "questions", "answered", "choices", "fallback", "resolved", "calls_received",
         "calls_counted", "calls_office_hours", "calls_after_hours", "calls_person")  # fmt: skip
DAILY_TITLES = ("会話", "質問", "答えた", "候補", "無回答", "解決", "着信", "着信総数", "時間内", "時間外", "人が応答")
MOST_PAGES = 200


def summary(counted: Counted, daily: Table, hourly: Table) -> Section:
    """Every figure with that of the period before."""
    rows = tuple((each.title, *figure_row(counted, each)[1:], each.group) for each in ALL_FIGURES)
    columns = (Column("数字", 38), Column("単位", 8), Column(counted.now, 12), Column(counted.earlier, 12),
               Column("差", 13), Column("区分", 10))  # fmt: skip
    intro: tuple[str, ...] = (
        f"「差」は{counted.earlier}との差です。割合の差はポイントで示します。比べる数字がないところは「—」です。",
    )
    if len(counted.days) < len(list(counted.period)):
        intro += (f"途中までの集計です。{counted.earlier}は全部の日の数字なので、差はまだ比べられません。",)
    table = daily if counted.period.span is not Span.DAY else hourly
    when = "日別" if table is daily else "時間帯別"
    chosen = tuple(n for n, column in enumerate(table.columns) if column.title in {"質問", "着信総数", "電話"})
    chart = Chart("lines" if table is daily else "bars", f"{when}の質問と電話", table, chosen)
    return Section("概要", intro, (Table("数字のまとめ", columns, rows, on_paper=200), chart))


def daily_table(counted: Counted) -> Table:
    """One row per day that has come."""
    rows = tuple(row(*_parts(day), *amounts(day_summary, DAILY), _answered_share(day_summary))
                 for day, day_summary in counted.days.items())  # fmt: skip
    columns = (Column("日", 9), Column("曜日", 6), *(Column(title, 9) for title in DAILY_TITLES), Column("回答率", 11))
    total = row("合計", "", *amounts(counted.whole, DAILY), _answered_share(counted.whole))
    note = "「着信」は5秒以内に切れた電話を含み、「着信総数」は含みません。会話の結果は、会話が始まった日に数えます。"
    return Table("日ごとの数", columns, rows, total, note)


def _answered_share(of: Summary) -> Amount:
    return share(of.total("answered"), of.total("questions"))


def _parts(day: dt.date) -> tuple[str, str]:
    return f"{day.month}/{day.day}", WEEKDAYS[str(day.weekday())]


def _short(day: dt.date) -> str:
    return "{}（{}）".format(*_parts(day))


def days(daily: Table) -> Section:
    """Day by day."""
    rate = next(n for n, column in enumerate(daily.columns) if column.title == "回答率")
    chart = Chart("lines", "日別の回答率", daily, (rate,), "%")
    return Section("日別", (), (daily, chart) if len(daily.rows) > 1 else (daily,))


def hourly_table(counted: Counted) -> Table:
    """One row per hour of the day."""
    tables = ("conversations_by_hour", "questions_by_hour", "calls_by_hour")
    rows = tuple(
        row(f"{int(hour)}時", *(Amount(count(counted.whole, table, hour)) for table in tables)) for hour in HOURS
    )
    total = row("合計", *(Amount(sum(counted.whole.table(table).values())) for table in tables))
    columns = (Column("時間", 11), Column("会話"), Column("質問"), Column("電話"))
    return Table("時間帯ごとの数", columns, rows, total, "9時は、9時0分から9時59分までです。")


def hours(counted: Counted, hourly: Table) -> Section:
    """Hour by hour, weekday by weekday, and both by day."""
    parts: list[Table | Chart] = [hourly, Chart("bars", "時間帯別の質問と電話", hourly, (2, 3))]
    if len(counted.days) > 1:
        weekdays = _weekday_table(counted)
        parts += [weekdays, Chart("bars", "曜日別の質問と電話", weekdays, (2, 3)),
                  _matrix(counted, "questions_by_hour", "日と時間ごとの質問"),
                  _matrix(counted, "calls_by_hour", "日と時間ごとの電話")]  # fmt: skip
    return Section("時間帯", (), tuple(parts))


def _weekday_table(counted: Counted) -> Table:
    rows = []
    for number, name in enumerate(WEEKDAYS.values()):
        of = [each for day, each in counted.days.items() if day.weekday() == number]
        both = added_up(of)
        rows.append(row(f"{name}（{len(of)}日）", *amounts(both, ("conversations", "questions", "calls_counted"))))
    columns = (Column("曜日", 11), Column("会話"), Column("質問"), Column("電話"))
    return Table("曜日ごとの数", columns, tuple(rows), note="かっこの中は、この期間にあったその曜日の日数です。")


def _matrix(counted: Counted, table: str, title: str) -> Table:
    rows = tuple(row(_short(day), *_hours_of(each, table)) for day, each in counted.days.items())
    columns = (Column("日", 11), *(Column(str(int(hour)), 5) for hour in HOURS), Column("計", 8))
    note = "色が濃いほど、数が多い時間です。"
    return Table(title, columns, rows, row("合計", *_hours_of(counted.whole, table)), note, shaded=True)


def _hours_of(of: Summary, table: str) -> list[Amount]:
    numbers = [count(of, table, hour) or 0 for hour in HOURS]
    return [Amount(number) for number in (*numbers, sum(numbers))]


def classes(counted: Counted) -> Section:
    """The thirteen classes, every one."""
    keys: list[str] = list(get_args(Category))
    keys += [key for key in by_count(counted, "answers_by_category") if key not in keys]
    answers = compared(counted, "チャットで案内した数", ("対応分類", 26), keys, "answers_by_category")
    calls = compared(counted, "電話で選ばれた数", ("対応分類", 26), keys, "call_topics_by_category")
    parts = (answers, Chart("bars", "対応分類ごとの案内", answers, _counts(counted)),
             calls, Chart("bars", "対応分類ごとの電話", calls, _counts(counted)))  # fmt: skip
    intro = ("13の対応分類と並びは、県の決まりのとおりです。案内した答え1つを1件と数えます。",)
    return Section("対応分類", intro, parts)


def _counts(counted: Counted) -> tuple[int, ...]:
    return (1, 3) if counted.before is not None else (1,)


def topics(counted: Counted) -> Section:
    """Topics and entries; also those that nobody was shown."""
    keys = by_count(counted, "answers_by_topic")
    table = compared(counted, "話題ごとの案内", ("話題", 40), keys, "answers_by_topic", counted.topic_title)
    parts: list[Table | Chart] = [table]
    if keys:
        parts.append(Chart("bars", "話題ごとの案内", table, _counts(counted)))
    return Section("話題とFAQ", (), (*parts, _entry_table(counted), _unasked(counted)))


ENTRY_TABLES = ("answers_by_entry", "direct_by_entry", "chosen_by_entry", "offered_by_entry", "helpful_by_entry",
                "unhelpful_by_entry")  # fmt: skip


def _entry_table(counted: Counted) -> Table:
    shown = counted.whole.table("answers_by_entry")
    keys = {key for table in ENTRY_TABLES for key in counted.whole.table(table)}
    ordered = sorted(keys, key=lambda key: (-shown.get(key, 0), key))
    rows = tuple(
        row(counted.entry_title(key), *(Amount(count(counted.whole, table, key)) for table in ENTRY_TABLES), key)
        for key in ordered
    )
    columns = (Column("FAQ", 56), Column("案内"), Column("質問に直接", 11), Column("選んで"), Column("候補に出た", 11),
               Column("役に立った", 11), Column("立たなかった", 13), Column("id", 30))  # fmt: skip
    note = "「案内」は答えを出した数です。「候補に出た」は、選ばれなかったときも数えます。"
    return Table("FAQごとの数", columns, rows, note=note, on_paper=30)


def _unasked(counted: Counted) -> Table:
    shown = counted.whole.table("answers_by_entry")
    rows = tuple((entry.question, entry.category, key) for key, entry in sorted(counted.knowledge.entries.items())
                 if not shown.get(key))  # fmt: skip
    columns = (Column("FAQ", 56), Column("対応分類", 26), Column("id", 30))
    return Table("だれにも案内しなかったFAQ", columns, rows, note=f"いまのFAQのうち{len(rows)}件です。", on_paper=20)


def audience(counted: Counted) -> Section:
    """Languages, devices, pages and doors."""
    parts: list[Table | Chart] = [_languages(counted)]
    for title, head, table, names in (
        ("端末ごとの会話", "端末", "conversations_by_device", DEVICES),
        ("入口ごとの会話", "入口", "conversations_by_door", DOORS),
    ):
        parts.append(compared(counted, title, (head, 26), by_count(counted, table), table, named(names)))
    pages = by_count(counted, "conversations_by_page")
    page = compared(counted, "開いたページごとの会話", ("ページ", 50), pages[:MOST_PAGES], "conversations_by_page",
                    lambda key: key or "わからない")  # fmt: skip
    note = f"ほかに{len(pages) - MOST_PAGES}ページあります。" if len(pages) > MOST_PAGES else ""
    parts.append(Table(page.title, page.columns, page.rows, page.total, note, on_paper=20))
    return Section("言語と端末", (), tuple(parts))


def _languages(counted: Counted) -> Table:
    tables = ("conversations_by_language", "questions_by_language", "answered_by_language", "fallback_by_language")
    keys: Sequence[str] = list(dict.fromkeys(key for table in tables[:2] for key in by_count(counted, table)))
    rows = []
    for key in keys:
        numbers = [count(counted.whole, table, key) or 0 for table in tables]
        rows.append(row(named(LANGUAGES)(key), *map(Amount, numbers), share(numbers[2], numbers[1])))
    columns = (Column("言語", 26), Column("会話"), Column("質問"), Column("答えた"), Column("無回答"),
               Column("回答率", 11))  # fmt: skip
    return Table("言語ごとの数", columns, tuple(rows))
