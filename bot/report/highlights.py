"""読みどころ: a few sentences made by rules. They tell numbers, never causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.analytics.figures import figure
from bot.analytics.names import LANGUAGES, name_of
from bot.report.counted import Counted
from bot.report.model import Amount, Quote

MOST = 6
WORDS = 60  # of a resident's question


def highlights(counted: Counted) -> tuple[str, ...]:
    """Three to six sentences; none if nothing happened."""
    sentences = (_volume, _answers, _class, _busiest, _phone, _unanswered, _foreign)
    return tuple(said for tell in sentences for said in tell(counted))[:MOST]


def _volume(counted: Counted) -> Iterator[str]:
    questions = counted.whole.total("questions")
    if questions:
        yield f"チャットの質問は{questions:,}件でした{_against(counted, 'questions')}。"


def _against(counted: Counted, key: str) -> str:
    """（前月より1,200件、15.0%多い）"""
    if counted.before is None:
        return ""
    before, now = counted.before.total(key), counted.whole.total(key)
    if now == before:
        return f"（{counted.earlier}と同じ）"
    part = f"、{abs(now - before) / before:.1%}" if before else ""
    return f"（{counted.earlier}より{abs(now - before):,.0f}件{part}{'多い' if now > before else '少ない'}）"


def _answers(counted: Counted) -> Iterator[str]:
    parts = []
    for id_ in ("answered_rate", "fallback_rate", "resolved_rate"):
        value = figure(id_).value(counted.whole)
        if value is not None:
            parts.append(f"{figure(id_).title}は{Amount(value, '%')}{_points(counted, id_)}")
    if parts:
        yield "、".join(parts) + "でした。"


def _points(counted: Counted, id_: str) -> str:
    now, before = figure(id_).value(counted.whole), None
    if counted.before is not None:
        before = figure(id_).value(counted.before)
    if now is None or before is None:
        return ""
    return f"（{counted.earlier}との差 {Amount(now - before, 'ポイント', signed=True)}）"


def _class(counted: Counted) -> Iterator[str]:
    now = counted.whole.table("answers_by_category")
    if not now:
        return
    top = _greatest(now)
    said = f"いちばん多く案内した対応分類は「{top}」で、{now[top]:,}件（{now[top] / sum(now.values()):.1%}）でした"
    if counted.before is not None:
        before = counted.before.table("answers_by_category")
        rise = {key: now.get(key, 0) - before.get(key, 0) for key in now}
        most = _greatest(rise)
        if rise[most] > 0:
            said += f"。{counted.earlier}からいちばん増えたのは「{most}」で、{rise[most]:,}件増えました"
    yield said + "。"


def _busiest(counted: Counted) -> Iterator[str]:
    hours = counted.whole.table("questions_by_hour")
    if not hours:
        return
    hour = _greatest(hours)
    days = {f"{day.month}月{day.day}日": each.total("questions") for day, each in counted.days.items()}
    day = _greatest(days)
    when = f"{day}（{days[day]:,}件）、" if len(days) > 1 else ""
    yield f"質問がいちばん多かったのは、{when}時間では{int(hour)}時台（{hours[hour]:,}件）でした。"


def _phone(counted: Counted) -> Iterator[str]:
    calls = counted.whole.total("calls_counted")
    if not calls:
        return
    rate = figure("answer_rate_saitama").value(counted.whole)
    told = f"、応答率（埼玉県）は{Amount(rate, '%')}" if rate is not None else ""
    after = counted.whole.total("calls_after_hours")
    yield f"電話の着信総数は{calls:,}件{_against(counted, 'calls_counted')}、うち時間外は{after:,}件{told}でした。"


def _unanswered(counted: Counted) -> Iterator[str]:
    asked = next((each for each in counted.unanswered if each.lang.startswith("ja")), None)
    if asked:
        text = asked.text if len(asked.text) <= WORDS else asked.text[:WORDS] + "…"
        yield f"答えられなかった質問でいちばん多かったのは「{Quote(text)}」（{asked.count:,}件）でした。"


def _foreign(counted: Counted) -> Iterator[str]:
    rows = {lang: n for lang, n in counted.whole.table("questions_by_language").items() if lang not in {"", "ja"}}
    if rows:
        top = _greatest(rows)
        name = name_of(LANGUAGES, top)
        yield f"日本語でない質問は{sum(rows.values()):,}件で、いちばん多い言語は{name}（{rows[top]:,}件）でした。"


def _greatest(numbers: Mapping[str, float]) -> str:
    """The key of the greatest number; of equal ones the first."""
    return max(numbers, key=lambda key: numbers[key])
