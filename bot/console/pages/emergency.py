"""緊急案内: see it, and turn it on or off in two steps with a reason that stays."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData

from bot.console.context import ConsoleContext, TelephoneTools
from bot.console.frame import Frame, Member, audit, checked_form, member, text
from bot.console.query import line
from bot.console.refusals import log_place

PATH = "/console/emergency"
MOST_REASON = 200
SHOWN = 50  # turns of the switch in the history
NO_TELEPHONE = "電話の部品が入っていないので、緊急案内はありません。"
NOT_TURNED = (
    "緊急案内を切り替えられませんでした。データのフォルダーに書けないのかもしれません。"
    "運用担当に、時刻をそえて伝えてください。"
)
NOT_AUDITED = "操作の記録（監査）には残せませんでした。だれが・なぜは、この画面の履歴にあります。"


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/emergency`, `/emergency/confirm` (asks once more) and the switch itself."""
    pages = frame.router()

    @pages.get("/emergency")
    def emergency(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return _page(request)

    @pages.post("/emergency/confirm")
    def confirm(
        request: Request,
        _: Annotated[Member, Depends(member("editor"))],
        form: Annotated[FormData, Depends(checked_form)],
    ) -> Response:
        on, why = text(form, "on") == "yes", line(text(form, "why"), MOST_REASON + 1)
        if told := _missing(why):
            return _page(request, told, why, 422)
        if _telephone().emergency_on() == on:
            return frame.redirect(request, PATH, _already(on))
        return frame.page(request, "emergency_confirm.html", on=on, why=why, said=_telephone().announcement())

    @pages.post("/emergency")
    def switch(
        request: Request,
        who: Annotated[Member, Depends(member("editor"))],
        form: Annotated[FormData, Depends(checked_form)],
    ) -> Response:
        on, why = text(form, "on") == "yes", line(text(form, "why"), MOST_REASON + 1)
        telephone = _telephone()
        if told := _missing(why):
            return _page(request, told, why, 422)
        if telephone.emergency_on() == on:
            return frame.redirect(request, PATH, _already(on))
        try:
            telephone.turn_emergency(on, who.name, why)
        except (OSError, ValueError) as error:
            log_place(error, PATH)
            if telephone.emergency_on() != on:
                return _page(request, NOT_TURNED, why, 503)
        said = f"緊急案内を{'入れました' if on else '切りました'}。"
        try:
            audit(request, "emergency", f"{'入れた' if on else '切った'}: {why}")
        except SQLAlchemyError as error:  # it is switched all the same, and must not look as if it were not
            log_place(error, PATH)
            said += NOT_AUDITED
        return frame.redirect(request, PATH, said)

    def _telephone() -> TelephoneTools:
        if context.telephone is None:
            raise HTTPException(404, NO_TELEPHONE)
        return context.telephone

    def _page(request: Request, told: str = "", why: str = "", status: int = 200) -> HTMLResponse:
        telephone = context.telephone
        history = telephone.emergency_history() if telephone else []
        return frame.page(
            request, "emergency.html", status=status, there=telephone is not None, told=told, why=why,
            on=telephone is not None and telephone.emergency_on(), history=history[::-1][:SHOWN], most=MOST_REASON,
        )  # fmt: skip

    return pages


def _missing(why: str) -> str:
    """What is off with a reason."""
    if not why:
        return "理由を書いてください。いつ・だれが・なぜ入れたかが、記録に残ります。"
    if len(why) > MOST_REASON:
        return f"理由は{MOST_REASON}文字までで書いてください。"
    return ""


def _already(on: bool) -> str:
    return f"緊急案内は、もう{'入っています' if on else '切れています'}。ほかの職員が切り替えたのかもしれません。"
