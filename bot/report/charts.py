"""Charts as accessible SVG for console, HTML and PDF: no styles, scripts or ids, so that a page may hold many.

`labels` are what is counted (days, topics), `series` name → one value per label; None is a gap, below 0 is drawn as 0.
With the unit "%" values are shares from 0 to 1. Rows of unlike length raise ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.report.axes import Field, spaced
from bot.report.svg import (
    GRID,
    HEAT,
    MUTED,
    PAPER,
    SIZE,
    TEXT,
    WIDTH,
    Number,
    block,
    element,
    hover,
    legend,
    legend_height,
    line_sample,
    marker,
    nothing,
    picture,
    shade,
    shortened,
    stroke,
    text,
    told,
    width_of,
)  # fmt: skip

Series = Mapping[str, Sequence[Number]]

SHORT = SIZE * 3.0  # labels up to this wide (days, hours) may be left out where they would touch
TOLD = 48  # up to so many values are told in the description one by one; of more, the greatest and the sum


def bars(labels: Sequence[str], series: Series, title: str, unit: str = "件") -> str:
    """Upright bars; lying ones where the labels are too long to stand beside each other."""
    _check(labels, series)
    if not labels or not series:
        return nothing(title)
    if max(map(width_of, labels)) > max((WIDTH - 60) / len(labels), SHORT):
        return _lying(labels, series, title, unit)
    field = Field.around(labels, series, unit, legend_height(list(series)))
    wide = min(field.slot * 0.8, 32.0 * len(series)) / len(series)
    parts, tops = [field.frame(), legend(list(series), block)], []
    for number, (name, values) in enumerate(series.items()):
        for place, value in enumerate(values):
            if value is not None:
                x, y = field.x(place) + wide * (number - len(series) / 2), field.y(value)
                words = hover(f"{labels[place]} {name} {told(value, unit)}")
                parts.append(block(number, (x, y, wide, field.bottom - y), words))
                tops.append((x + wide / 2, y - 9, value))
    parts.append(_numbers(tops, wide / 0.8, unit))
    return picture(field.bottom + 28, title, in_words(labels, series, unit), parts)


def lines(labels: Sequence[str], series: Series, title: str, unit: str = "件") -> str:
    """One line per series over labels in order (days, months)."""
    _check(labels, series)
    if not labels or not series:
        return nothing(title)
    field = Field.around(labels, series, unit, legend_height(list(series)))
    parts = [field.frame(), legend(list(series), line_sample)]
    for number, (name, values) in enumerate(series.items()):
        points = [None if v is None else (field.x(place), field.y(v)) for place, v in enumerate(values)]
        parts.append(stroke(number, _way(points)))
        for place, point in enumerate(points):
            if point:
                words = hover(f"{labels[place]} {name} {told(values[place], unit)}")
                parts.append(marker(number, *point, words))
    if len(series) == 1:
        tops = [(field.x(p), field.y(v) - 12, v) for p, v in enumerate(next(iter(series.values()))) if v is not None]
        parts.append(_numbers(tops, field.slot, unit))
    return picture(field.bottom + 28, title, in_words(labels, series, unit), parts)


def heat(rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float]], title: str) -> str:
    """A grid of counts: the more, the darker; the number stands in its cell where it fits."""
    if len(values) != len(rows):
        raise ValueError(f"{len(values)} rows of values for {len(rows)} rows")
    _check(columns, dict(zip(rows, values, strict=True)))
    if not rows or not columns:
        return nothing(title)
    left, top, high = max(map(width_of, rows)) + 8, 24.0, 20.0
    wide, greatest = (WIDTH - left - 4) / len(columns), max(map(max, values))
    small = min(11.5, wide / 2)
    shapes: dict[int, str] = {}
    numbers: dict[bool, str] = {False: "", True: ""}
    for down, row in enumerate(values):
        for across, value in enumerate(row):
            level, x, y = shade(value, greatest), left + wide * across, top + high * down
            shapes[level] = shapes.get(level, "") + f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.0f}h-{wide:.1f}z"
            words = f"{value:,.0f}"
            if value > 0 and width_of(words, small) <= wide:
                numbers[level == len(HEAT) - 1] += text(x + wide / 2, y + high / 2, words, small)
    parts = [element("path", d=shapes[level], fill=HEAT[level], stroke=GRID) for level in sorted(shapes)]
    parts += [element("g", inside, fill=PAPER if dark else TEXT, font_size=small, text_anchor="middle")
              for dark, inside in numbers.items() if inside]  # fmt: skip
    parts += [text(left - 6, top + high * (n + 0.5), label, text_anchor="end") for n, label in enumerate(rows)]
    parts += [text(left + wide * (n + 0.5), 12, label, text_anchor="middle") for n, label in spaced(columns, wide)]
    bottom = top + high * len(rows)
    by_row = {name: list(row) for name, row in zip(rows, values, strict=True)}
    return picture(bottom + 32, title, in_words(columns, by_row, "件"), [*parts, _key(greatest, bottom + 18)])


def _check(labels: Sequence[str], series: Series) -> None:
    for name, values in series.items():
        if len(values) != len(labels):
            raise ValueError(f"{name}: {len(values)} values for {len(labels)} labels")


def _lying(labels: Sequence[str], series: Series, name: str, unit: str) -> str:
    left = min(max(map(width_of, labels)) + 8, WIDTH * 0.5)
    thick = 18.0 if len(series) == 1 else 15.0
    slot, top = thick * len(series) + 8, 10 + legend_height(list(series))
    values = [value for row in series.values() for value in row]
    greatest = max((value for value in values if value is not None), default=0) or 1
    room = WIDTH - left - 10 - max(width_of(told(value, unit)) for value in values)
    parts = [legend(list(series), block)]
    for place, label in enumerate(labels):
        y = top + slot * place + 4
        words = shortened(label, left - 8)
        parts.append(text(left - 6, y + thick * len(series) / 2, words, text_anchor="end"))
        for number, (series_name, row) in enumerate(series.items()):
            value, at = row[place], y + thick * number
            long = room * max(value or 0, 0) / greatest
            pointed = hover(f"{label} {series_name} {told(value, unit)}")
            if long:
                parts.append(block(number, (left, at + 1, long, thick - 3), pointed))
            parts.append(text(left + long + 5, at + thick / 2, told(value, unit)))
    bottom = top + slot * len(labels)
    parts.append(element("path", d=f"M{left:.1f} {top:.1f}V{bottom:.1f}", stroke=MUTED))
    return picture(bottom + 8, name, in_words(labels, series, unit), parts)


def _way(points: Sequence[tuple[float, float] | None]) -> str:
    """A path through the points; it begins anew after a gap."""
    way, drawing = "", False
    for point in points:
        way += f"{'L' if drawing else 'M'}{point[0]:.1f} {point[1]:.1f}" if point else ""
        drawing = point is not None
    return way or "M0 0"


def _numbers(tops: Sequence[tuple[float, float, float]], room: float, unit: str) -> str:
    """The values above their places: all if they fit, else only the greatest."""
    words = [(x, y, value, told(value, unit if unit == "%" else "")) for x, y, value in tops]
    if any(width_of(shown, 12) > room for *_, shown in words):
        words = [max(words, key=lambda each: each[2])]
    shown = [text(min(max(x, width_of(w) / 2), WIDTH - width_of(w) / 2), y, w) for x, y, value, w in words if value]
    return element("g", *shown, text_anchor="middle", font_size=12) if shown else ""


def _key(greatest: float, y: float) -> str:
    """Which colour stands for how many."""
    parts = [text(0, y, "件数")]
    steps = [round(greatest * level / 5) for level in range(len(HEAT))]
    for level, colour in enumerate(HEAT):
        if level == 0 or steps[level] > steps[level - 1]:
            x = 44.0 + 84 * level
            words = "0" if level == 0 else f"〜{steps[level]:,}"
            parts.append(element("rect", x=x, y=y - 7, width=14, height=14, fill=colour, stroke=MUTED))
            parts.append(text(x + 20, y, words))
    return element("g", *parts)


def in_words(labels: Sequence[str], series: Series, unit: str) -> str:
    """The numbers of a chart as sentences: each one, or of many the greatest and the sum."""
    said = []
    for name, row in series.items():
        known = [(label, value) for label, value in zip(labels, row, strict=True) if value is not None]
        if not known:
            said.append(f"{name}：なし。")
        elif len(labels) * len(series) <= TOLD:
            said.append(f"{name}：" + "、".join(f"{label} {told(value, unit)}" for label, value in known) + "。")
        else:
            label, value = max(known, key=lambda each: each[1])
            total = f"合計 {told(sum(v for _, v in known), unit)}、" if unit in {"件", "問"} else ""
            said.append(f"{name}：{total}最大 {label} {told(value, unit)}。")
    return "".join(said) + ("" if len(labels) * len(series) <= TOLD else "すべての数字は表にあります。")
