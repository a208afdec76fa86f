"""質問をためす: what a resident would get for a question now, and why. No event is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from bot.analytics.period import TOKYO
from bot.console.answers import rendered
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, checked_form, member, text
from bot.console.query import line
from bot.dialogue import turn
from bot.dialogue.published import ORIGINAL, Published
from bot.dialogue.reply import ReplyKind
from bot.search.engine import Band
from bot.search.index import Kind
from bot.search.text import MAX_LENGTH

BANDS = {
    Band.ANSWER: "答える（1位の確信度が、答えるための下限以上）",
    Band.CHOICES: "候補を出す（どれかは正しそうだが、1つに決められない）",
    Band.FALLBACK: "答えない（正しい答えがあると言えない）",
}
KINDS = {ReplyKind.ANSWER: "答え", ReplyKind.CHOICES: "候補・返事", ReplyKind.FALLBACK: "答えなし"}
SIGNS = {
    "document": "FAQの質問文・答えと同じ言葉", "usage": "言い回しと同じ言葉", "reading": "読み方の近さ",
    "reading_of_kana": "読み方の近さ（かなの質問）", "meaning": "意味の近さ",
}  # fmt: skip
"""Columns of evidence (docs/つくり.md 3) as staff read them; the others are the same for every entry."""


@dataclass(frozen=True)
class Candidate:
    """An entry that fits, and what speaks for it: (what, weight, share of the greatest weight of all candidates)."""

    id: str
    title: str
    confidence: float
    phrasing: str
    words: tuple[str, ...]
    signs: tuple[tuple[str, float, float], ...]


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/question`: a form; the question comes as a POST, so that no words stand in an address or a log. Nothing is
    changed by it, so the answer is shown at once and reloading does no harm."""
    pages = frame.router()

    @pages.get("/question")
    def ask(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return _page(request, "", ORIGINAL, {})

    @pages.post("/question")
    def answer(
        request: Request, _: Annotated[Member, Depends(member())], form: Annotated[FormData, Depends(checked_form)]
    ) -> HTMLResponse:
        published = context.desk.published
        lang = text(form, "lang") if text(form, "lang") in published.editions else ORIGINAL
        asked = line(text(form, "text"), MAX_LENGTH)
        told = "" if asked else "質問を入力してください。"
        return _page(request, asked, lang, _tried(published, asked, lang, context.desk.clock()) if asked else {}, told)

    def _page(request: Request, asked: str, lang: str, found: dict[str, Any], told: str = "") -> HTMLResponse:
        values = {"reply": None, "kinds": KINDS} | found
        return frame.page(
            request, "question.html", status=422 if told else 200, asked=asked, lang=lang, told=told, most=MAX_LENGTH,
            languages=context.desk.published.languages(), **values,
        )  # fmt: skip

    return pages


def _tried(published: Published, asked: str, lang: str, now: dt.datetime) -> dict[str, Any]:
    """The turn a resident would take first in a conversation; its events are dropped."""
    taken = turn.hear(turn.start("what-if", published, now, lang).conversation, asked, published, now)
    engine = published.edition(taken.conversation.lang).engine
    result = engine.search(asked, now.astimezone(TOKYO).date())
    entries = engine.knowledge.entries
    rows = engine.explain(result)
    greatest = max((weight for row in rows for _, weight in _signs(row)), default=0.0) or 1.0
    return {
        "reply": taken.reply,
        "heard_in": taken.conversation.lang,
        "answers": [(answer, rendered(answer.text)) for answer in taken.reply.answers],
        "choices": [choice.title for choice in taken.reply.choices],
        "band": _band(result.small_talk, result.best, result.band),
        "candidates": [_candidate(row, entries[row["id"]].question, greatest) for row in rows],
        "answer_from": engine.profile.answer_from,
        "choices_from": engine.profile.choices_from,
    }


def _band(small_talk: str | None, best: Kind | None, band: Band) -> str:
    if small_talk:
        return "質問ではなく、あいさつなどの言葉"
    if best is Kind.OUT_OF_SCOPE:
        return f"{BANDS[band]}。いちばん近いのは「答えない質問」"
    return BANDS[band]


def _signs(row: dict[str, Any]) -> list[tuple[str, float]]:
    return [(name, float(row["columns"].get(key, 0.0))) for key, name in SIGNS.items()]


def _candidate(row: dict[str, Any], title: str, greatest: float) -> Candidate:
    shown = tuple((name, weight, weight / greatest) for name, weight in _signs(row) if weight > 0)
    return Candidate(row["id"], title, row["confidence"], row["phrasing"], tuple(_readable(row["words"])), shown)


def _readable(words: Iterable[str]) -> dict[str, None]:
    """Words as staff read them: `=term` is a term that stands for several wordings, `~number` a group of synonyms."""
    return {f"{word[1:]}（言い換え）" if word.startswith("=") else word: None for word in words if word[:1] != "~"}
