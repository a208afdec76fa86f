"""The summary, and the sections on the chat: days, hours, classes, topics and entries, languages and devices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import get_args

from bot.analytics.figures import FIGURES
from bot.analytics.names import DEVICES, DOORS, HOURS, LANGUAGES
from bot.analytics.period import WEEKDAYS, Span
from bot.analytics.summary import Summary, added_up
from bot.knowledge.models import Category
from bot.report.model import Amount, Chart, Column, Section, Table, row
from bot.report.source import (
    ALL_FIGURES,
    Source,
    amounts,
    by_count,
    compared,
    count,
    figure_columns,
    figure_row,
    named,
    share,
)  # fmt: skip

DAILY = ("conversations", "questions", "answered", "choices", "fallback", "resolved", "calls_received",
         "calls_counted", "calls_office_hours", "calls_after_hours", "calls_person")  # fmt: skip
DAILY_TITLES = ("会話", "質問", "答えた", "候補", "無回答", "解決", "着信", "着信総数", "時間内", "時間外", "人が応答")
MAIN = ("conversations", "questions", "answered_rate", "choices_rate", "fallback_rate", "resolved_rate", "helpful_rate",
        "questions_foreign", "calls_received", "calls_counted", "calls_after_hours", "answer_rate_saitama",
        "answer_rate_chiba", "abandoned_rate", "entries")  # fmt: skip
MOST_PAGES = 200


def summary(source: Source, over_time: Table) -> Section:
    """The most important figures with those of the period before, and a chart: what fits on the first page.
    `over_time`: the table of days, or of hours for a single day."""
    by_id = {each.id: each for each in ALL_FIGURES}
    rows = tuple(figure_row(source, by_id[id_]) for id_ in MAIN)
    intro: tuple[str, ...] = (
        f"「差」は{source.earlier}との差です。割合の差はポイントで示します。比べる数字がないところは「–」です。",
    )
    if len(source.days) < len(list(source.period)):
        intro += (f"途中までの集計です。{source.earlier}は全部の日の数字なので、差はまだ比べられません。",)
    daily = over_time.columns[0].title == "日"
    chosen = tuple(n for n, column in enumerate(over_time.columns) if column.title in {"質問", "着信総数", "電話"})
    title = f"{'日別' if daily else '時間帯別'}の質問と電話"
    chart = Chart("lines" if daily else "bars", title, over_time, chosen)
    return Section("概要", intro, (Table("おもな数字", figure_columns(source), rows), chart))


def chat(source: Source, daily: Table) -> Section:
    """Every figure of the chat."""
    rows = tuple(figure_row(source, each) for each in FIGURES if each.group == "チャット")
    parts: list[Table | Chart] = [Table("チャットの数字", figure_columns(source), rows, on_paper=200)]
    if source.period.span is not Span.DAY:
        replies = tuple(n for n, column in enumerate(daily.columns) if column.title in {"答えた", "候補", "無回答"})
        parts.append(Chart("lines", "日別の返事", daily, replies))
    where = "" if source.period.span is Span.MONTH else "月次の報告の"
    return Section("チャット", (f"1つ1つの数字の求め方は、{where}「数字の決まり」にあります。",), tuple(parts))


def daily_table(source: Source) -> Table:
    """One row per day that has come."""
    rows = tuple(row(*_parts(day), *amounts(day_summary, DAILY), _answered_share(day_summary))
                 for day, day_summary in source.days.items())  # fmt: skip
    columns = (Column("日", 7), Column("曜日", 6), *(Column(title, 9) for title in DAILY_TITLES), Column("回答率", 9))
    total = row("合計", "", *amounts(source.whole, DAILY), _answered_share(source.whole))
    note = "「着信」は5秒以内に切れた電話を含み、「着信総数」は含みません。会話の結果は、会話が始まった日に数えます。"
    return Table("日ごとの数", columns, rows, total, note)


def _answered_share(of: Summary) -> Amount:
    return share(of.total("answered"), of.total("questions"))


def _parts(day: dt.date) -> tuple[str, str]:
    return f"{day.month}/{day.day}", WEEKDAYS[day.weekday()]


def _short(day: dt.date) -> str:
    return "{}（{}）".format(*_parts(day))


def days(daily: Table) -> Section:
    """Day by day."""
    rate = next(n for n, column in enumerate(daily.columns) if column.title == "回答率")
    chart = Chart("lines", "日別の回答率", daily, (rate,), "%")
    return Section("日別", (), (daily, chart))


def hourly_table(source: Source) -> Table:
    """One row per hour of the day."""
    tables = ("conversations_by_hour", "questions_by_hour", "calls_by_hour")
    rows = tuple(
        row(f"{int(hour)}時", *(Amount(count(source.whole, table, hour)) for table in tables)) for hour in HOURS
    )
    total = row("合計", *(Amount(sum(source.whole.table(table).values())) for table in tables))
    columns = (Column("時間", 11), Column("会話"), Column("質問"), Column("電話"))
    return Table("時間帯ごとの数", columns, rows, total, "9時は、9時0分から9時59分までです。")


def hours(source: Source, hourly: Table) -> Section:
    """Hour by hour, and weekday by weekday."""
    parts: list[Table | Chart] = [hourly, Chart("bars", "時間帯別の質問と電話", hourly, (2, 3))]
    if source.period.span is not Span.DAY:
        weekdays = _weekday_table(source)
        parts += [weekdays, Chart("bars", "曜日別の質問と電話", weekdays, (2, 3))]
    return Section("時間帯と曜日", (), tuple(parts))


def days_and_hours(source: Source) -> tuple[Section, ...]:
    """Each hour of each day."""
    return (
        Section("日別×時間帯（質問）", (), (_matrix(source, "questions_by_hour", "日と時間ごとの質問"),)),
        Section("日別×時間帯（電話）", (), (_matrix(source, "calls_by_hour", "日と時間ごとの電話"),)),
    )


def _weekday_table(source: Source) -> Table:
    rows = []
    for number, name in enumerate(WEEKDAYS):
        of = [each for day, each in source.days.items() if day.weekday() == number]
        both = added_up(of)
        rows.append(row(f"{name}（{len(of)}日）", *amounts(both, ("conversations", "questions", "calls_counted"))))
    columns = (Column("曜日", 11), Column("会話"), Column("質問"), Column("電話"))
    return Table("曜日ごとの数", columns, tuple(rows), note="かっこの中は、この期間にあったその曜日の日数です。")


def _matrix(source: Source, table: str, title: str) -> Table:
    rows = tuple(row(_short(day), *_hours_of(each, table)) for day, each in source.days.items())
    columns = (Column("日", 14), *(Column(str(int(hour)), 7) for hour in HOURS), Column("計", 9))
    note = "色が濃いほど、数が多い時間です。"
    return Table(title, columns, rows, row("合計", *_hours_of(source.whole, table)), note, shaded=True)


def _hours_of(of: Summary, table: str) -> list[Amount]:
    numbers = [count(of, table, hour) or 0 for hour in HOURS]
    return [Amount(number) for number in (*numbers, sum(numbers))]


def classes(source: Source) -> Section:
    """The thirteen classes, every one."""
    keys: list[str] = list(get_args(Category))
    keys += [key for key in by_count(source, "answers_by_category") if key not in keys]
    answers = compared(source, "チャットで見せた答え", ("対応分類", 26), keys, "answers_by_category")
    calls = compared(source, "電話で選ばれた数", ("対応分類", 26), keys, "call_topics_by_category")
    parts = (answers, Chart("bars", "対応分類ごとの答え", answers, _counts(source)),
             calls, Chart("bars", "対応分類ごとの電話", calls, _counts(source)))  # fmt: skip
    intro = ("13の対応分類と並びは、県の決まりのとおりです。見せた答え1つを1件と数えます。",)
    return Section("対応分類", intro, parts)


def _counts(source: Source) -> tuple[int, ...]:
    return (1, 3) if source.before is not None else (1,)


def topics(source: Source) -> Section:
    """Topics, most frequent first."""
    keys = by_count(source, "answers_by_topic")
    table = compared(source, "話題ごとの答え", ("話題", 40), keys, "answers_by_topic", source.topic_title)
    return Section("話題", (), (table, Chart("bars", "話題ごとの答え", table, _counts(source))))


def entries(source: Source) -> Section:
    """Entries; of a month also those that nobody was shown."""
    month = source.period.span is Span.MONTH
    return Section("FAQ", (), (_entry_table(source), *([_unasked(source)] if month else [])))


ENTRY_TABLES = ("answers_by_entry", "direct_by_entry", "chosen_by_entry", "offered_by_entry", "helpful_by_entry",
                "unhelpful_by_entry")  # fmt: skip


def _entry_table(source: Source) -> Table:
    shown = source.whole.table("answers_by_entry")
    keys = {key for table in ENTRY_TABLES for key in source.whole.table(table)}
    ordered = sorted(keys, key=lambda key: (-shown.get(key, 0), key))
    rows = tuple(
        row(source.entry_title(key), source.category(key), key,
            *(Amount(count(source.whole, table, key)) for table in ENTRY_TABLES))
        for key in ordered
    )  # fmt: skip
    heads = ("答えた", "直接", "選ばれて", "候補", "役に立った", "役に立たなかった")
    columns = (Column("FAQ", 52), Column("対応分類", 20), Column("id", 28), *(Column(head, 9) for head in heads))
    note = "「答えた」は、「直接」と「選ばれて」の合計です。「候補」は、選ばれなかったときも数えます。"
    return Table("FAQごとの数", columns, rows, note=note, on_paper=30)


def _unasked(source: Source) -> Table:
    shown = source.whole.table("answers_by_entry")
    rows = tuple((entry.question, entry.category, key) for key, entry in sorted(source.knowledge.entries.items())
                 if not shown.get(key))  # fmt: skip
    columns = (Column("FAQ", 52), Column("対応分類", 20), Column("id", 28))
    return Table("一度も答えていないFAQ", columns, rows, note=f"いまのFAQのうち{len(rows)}件です。", on_paper=20)


def audience(source: Source) -> Section:
    """Languages, devices, pages and doors."""
    parts: list[Table | Chart] = [_languages(source)]
    for title, head, table, names in (
        ("端末ごとの会話", "端末", "conversations_by_device", DEVICES),
        ("入口ごとの会話", "入口", "conversations_by_door", DOORS),
    ):
        parts.append(compared(source, title, (head, 26), by_count(source, table), table, named(names)))
    pages = by_count(source, "conversations_by_page")
    page = compared(source, "開いたページごとの会話", ("ページ", 50), pages[:MOST_PAGES], "conversations_by_page",
                    lambda key: key or "わからない")  # fmt: skip
    note = f"ほかに{len(pages) - MOST_PAGES}ページあります。" if len(pages) > MOST_PAGES else ""
    parts.append(Table(page.title, page.columns, page.rows, page.total, note, on_paper=20))
    return Section("言語と端末", (), tuple(parts))


def _languages(source: Source) -> Table:
    tables = ("conversations_by_language", "questions_by_language", "answered_by_language", "fallback_by_language")
    keys: Sequence[str] = list(dict.fromkeys(key for table in tables[:2] for key in by_count(source, table)))
    rows = []
    for key in keys:
        numbers = [count(source.whole, table, key) or 0 for table in tables]
        rows.append(row(named(LANGUAGES)(key), *map(Amount, numbers), share(numbers[2], numbers[1])))
    columns = (Column("言語", 26), Column("会話"), Column("質問"), Column("答えた質問"),
               Column("答えられなかった質問", 12), Column("回答率", 11))  # fmt: skip
    return Table("言語ごとの数", columns, tuple(rows))
