"""FAQ: the list of entries with their figures, and all that is known of one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from bot.analytics import names
from bot.analytics.period import TOKYO
from bot.analytics.summary import Summary, added_up
from bot.console import answers as given
from bot.console import entry_figures, states
from bot.console.context import ConsoleContext
from bot.console.counts import Counts, label
from bot.console.entry_figures import EXPLAINS, Wanted
from bot.console.frame import Frame, Member, member
from bot.console.query import ChosenPeriod, chosen_period
from bot.dialogue.published import ORIGINAL
from bot.knowledge.models import Category, Knowledge
from bot.report import charts

CATEGORIES: tuple[str, ...] = get_args(Category)
PAGE = 50
MOST_WORDS, MOST_RATINGS, MOST_CONFUSED = 30, 20, 12


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/entries` and `/entries/{id}`."""
    pages = frame.router()

    @pages.get("/entries")
    def entries(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        published = context.desk.published
        knowledge = published.engine.knowledge
        today = context.desk.clock().astimezone(TOKYO).date()
        chosen = chosen_period(request.query_params, today)
        asked = entry_figures.wanted(request.query_params, knowledge, CATEGORIES)
        summary = added_up(context.archive.days(chosen.period).values())
        found = entry_figures.rows(knowledge, summary, states.untranslated(published), asked)
        begin = min(_number(request.query_params.get("begin", "")), max(0, len(found) - 1)) // PAGE * PAGE
        return frame.page(
            request, "entries.html", chosen=chosen, rows=found[begin : begin + PAGE], asked=asked, today=today,
            topics=knowledge.topics, categories=CATEGORIES, heads=_heads(chosen, asked), found=len(found),
            begin=begin, size=PAGE, same=f"{chosen.query}&{_kept(asked, asked.sort, asked.down)}",
            explains=EXPLAINS.values(), synthetic=context.archive.synthetic(chosen.period),
        )  # fmt: skip

    @pages.get("/entries/{id}")
    def entry(id: str, request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        knowledge = context.desk.published.engine.knowledge
        if id not in knowledge.entries:
            raise HTTPException(404, "この id のFAQは、いま公開されている内容にありません。")
        chosen = chosen_period(request.query_params, context.desk.clock().astimezone(TOKYO).date())
        return frame.page(request, "entry.html", chosen=chosen, **_one(context, knowledge, id, chosen))

    return pages


def _one(context: ConsoleContext, knowledge: Knowledge, id_: str, chosen: ChosenPeriod) -> dict[str, Any]:
    """All that is known of one entry over the chosen days."""
    published, archive, period = context.desk.published, context.archive, chosen.period
    entry, today = knowledge.entries[id_], chosen.today
    with ThreadPoolExecutor(2) as both:  # the two that take long in a busy month
        words = both.submit(archive.words_for, id_, period, MOST_WORDS)
        confused = both.submit(archive.confused_with, id_, period)
        counts = Counts(chosen, archive.days(period), knowledge)
    return {
        "row": entry_figures.row(entry, knowledge, counts.whole, states.untranslated(published)),
        "entry": entry,
        "today": today,
        "explains": {key: how for key, (_, how) in EXPLAINS.items()},
        "answer": given.in_chat(published, id_, ORIGINAL, today),
        "said": given.on_telephone(context, id_),
        "telephone": context.telephone is not None,
        "phrasings": knowledge.phrasings.get(id_, ()),
        "words": words.result(),
        "most_words": MOST_WORDS,
        "ratings": archive.ratings(period, entry=id_, limit=MOST_RATINGS),
        "confused": _named(knowledge, dict(confused.result()[:MOST_CONFUSED])),
        "related": [(id_, knowledge.entries[id_].question) for id_ in entry.related if id_ in knowledge.entries],
        "replies": names.REPLIES,
        "chart": _trend(counts, id_),
        "trend": [(label(piece), *_counted(summary, id_)) for piece, summary in counts.pieces],
        "synthetic": archive.synthetic(period),
    }


def _named(knowledge: Knowledge, counted: dict[str, int]) -> list[tuple[str, str, int]]:
    """(id, question or "" for one that is gone, count)."""
    entries = knowledge.entries
    return [(id_, entries[id_].question if id_ in entries else "", count) for id_, count in counted.items()]


TRENDS = {"答えた": "answers_by_entry", "候補": "offered_by_entry"}


def _counted(summary: Summary, id_: str) -> list[float]:
    return [summary.table(table).get(id_, 0) for table in TRENDS.values()]


def _trend(counts: Counts, id_: str) -> Markup:
    rows = [_counted(summary, id_) for _, summary in counts.pieces]
    series = {name: [row[place] for row in rows] for place, name in enumerate(TRENDS)}
    return Markup(charts.lines(counts.labels, series, "このFAQが答えた回数"))


HEADS = {title: key for key, (title, _) in EXPLAINS.items()} | {"確認日": "reviewed"}


def _heads(chosen: ChosenPeriod, asked: Wanted) -> list[tuple[str, str, str]]:
    """(title, address that sorts by it, aria-sort) of every column that can be sorted by."""
    heads = []
    for title, key in HEADS.items():
        now = key == asked.sort
        state = ("descending" if asked.down else "ascending") if now else "none"
        heads.append((title, f"?{chosen.query}&{_kept(asked, key, not (now and asked.down))}", state))
    return heads


def _kept(asked: Wanted, sort: str, down: bool) -> str:
    kept = {"words": asked.words, "topic": asked.topic, "category": asked.category}
    order = {"sort": sort, "order": "down" if down else "up"}
    return urlencode({name: value for name, value in kept.items() if value} | order)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
