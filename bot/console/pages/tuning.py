"""改善の提案: what to change in the content because of a month, what each change would do, and to accept it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from bot.analytics.period import TOKYO, Period
from bot.console.context import ConsoleContext
from bot.console.frame import Frame, Member, audit, checked_form, member
from bot.knowledge.models import Knowledge
from bot.tuning import proposals
from bot.tuning.accept import NotAccepted, ReadOnly, TuningTools, accepted
from bot.tuning.effects import RECOMMENDED
from bot.tuning.proposals import Proposal, Tuning, Way

PATH = "/console/tuning"
MONTHS = 13  # offered at once
NO_TOOLS = "この画面からは計算できません。「madoguchi tune 2026-10」の形で実行してください。"
NOT_MARKED = f"{proposals.FROM_SYNTHETIC}本物の内容に書いてよいときだけ、印を付けて採用してください。"
ONE_AT_A_TIME = "計算は1つずつです。いまの計算が終わるまで、お待ちください。"


def routes(context: ConsoleContext, frame: Frame) -> APIRouter:
    """`/tuning`, `/tuning/{month}` (list, start), `/tuning/{month}/{id}` (one, accept, its patch)."""
    pages, known = frame.router(), _Proposals(context, frame)

    @pages.get("/tuning")
    def months(request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        offered = _offered(known.today())
        return frame.page(
            request, "tuning_months.html", months={f"{month.first:%Y-%m}": month.title for month in offered},
            known=proposals.months(context.data), at_work=known.at_work(),
        )  # fmt: skip

    @pages.get("/tuning/{month}")
    def month_(month: str, request: Request, _: Annotated[Member, Depends(member())]) -> Response:
        period = known.period(month)
        if "ready" in request.query_params:
            return Response(status_code=202 if known.at_work() == month else 204)
        tuning = proposals.kept(month, context.data)
        rows = [(proposal, known.is_accepted(proposal)) for proposal in tuning.proposals] if tuning else []
        return frame.page(
            request, "tuning.html", period=period, month=month, tuning=tuning, rows=rows, at_work=known.at_work(),
            summary=proposals.drawn_up(tuning) if tuning else "", can_start=context.tuning is not None,
            failure=context.tuning.failure(month) if context.tuning else "",
            synthetic=tuning is not None and tuning.synthetic, rule=RECOMMENDED,
        )  # fmt: skip

    @pages.post("/tuning/{month}/start")
    def start(
        month: str,
        request: Request,
        _: Annotated[Member, Depends(member("editor"))],
        __: Annotated[FormData, Depends(checked_form)],
    ) -> Response:
        period, tools = known.period(month), known.tools()
        if other := tools.working_on():
            return frame.redirect(request, f"{PATH}/{other}", ONE_AT_A_TIME)
        tools.start(month)
        audit(request, "tuning", f"計算した: {period.title}")
        return frame.redirect(request, f"{PATH}/{month}")

    @pages.get("/tuning/{month}/{id}")
    def proposal_(month: str, id: str, request: Request, _: Annotated[Member, Depends(member())]) -> HTMLResponse:
        return known.page(request, month, id)

    @pages.post("/tuning/{month}/{id}/accept")
    def accept(
        month: str,
        id: str,
        request: Request,
        _: Annotated[Member, Depends(member("editor"))],
        form: Annotated[FormData, Depends(checked_form)],
    ) -> Response:
        tools, (tuning, proposal) = known.tools(), known.one(month, id)
        if tuning.writes_synthetic([id]) and "even_synthetic" not in form:
            return known.page(request, month, id, NOT_MARKED)
        try:
            files = tools.keep(tools.prepare(tuning, [id]))
        except NotAccepted as error:
            return known.page(request, month, id, str(error), isinstance(error, ReadOnly))
        audit(request, "tuning", proposal.accepted_in(month))
        return frame.redirect(request, f"{PATH}/{month}/{id}", f"採用しました。書いたファイル: {'、'.join(files)}")

    @pages.get("/tuning/{month}/{id}/patch")
    def patch(month: str, id: str, request: Request, _: Annotated[Member, Depends(member("editor"))]) -> Response:
        tools, (tuning, _proposal) = known.tools(), known.one(month, id)
        try:
            text = tools.prepare(tuning, [id]).difference
        except NotAccepted as error:
            return known.page(request, month, id, str(error))
        audit(request, "download", f"tuning-{month}-{id}.patch")
        attached = f"attachment; filename*=UTF-8''{quote(f'tuning-{month}-{id}.patch')}"
        return Response(text, media_type="text/x-diff", headers={"Content-Disposition": attached})

    return pages


class _Proposals:
    """What all routes look up."""

    def __init__(self, context: ConsoleContext, frame: Frame) -> None:
        self._context, self._frame = context, frame

    def page(self, request: Request, month: str, id_: str, refused: str = "", read_only: bool = False) -> HTMLResponse:
        """One proposal; `refused` tells why it was not accepted."""
        tuning, proposal = self.one(month, id_)
        return self._frame.page(
            request, "tuning_proposal.html", status=422 if refused else 200, month=month, period=self.period(month),
            proposal=proposal, entries=self.knowledge().entries, done=self.is_accepted(proposal), refused=refused,
            read_only=read_only, can_accept=self._context.tuning is not None, synthetic=tuning.synthetic, ways=_ways(),
            asks=proposals.FROM_SYNTHETIC if tuning.writes_synthetic([id_]) else "",
        )  # fmt: skip

    def one(self, month: str, id_: str) -> tuple[Tuning, Proposal]:
        """A proposal of a month. Raises HTTPException 404."""
        tuning = proposals.kept(f"{self.period(month).first:%Y-%m}", self._context.data)
        proposal = tuning.find(id_) if tuning else None
        if tuning is None or proposal is None:
            raise HTTPException(404, "この提案はありません。計算し直されたか、記録を残す期間を過ぎました。")
        return tuning, proposal

    def is_accepted(self, proposal: Proposal) -> bool:
        """Whether it is part of the content that is served."""
        edition = self._context.desk.published.editions.get(proposal.lang)
        return edition is not None and accepted(proposal, edition.engine.knowledge, self._context.data)

    def knowledge(self) -> Knowledge:
        """The Japanese content that is served."""
        return self._context.desk.published.engine.knowledge

    def today(self) -> dt.date:
        """The day in Tokyo."""
        return self._context.desk.clock().astimezone(TOKYO).date()

    def at_work(self) -> str:
        """The month that is being worked out; "" if none is."""
        return self._context.tuning.working_on() if self._context.tuning else ""

    def tools(self) -> TuningTools:
        """What works and writes. Raises HTTPException 404."""
        if self._context.tuning is None:
            raise HTTPException(404, NO_TOOLS)
        return self._context.tuning

    def period(self, month: str) -> Period:
        """The month of an address. Raises HTTPException 404."""
        try:
            period = Period.read_month(month)
        except ValueError:
            period = None
        if period is None or period.ahead(self.today()):
            raise HTTPException(404, "この月の提案はありません。始まっている月を選んでください。")
        return period


def _offered(today: dt.date) -> list[Period]:
    """The latest months, newest first."""
    found = [Period.month(today)]
    while len(found) < MONTHS:
        found.append(found[-1].before)
    return found


def _ways() -> dict[str, Any]:
    return {way.name.lower(): way for way in Way}
