"""FAQ: the list of entries with their figures, and all that is known of one."""

from __future__ import annotations

from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from bot.analytics import names
from bot.analytics.period import TOKYO
from bot.analytics.summary import Summary, added_up
from bot.console import answers as given
from bot.console import entry_list, states
from bot.console.asked import Stretch, chosen, presets
from bot.console.context import ConsoleContext
from bot.console.counted import Counts, label
from bot.console.entry_list import Wanted
from bot.console.frame import Frame, Member, member
from bot.knowledge.models import Category, Knowledge
from bot.report import charts

CATEGORIES: tuple[str, ...] = get_args(Category)
MOST_WORDS, MOST_RATINGS, MOST_CONFUSED = 30, 20, 12


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/entries` and `/entries/{id}`."""
    pages = frame.router()

    @pages.get("/entries")
    def entries(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        published = context.desk.published
        knowledge = published.engine.knowledge
        today = context.desk.clock().astimezone(TOKYO).date()
        stretch = chosen(request.query_params, today)
        asked = entry_list.wanted(request.query_params, knowledge, CATEGORIES)
        summary = added_up(context.archive.days(stretch.period).values())
        found = entry_list.rows(knowledge, summary, states.untranslated(published), asked)
        return frame.page(
            request, "entries.html", stretch=stretch, presets=presets(today), rows=found, asked=asked, today=today,
            topics=knowledge.topics, categories=CATEGORIES, heads=_heads(stretch, asked), languages=published.editions,
            synthetic=context.archive.synthetic(stretch.period), whole=len(knowledge.entries),
        )  # fmt: skip

    @pages.get("/entries/{id}")
    def entry(id: str, request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        knowledge = context.desk.published.engine.knowledge
        if id not in knowledge.entries:
            raise HTTPException(404, "この id のFAQは、いま公開されている内容にありません。")
        stretch = chosen(request.query_params, context.desk.clock().astimezone(TOKYO).date())
        return frame.page(request, "entry.html", stretch=stretch, **_one(context, knowledge, id, stretch))

    return pages


def _one(context: ConsoleContext, knowledge: Knowledge, id_: str, stretch: Stretch) -> dict[str, Any]:
    """All that is known of one entry over a stretch of days."""
    published, archive, period = context.desk.published, context.archive, stretch.period
    today = context.desk.clock().astimezone(TOKYO).date()
    counts = Counts(stretch, archive.days(period), knowledge)
    row = next(
        row
        for row in entry_list.rows(knowledge, counts.whole, states.untranslated(published), Wanted())
        if row.entry.id == id_
    )
    confused = archive.confused_with(id_, period)[:MOST_CONFUSED]
    answers = [given.in_chat(published, id_, code, today) for code, _ in given.languages(published)]
    return {
        "row": row,
        "entry": row.entry,
        "today": today,
        "presets": presets(today),
        "answers": [answer for answer in answers if answer],
        "said": given.on_telephone(context, id_),
        "telephone": context.telephone is not None,
        "phrasings": knowledge.phrasings.get(id_, ()),
        "words": archive.words_for(id_, period, MOST_WORDS),
        "ratings": archive.ratings(period, entry=id_, limit=MOST_RATINGS),
        "confused": [(other, knowledge.entries.get(other), n) for other, n in confused],
        "replies": names.REPLIES,
        "chart": _trend(counts, id_),
        "trend": [(label(piece), *_counted(summary, id_)) for piece, summary in counts.pieces],
        "synthetic": archive.synthetic(period),
    }


TRENDS = {"答えた": "answers_by_entry", "候補に出た": "offered_by_entry"}


def _counted(summary: Summary, id_: str) -> list[float]:
    return [summary.table(table).get(id_, 0) for table in TRENDS.values()]


def _trend(counts: Counts, id_: str) -> Markup:
    rows = [_counted(summary, id_) for _, summary in counts.pieces]
    series = {name: [row[place] for row in rows] for place, name in enumerate(TRENDS)}
    return Markup(charts.lines(counts.labels, series, "このFAQが答えた回数"))


HEADS = (
    ("answers", "答えた"), ("direct", "直接"), ("chosen", "選ばれて"), ("offered", "候補"), ("helpful", "役立った"),
    ("reviewed", "確認日"), ("until", "公開の終わり"), ("untranslated", "訳なし"),
)  # fmt: skip


def _heads(stretch: Stretch, asked: Wanted) -> list[tuple[str, str, str]]:
    """(title, address that sorts by it, aria-sort) of every column that can be sorted by."""
    kept = {"words": asked.words, "topic": asked.topic, "category": asked.category}
    heads = []
    for key, title in HEADS:
        now = key == asked.sort
        order = "up" if now and asked.down else "down"
        query = urlencode({**{name: value for name, value in kept.items() if value}, "sort": key, "order": order})
        state = ("descending" if asked.down else "ascending") if now else "none"
        heads.append((title, f"?{stretch.query}&{query}", state))
    return heads
