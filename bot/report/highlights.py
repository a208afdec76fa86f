"""読みどころ: a few sentences made by rules. They tell numbers, never causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.analytics.figures import figure
from bot.analytics.names import LANGUAGES, name_of
from bot.report.model import Amount, Quote
from bot.report.source import Source

MOST = 6
WORDS = 60  # of a resident's question


def highlights(source: Source) -> tuple[str, ...]:
    """Three to six sentences; none if nothing happened."""
    sentences = (_volume, _answers, _class, _busiest, _phone, _unanswered, _foreign)
    return tuple(said for tell in sentences for said in tell(source))[:MOST]


def _volume(source: Source) -> Iterator[str]:
    questions = source.whole.total("questions")
    if questions:
        yield f"チャットの質問は{questions:,}件でした{_against(source, 'questions')}。"


def _against(source: Source, key: str) -> str:
    """（前月より1,200件、15.0%多い）"""
    if source.before is None:
        return ""
    before, now = source.before.total(key), source.whole.total(key)
    if now == before:
        return f"（{source.earlier}と同じ）"
    part = f"、{abs(now - before) / before:.1%}" if before else ""
    return f"（{source.earlier}より{abs(now - before):,.0f}件{part}{'多い' if now > before else '少ない'}）"


def _answers(source: Source) -> Iterator[str]:
    parts = []
    for id_ in ("answered_rate", "fallback_rate", "resolved_rate"):
        value = figure(id_).value(source.whole)
        if value is not None:
            parts.append(f"{figure(id_).title}は{Amount(value, '%')}{_points(source, id_)}")
    if parts:
        yield "、".join(parts) + "でした。"


def _points(source: Source, id_: str) -> str:
    now, before = figure(id_).value(source.whole), None
    if source.before is not None:
        before = figure(id_).value(source.before)
    if now is None or before is None:
        return ""
    return f"（{source.earlier}との差 {Amount(now - before, 'ポイント', signed=True)}）"


def _class(source: Source) -> Iterator[str]:
    now = source.whole.table("answers_by_category")
    if not now:
        return
    top = _greatest(now)
    said = f"いちばん多く答えた対応分類は「{top}」で、{now[top]:,}件（{now[top] / sum(now.values()):.1%}）でした"
    if source.before is not None:
        before = source.before.table("answers_by_category")
        rise = {key: now.get(key, 0) - before.get(key, 0) for key in now}
        most = _greatest(rise)
        if rise[most] > 0:
            said += f"。{source.earlier}からいちばん増えたのは「{most}」で、{rise[most]:,}件増えました"
    yield said + "。"


def _busiest(source: Source) -> Iterator[str]:
    hours = source.whole.table("questions_by_hour")
    if not hours:
        return
    hour = _greatest(hours)
    days = {f"{day.month}月{day.day}日": each.total("questions") for day, each in source.days.items()}
    day = _greatest(days)
    when = f"{day}（{days[day]:,}件）、" if len(days) > 1 else ""
    yield f"質問がいちばん多かったのは、{when}時間では{int(hour)}時台（{hours[hour]:,}件）でした。"


def _phone(source: Source) -> Iterator[str]:
    calls = source.whole.total("calls_counted")
    if not calls:
        return
    rate = figure("answer_rate_saitama").value(source.whole)
    told = f"、応答率（埼玉県）は{Amount(rate, '%')}" if rate is not None else ""
    after = source.whole.total("calls_after_hours")
    yield f"電話の着信総数は{calls:,}件{_against(source, 'calls_counted')}、うち時間外は{after:,}件{told}でした。"


def _unanswered(source: Source) -> Iterator[str]:
    asked = next((each for each in source.unanswered if each.lang.startswith("ja")), None)
    if asked:
        text = asked.text if len(asked.text) <= WORDS else asked.text[:WORDS] + "…"
        yield f"答えられなかった質問でいちばん多かったのは「{Quote(text)}」（{asked.count:,}件）でした。"


def _foreign(source: Source) -> Iterator[str]:
    rows = {lang: n for lang, n in source.whole.table("questions_by_language").items() if lang not in {"", "ja"}}
    if rows:
        top = _greatest(rows)
        name = name_of(LANGUAGES, top)
        yield f"日本語でない質問は{sum(rows.values()):,}件で、いちばん多い言語は{name}（{rows[top]:,}件）でした。"


def _greatest(numbers: Mapping[str, float]) -> str:
    """The key of the greatest number; of equal ones the first."""
    return max(numbers, key=lambda key: numbers[key])
