"""The Rasa REST channel (rasa.md 5.1), so that any client of it works.

A missing sender or message is a 422, never a conversation shared by strangers; the list is never empty.
"""

from __future__ import annotations

import hmac
import json
import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.dialogue.desk import Desk, Visit
from bot.dialogue.reply import Choice
from bot.web.errors import RESPONSES


class RasaRequest(BaseModel):
    """`metadata` and `input_channel` of Rasa are accepted and not used."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [{"sender": "u1", "message": "納付場所"}]})
    sender: str = Field(max_length=200, pattern=r"\S")
    message: str = Field(max_length=10_000)


class RasaMessage(BaseModel):
    """One message; choices are `buttons`."""

    recipient_id: str
    text: str
    buttons: tuple[Choice, ...] | None = None


def rasa_channel(desk: Desk) -> APIRouter:
    """The routes."""
    key = secrets.token_bytes(32)  # conversations live no longer than the process, so neither need their names

    def conversation(sender: str) -> str:
        """Senders may be telephone numbers: a keyed hash keeps them out of stores and events, and can't be guessed."""
        return f"rest-{hmac.new(key, sender.encode('utf-8', 'surrogatepass'), 'sha256').hexdigest()[:32]}"

    channel = APIRouter(prefix="/webhooks/rest", tags=["rasa"], responses=RESPONSES)

    @channel.get("/")
    async def health() -> dict[str, str]:
        """Rasa's own health answer."""
        return {"status": "ok"}

    @channel.post(
        "/webhook", response_model=list[RasaMessage], response_model_exclude_none=True,
        responses={200: {"content": {"application/x-ndjson": {}}}},
    )  # fmt: skip
    async def webhook(
        request: RasaRequest, stream: Annotated[bool, Query(description="1行に1つのJSON")] = False
    ) -> list[RasaMessage] | StreamingResponse:
        """Take a turn."""
        reply = desk.hear(conversation(request.sender), request.message, fixed_id=True, visit=Visit("rasa")).reply
        texts = [text for text in (reply.text, *(a.plain for a in reply.answers), reply.contact) if text]
        messages = [RasaMessage(recipient_id=request.sender, text=text) for text in texts]
        if reply.choices:
            messages[-1] = messages[-1].model_copy(update={"buttons": reply.choices})
        if not stream:
            return messages
        rows = (json.dumps(m.model_dump(exclude_none=True), ensure_ascii=False) + "\n" for m in messages)
        return StreamingResponse(rows, media_type="application/x-ndjson")

    return channel
