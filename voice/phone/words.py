"""The Japanese words of the browser telephone that depend on what happens; the others stand in `phone.html`."""

from __future__ import annotations

import datetime as dt

import jpholiday

from bot.dialogue.office_hours import TOKYO, OfficeHours, spoken
from voice.flow import steps
from voice.flow.nodes import Kind
from voice.flow.steps import Situation

NOT_LOCAL = (
    "ブラウザー電話は、このサービスが動いているコンピューターか、職員の画面にサインインしたブラウザーから使えます。"
)
NOT_READY = "電話の案内が、まだ公開されていません。madoguchi check で内容を確かめてください。"
GONE = "この通話はもうありません。もう一度、発信してください。"
BAD_TIME = "日時は、2026-11-21T20:00 の形で入れてください。"
INVALID = "読み取れない内容です。"
TOO_LARGE = "送られた内容が大きすぎます。"
NO_PAGE = "見つかりません。"

_ENDED = {
    "caller": "電話を切りました。",
    "service": "案内が終わり、電話が切れました。",
    "failure": "通話が終わりました。",
}
_FAILED = {"busy": "担当は話し中です。", "no answer": "担当が電話に出ません。", "not set": "担当の番号が未設定です。"}
_SITUATIONS = {
    Situation.EMERGENCY: "緊急案内中",
    Situation.EXCEPTION: "臨時の休業日",
    Situation.OVERFLOW: "受付時間内で混雑",
    Situation.OPEN: "受付時間内",
}
_KINDS = {
    Kind.THEN: "案内",
    Kind.MENU: "番号を選ぶ",
    Kind.LISTEN: "質問を聞く",
    Kind.TRANSFER: "担当につなぐ",
    Kind.QUEUE: "待ち合わせ",
    Kind.HANG_UP: "終話",
}
_WAYS: dict[tuple[str | int, ...], str] = {
    ("then",): "続けて",
    ("no_input", "then"): "何も押さないとき",
    ("no_match", "then"): "違う番号を押したとき",
    ("listen", "then"): "聞き取れないとき",
    ("listen", "without"): "音声認識がないとき",
    ("listen", "after"): "答えの後",
    ("transfer", "failed"): "つながらないとき",
    ("transfer", "not_set"): "番号が未設定のとき",
    ("queue", "then"): "待ち時間の上限",
    ("queue", "not_set"): "番号が未設定のとき",
}


def ended(by: str) -> str:
    """How a call ended, for the transcript."""
    return _ENDED.get(by, _ENDED["failure"])


def happened(given: steps.Input) -> str:
    """What happened, for the transcript; "" for what needs no line."""
    match given:
        case steps.KeyPressed():
            return f"「{given.key}」を押しました。"
        case steps.Waited():
            return "何も押されないまま、時間になりました。"
        case steps.Heard():
            return f"「{given.text}」と話しました。" if given.text else "何も話しませんでした。"
        case steps.Connected():
            return "担当につながりました。"
        case steps.NotConnected():
            return _FAILED.get(given.reason, "担当につながりませんでした。")
        case _:
            return ""


def kind(of: Kind) -> str:
    """What a node of a flow does."""
    return _KINDS[of]


def situation(of: Situation, at: dt.datetime, hours: OfficeHours) -> str:
    """時間外（土曜日）"""
    if of is not Situation.AFTER_HOURS:
        return _SITUATIONS[of]
    return f"時間外（{_why_closed(at.astimezone(TOKYO), hours)}）"


def moment(at: dt.datetime) -> str:
    """11月21日（土）午後8時"""
    return spoken(at)


def _why_closed(at: dt.datetime, hours: OfficeHours) -> str:
    day = at.date()
    if open_hours := hours.on(day):
        return "受付の前" if at.time() < open_hours[0] else "受付の後"
    if name := jpholiday.is_holiday_name(day):
        return f"祝日・{name}"
    if f"{day:%m-%d}" in hours.closed_each_year:
        return "年末年始"
    return "月火水木金土日"[day.weekday()] + "曜日"


def way(place: tuple[str | int, ...]) -> str:
    """What leads out of a node, by its place in the file; "" for what the choices show already."""
    return _WAYS.get(place, "")
