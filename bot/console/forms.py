"""Forms that come in: read up to a limit, one encoding, no files."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BODY = 64 * 1024  # bytes
MAX_FIELDS = 300
ENCODING = "application/x-www-form-urlencoded"

TOO_LARGE = "送られた内容が大きすぎます。短くして、もう一度お試しください。"
UNREADABLE = "送られた内容を読み取れません。前の画面にもどって、もう一度お試しください。"


async def read_form(request: Request) -> FormData:
    """The form of a POST. Raises HTTPException: 413 too large, 415 another encoding, 400 not text."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != ENCODING:
        raise HTTPException(415, UNREADABLE)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise HTTPException(413, TOO_LARGE)
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise HTTPException(400, UNREADABLE) from None
    if any("\0" in part for pair in pairs for part in pair):  # PostgreSQL's texts can't hold it
        raise HTTPException(400, UNREADABLE)
    form: list[tuple[str, str | UploadFile]] = [*pairs]
    return FormData(form)


def text(form: FormData, name: str) -> str:
    """A field of a form; "" if it is not there."""
    value = form.get(name)
    return value if isinstance(value, str) else ""
