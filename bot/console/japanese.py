"""How figures, days and instants are written for staff; `FILTERS` gives the templates the same words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from bot.analytics.names import LANGUAGES, name_of
from bot.analytics.period import TOKYO, WEEKDAYS, Period

NOTHING = "–"
"""Where there is no figure: not the same as 0."""


def number(value: float | None, digits: int = 0) -> str:
    """1234567 → 1,234,567"""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """0.8341 → 83.4%"""
    return NOTHING if value is None else f"{value * 100:.1f}%"


def figure(value: float | None, unit: str) -> str:
    """A figure in its unit (those of `bot.analytics.figures`): shares are 0–1, everything else as it stands."""
    if unit == "%" or value is None:
        return share(value)
    if unit == "秒":
        return lasting(value)
    return f"{number(value, 1 if unit == 'ミリ秒' else 0)} {unit}"


def lasting(seconds: float | None) -> str:
    """95 → 1分35秒"""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return f"{whole}秒"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}分{rest}秒" if rest else f"{minutes}分"
    return f"{minutes // 60}時間{minutes % 60}分"


def change(now: float | None, before: float | None, unit: str = "") -> str:
    """How a figure differs from that of the period before: +12.3%, for shares +1.2ポイント."""
    if now is None or before is None:
        return NOTHING
    if unit == "%":
        return f"{(now - before) * 100:+.1f}ポイント"
    return f"{(now - before) / before * 100:+.1f}%" if before else NOTHING


def day(date: dt.date | None) -> str:
    """2026年11月21日（土）"""
    return Period.day(date).title if date else NOTHING


def short_day(date: dt.date) -> str:
    """11/21（土）"""
    return f"{date.month}/{date.day}（{WEEKDAYS[date.weekday()]}）"


def when(moment: dt.datetime | None) -> str:
    """2026年11月21日（土）15:04, in Tokyo"""
    if moment is None:
        return NOTHING
    local = moment.astimezone(TOKYO)
    return f"{day(local.date())}{local:%H:%M}"


def short_when(moment: dt.datetime) -> str:
    """2026/11/21（土）15:04, in Tokyo"""
    local = moment.astimezone(TOKYO)
    return f"{local.year}/{short_day(local.date())}{local:%H:%M}"


def clock(moment: dt.datetime) -> str:
    """15:04:05, in Tokyo"""
    return f"{moment.astimezone(TOKYO):%H:%M:%S}"


def instant(moment: dt.datetime) -> str:
    """For `datetime` of a time element."""
    return moment.astimezone(TOKYO).isoformat(timespec="seconds")


def language(code: str) -> str:
    """日本語, 英語; the code itself for a language nobody has named."""
    return name_of(LANGUAGES, code)


FILTERS: Mapping[str, Callable[..., str]] = {
    "number": number, "share": share, "figure": figure, "lasting": lasting, "change": change, "day": day,
    "short_day": short_day, "when": when, "short_when": short_when, "clock": clock,
    "instant": instant, "language": language,
}  # fmt: skip
