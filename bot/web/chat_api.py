"""The widget's own API under `/api/v1/` (design.md 4.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.dialogue.desk import Desk, Served
from bot.dialogue.language import supported
from bot.dialogue.office_hours import TOKYO
from bot.dialogue.published import ORIGINAL
from bot.dialogue.reply import Choice, Reply
from bot.dialogue.state import Line
from bot.search.text import MAX_LENGTH
from bot.web.errors import RESPONSES, ErrorReply, error_reply, unreadable, words_for
from bot.web.visitor import Page, visit

Id = Annotated[str, Path(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="会話の番号")]
_NOT_FOUND: dict[int | str, dict[str, object]] = {404: {"model": ErrorReply, "description": "ない、または終わった会話"}}

SUGGESTIONS = 5
DOOR = "widget"


TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
Lang = Annotated[str, Query(max_length=20, pattern=TAG, description="利用者の言語（BCP 47）")]


class _Request(BaseModel):
    """What every request tells: the language and the page that a conversation begins with, if it begins now."""

    lang: str = Field("ja", max_length=20, pattern=TAG, description="利用者の言語（期限切れの会話も、これで始め直す）")
    page: Page = ""


class StartRequest(_Request):
    """How to open a conversation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lang": "ja", "page": "/kurashi/zei/"}]})


class MessageRequest(_Request):
    """Free text, or a button's payload. Longer than 500 characters gets a polite refusal."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message": "納付書をなくしました"}]})
    message: str = Field(max_length=10_000)


class ChoiceRequest(_Request):
    """A button that was pressed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payload": "/topic/payment"}]})
    payload: str = Field(max_length=120)


class RatingRequest(_Request):
    """役に立ちましたか"""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entry": "slip-lost", "helpful": True}]})
    entry: str = Field(max_length=60, pattern=r"^[a-z0-9-]+$")
    helpful: bool
    reason: str = Field("", max_length=MAX_LENGTH)


class ChatReply(BaseModel):
    """A reply; `renewed` means that the old conversation had expired and `conversation` is a new one."""

    conversation: str
    lang: str
    renewed: bool = False
    notice: str | None = None
    reply: Reply


class Transcript(BaseModel):
    """Everything said in a conversation, for showing it again after a reload."""

    conversation: str
    lang: str
    lines: tuple[Line, ...]


class Info(BaseModel):
    """What a widget shows before anything is said. `languages`: code → its own name."""

    lang: str
    languages: dict[str, str]
    knowledge: str
    topics: tuple[Choice, ...]
    contact: str
    open_now: bool
    max_length: int = MAX_LENGTH


class Suggestions(BaseModel):
    """Titles of entries while a resident is typing."""

    suggestions: tuple[Choice, ...]


def chat_api(desk: Desk) -> APIRouter:
    """The routes."""
    api = APIRouter(prefix="/api/v1", tags=["chat"], responses=RESPONSES)

    def shown(served: Served) -> ChatReply:
        words = desk.published.edition(served.conversation.lang).wording
        notice = words.expired if served.renewed else None
        talk = served.conversation
        return ChatReply(
            conversation=talk.id, lang=talk.lang, renewed=served.renewed, notice=notice, reply=served.reply
        )

    def gone(request: Request) -> JSONResponse:
        return error_reply(404, "not_found", words_for(desk, request).not_found)

    @api.get("/info")
    async def info(lang: Lang = "ja") -> Info:
        """Topics, telephone and whether it is answered now, in the language of a tag; the languages there are."""
        published, now = desk.published, desk.clock()
        served = supported(lang)
        edition = published.edition(served)
        return Info(
            lang=served if served in published.editions else ORIGINAL,
            languages=published.languages(),
            knowledge=published.engine.knowledge.version,
            topics=edition.topics,
            contact=edition.wording.contact(published.hours, now),
            open_now=published.hours.is_open(now),
        )

    @api.post("/conversations", status_code=201)
    async def start(request: StartRequest, http: Request) -> ChatReply:
        """Open a conversation: the greeting and the topics."""
        return shown(desk.start(request.lang, visit=visit(DOOR, http.headers, request.page)))

    @api.get("/conversations/{conversation}", responses=_NOT_FOUND, response_model=Transcript)
    async def resume(conversation: Id, http: Request) -> Transcript | JSONResponse:
        """Read a conversation again, after a reload or on the next page."""
        found = desk.find(conversation)
        return Transcript(conversation=found.id, lang=found.lang, lines=found.transcript) if found else gone(http)

    @api.post("/conversations/{conversation}/messages")
    async def send(conversation: Id, request: MessageRequest, http: Request) -> ChatReply:
        """Say something. If the conversation has expired a new one is opened, and nothing is lost."""
        from_where = visit(DOOR, http.headers, request.page)
        return shown(desk.hear(conversation, request.message, request.lang, visit=from_where))

    @api.post("/conversations/{conversation}/choices")
    async def choose(conversation: Id, request: ChoiceRequest, http: Request) -> ChatReply:
        """Press a button."""
        from_where = visit(DOOR, http.headers, request.page)
        return shown(desk.hear(conversation, request.payload, request.lang, visit=from_where))

    @api.post("/conversations/{conversation}/ratings", response_model=ChatReply)
    async def rate(conversation: Id, request: RatingRequest, http: Request) -> ChatReply | JSONResponse:
        """Say whether an answer helped. If the conversation has expired a new one is opened, and nothing is lost."""
        if request.entry not in desk.published.engine.knowledge.entries:
            return unreadable(desk, http, "entry")
        found = desk.find(conversation)
        talk = found or desk.start(request.lang, visit=visit(DOOR, http.headers, request.page)).conversation
        served = desk.rate(talk, request.entry, request.helpful, request.reason)
        return shown(replace(served, renewed=found is None))

    @api.get("/suggestions")
    async def suggest(q: Annotated[str, Query(min_length=1, max_length=60)], lang: Lang = "ja") -> Suggestions:
        """Up to five entries that fit what is typed so far."""
        edition = desk.published.edition(supported(lang))
        day = desk.clock().astimezone(TOKYO).date()
        matches = edition.engine.search(q, day).matches[:SUGGESTIONS]
        return Suggestions(suggestions=tuple(edition.entries[match.id] for match in matches))

    return api
