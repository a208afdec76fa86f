"""The sections on the telephone, unanswered questions, changes of the content, and how figures are defined."""

from __future__ import annotations

from bot.analytics.content import CONTENT_FIGURES
from bot.analytics.figures import FIGURES
from bot.analytics.names import LANGUAGES, SITUATIONS, WHY, name_of
from bot.analytics.period import TOKYO
from bot.report.model import Amount, Chart, Column, Quote, Section, Table
from bot.report.source import ALL_FIGURES, Source, by_count, compared, count, figure_columns, figure_row, named, share

MOST_UNANSWERED = 500


def telephone(source: Source, hourly: Table) -> Section:
    """Every figure of the telephone."""
    chart = Chart("bars", "時間帯別の電話", hourly, (3,))
    return Section(
        "電話", ("5秒以内に切れた電話は、着信総数に入れません（県の決まり）。",), (_call_figures(source), chart)
    )


def calls(source: Source) -> Section:
    """Calls by situation, topic and language."""
    situations = compared(source, "受けたときの状態ごとの電話", ("状態", 40), by_count(source, "calls_by_situation"),
                          "calls_by_situation", named(SITUATIONS))  # fmt: skip
    languages = compared(source, "言語ごとの電話", ("言語", 40), by_count(source, "calls_by_language"),
                         "calls_by_language", named(LANGUAGES))  # fmt: skip
    return Section("電話の内訳", (), (situations, _call_topics(source), languages))


def _call_figures(source: Source) -> Table:
    rows = [figure_row(source, each) for each in FIGURES if each.group == "電話"]
    for title, key in (("通話の合計時間", "call_seconds"), ("待ち時間の合計", "queue_seconds")):
        now, before = source.whole.total(key), None if source.before is None else source.before.total(key)
        rows.append((title, "時:分:秒", Amount(now, "時間"), Amount(before, "時間"), Amount(None)))
    return Table("電話の数字", figure_columns(source), tuple(rows), on_paper=200)


def _call_topics(source: Source) -> Table:
    whole = source.whole
    rows = []
    for title in by_count(source, "call_topics_chosen"):
        chosen, begun, heard = (
            count(whole, f"call_topics_{what}", title) or 0 for what in ("chosen", "begun", "heard")
        )
        rows.append((title, Amount(chosen), Amount(heard), share(heard, begun or chosen)))
    columns = (Column("話題", 40), Column("選んだ"), Column("聞き終えた", 11), Column("聞き終え率", 11))
    return Table("話題ごとの電話", columns, tuple(rows))


def unanswered(source: Source) -> Section:
    """Questions that got no answer, most frequent first."""
    rows = tuple(
        (Quote(each.text, each.lang), Amount(each.count), name_of(WHY, each.why), name_of(LANGUAGES, each.lang),
         f"{each.last.astimezone(TOKYO):%Y/%m/%d %H:%M}")
        for each in source.unanswered
    )  # fmt: skip
    columns = (Column("質問（個人情報は隠しています）", 58), Column("件数", 8), Column("わけ", 28),
               Column("言語", 18), Column("最後の日時", 25))  # fmt: skip
    note = f"多い順に{MOST_UNANSWERED}件までです。" if len(rows) >= MOST_UNANSWERED else ""
    intro = ("答えられなかった質問です。FAQを足す・言い回しを足すときの材料にします（madoguchi tune）。",)
    return Section("未回答", intro, (Table("答えられなかった質問", columns, rows, note=note, on_paper=25),))


def content(source: Source) -> Section:
    """What editors changed."""
    changes = source.changes
    kinds = (("足した", changes.added), ("直した", changes.changed), ("消した", changes.removed),
             ("期限が切れた", changes.expired))  # fmt: skip
    rows = tuple((source.entry_title(id_), kind, id_) for kind, ids in kinds for id_ in ids)
    stale = tuple(
        (name_of(LANGUAGES, lang), Amount(number)) for lang, number in sorted(changes.stale.items()) if number
    )
    late = tuple((entry.question, entry.owner, id_) for id_, entry in sorted(source.knowledge.entries.items())
                 if entry.reviewed is None)  # fmt: skip
    numbers = tuple(figure_row(source, each) for each in CONTENT_FIGURES)
    parts = (
        Table("内容の数字", figure_columns(source), numbers),
        Table("FAQの変更", (Column("FAQ", 56), Column("変更", 14), Column("id", 26)), rows),
        Table("日本語より古い訳", (Column("言語", 56), Column("件数")), stale),
        Table("担当課の確認日がないFAQ", (Column("FAQ", 56), Column("担当", 14), Column("id", 26)), late, on_paper=30,
              note="この報告を作ったときの内容です。"),
    )  # fmt: skip
    intro = "公開したときの記録から数えます。" if changes.known else "この期間までに、公開の記録がありません。"
    return Section("内容の変更", (intro,), parts)


def glossary() -> Section:
    """Every figure with its formula and source."""
    rows = tuple((each.title, each.unit, each.formula, each.source) for each in ALL_FIGURES)
    columns = (Column("数字", 34), Column("単位", 8), Column("式", 70), Column("もと", 50))
    intro = ("日と時間は日本時間です。どの数字も、記録した出来事だけから数え直せます。",)
    return Section("数字の決まり", intro, (Table("数字の決まり", columns, rows, on_paper=200),))
