"""What became of the content in a period, told by the publications (`knowledge_published`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from bot.analytics.facts import number
from bot.analytics.period import DAY, Period
from bot.analytics.reading import Reader, readable, select_events
from bot.database.tables import events as table
from bot.dialogue.events import Event, Happened


@dataclass(frozen=True)
class ContentChanges:
    """Ids of entries, sorted. `known`: there was a publication to tell from; otherwise nothing is known."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    stale: Mapping[str, int] = field(default_factory=dict)
    unreviewed: int = 0
    entries: int = 0
    known: bool = False


@dataclass(frozen=True)
class ContentFigure:
    """A figure of the content, as `figures.Figure` is one of use."""

    id: str
    title: str
    unit: str
    formula: str
    source: str
    value: Callable[[ContentChanges], int]
    group: str = "内容"


OWN = "この製品の決めごと"
SPECIFIED = "埼玉県仕様書 5(1)ウ（メンテナンス）"
CONTENT_FIGURES: tuple[ContentFigure, ...] = (
    ContentFigure("entries", "FAQ の数", "件", "期間の終わりに公開されていた FAQ", SPECIFIED, lambda c: c.entries),
    ContentFigure(
        "entries_added", "足した FAQ", "件", "期間の終わりにあり、期間の前になかったもの", SPECIFIED,
        lambda c: len(c.added),
    ),
    ContentFigure(
        "entries_changed", "直した FAQ", "件", "期間の前にもあり、日本語の内容が変わったもの", SPECIFIED,
        lambda c: len(c.changed),
    ),
    ContentFigure(
        "entries_removed", "なくした FAQ", "件", "期間の前にあり、期間の終わりになかったもの", SPECIFIED,
        lambda c: len(c.removed),
    ),
    ContentFigure(
        "entries_expired", "期限の来た FAQ", "件", "期間のうちに有効期限（until）の次の日が来て、出なくなったもの", OWN,
        lambda c: len(c.expired),
    ),
    ContentFigure(
        "translations_stale", "古くなった翻訳", "件",
        "期間の終わりに、日本語が変わったまま訳し直されていない翻訳（全部の言語の合計）", OWN,
        lambda c: sum(c.stale.values()),
    ),
    ContentFigure(
        "entries_unreviewed", "確認していない FAQ", "件", "期間の終わりに、担当課の確認日（reviewed）がないもの", OWN,
        lambda c: c.unreviewed,
    ),
)  # fmt: skip


def content_changes(reader: Reader, period: Period, today: dt.date) -> ContentChanges:
    """The last publication of the period against the last one before it; without one before, against the first of the
    period. Of an unfinished period, as of today."""
    after = _publication(reader, table.c.day <= period.last.isoformat())
    if after is None:
        return ContentChanges()
    first = _publication(reader, table.c.day < period.first.isoformat()) or _publication(
        reader, table.c.day.between(period.first.isoformat(), period.last.isoformat()), newest=False
    )
    old, new = _entries(first), _entries(after)
    ends = _texts(after, "until")
    gone = (period.first - DAY).isoformat(), (min(period.last, today) - DAY).isoformat()
    return ContentChanges(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
        removed=tuple(sorted(old.keys() - new.keys())),
        expired=tuple(sorted(id_ for id_, end in ends.items() if gone[0] <= end <= gone[1])),
        stale=_numbers(after, "stale"),
        unreviewed=int(number(after, "unreviewed") or 0),
        entries=len(new),
        known=True,
    )


def _publication(reader: Reader, when: sa.ColumnElement[bool], newest: bool = True) -> Event | None:
    order = [table.c.day, table.c.id]
    wanted = select_events().where(table.c.name == Happened.KNOWLEDGE_PUBLISHED.value, when)
    ordered = wanted.order_by(*(each.desc() if newest else each for each in order))
    return next(readable(reader.fetch(ordered.limit(1))), None)


def _entries(event: Event | None) -> dict[str, str]:
    return _texts(event, "entries") if event else {}


def _texts(event: Event, fact: str) -> dict[str, str]:
    value = event.facts.get(fact)
    return {str(key): str(each) for key, each in value.items()} if isinstance(value, dict) else {}


def _numbers(event: Event, fact: str) -> dict[str, int]:
    value = event.facts.get(fact)
    pairs = value.items() if isinstance(value, dict) else ()
    return {str(key): each for key, each in pairs if isinstance(each, int) and not isinstance(each, bool)}
