"""What is said in Japanese when something can't be done: a title and a sentence for each status."""

from __future__ import annotations

import logging
import traceback

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.dialogue.desk import NotReady

log = logging.getLogger(__name__)

TITLES = {
    400: "読み取れません",
    403: "開けません",
    404: "見つかりません",
    405: "その操作はできません",
    413: "大きすぎます",
    415: "読み取れません",
    422: "読み取れません",
    429: "しばらくお待ちください",
    500: "こちらの不具合です",
    503: "いまは使えません",
}
WORDS = {
    404: "この画面はありません。左の（スマートフォンでは上の）一覧から選んでください。",
    405: "この画面では、その操作はできません。",
    422: "アドレスか入力の中に、読み取れないところがあります。前の画面にもどって、選び直してください。",
    500: "画面を作れませんでした。何が起きたかは記録しました。続くときは、時刻をそえて運用担当に伝えてください。",
    503: "記録のデータベースにつながりません。チャットと電話の受け答えは続いています。少し待ってください。",
}
NOT_READY = "まだ内容が公開されていません。madoguchi check の指摘を直すと、公開されます。"


def explained(request: Request, error: Exception) -> tuple[int, str, str]:
    """(status, title, sentence) for an error. What is our fault goes to the log without its text, which may hold a
    resident's words."""
    match error:
        case HTTPException():
            status, words = error.status_code, str(error.detail)
            said = words if not words.isascii() else WORDS.get(status, WORDS[422])
        case RequestValidationError():
            status, said = 422, WORDS[422]
        case NotReady():
            status, said = 503, NOT_READY
        case SQLAlchemyError() | ConnectionError() | TimeoutError():
            status, said = 503, WORDS[503]
            log_place(error, _route(request))
        case _:
            status, said = 500, WORDS[500]
            log_place(error, _route(request))
    return status, TITLES.get(status, TITLES[422]), said


def log_place(error: Exception, doing: str) -> None:
    """Log an error by its type and place, and what was being done. Its own text may hold a resident's words."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s at %s (%s:%s)", type(error).__name__, doing, place.filename, place.lineno)


def _route(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "/console")
