"""The field in which bars and lines stand: round ticks, labels that do not touch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.report.svg import GRID, MUTED, WIDTH, Number, element, text, width_of

PLOT = 180.0
"""Height of the field."""


def ticks(greatest: float, unit: str) -> list[float]:
    """Round numbers from 0 up to at least `greatest`, four to seven of them where the numbers are large enough."""
    if unit == "%" and greatest > 0.5:
        return [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] if greatest <= 1 else [0.0, 0.5, 1.0, float(math.ceil(greatest))]
    least = 0.01 if unit == "%" else 1.0 if unit in {"件", "問", "人"} else 0.1
    wanted = max(greatest / 5, least)
    ten = 10.0 ** math.floor(math.log10(wanted) + 1e-9)
    step = next(ten * times for times in (1, 2, 5, 10) if ten * times >= wanted * (1 - 1e-9))
    return [round(step * number, 10) for number in range(max(1, math.ceil(greatest / step - 1e-9)) + 1)]


def tick_text(value: float, unit: str) -> str:
    """A number at an axis."""
    if unit == "%":
        return f"{value:.0%}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def spaced(labels: Sequence[str], slot: float) -> list[tuple[int, str]]:
    """Those labels, with their places, that fit without touching: every one, every second, every fifth, …"""
    widest = max(map(width_of, labels)) + 4
    step = next((n for n in (1, 2, 3, 5, 6, 10, 15) if widest <= slot * n), len(labels))
    return [(place, label) for place, label in enumerate(labels) if place % step == 0]


@dataclass(frozen=True)
class Field:
    """Where values stand. `bottom` is the height of 0, `marks` are the ticks."""

    left: float
    bottom: float
    marks: list[float]
    labels: Sequence[str]
    unit: str

    @classmethod
    def around(cls, labels: Sequence[str], values: Mapping[str, Sequence[Number]], unit: str, above: float) -> Field:
        """A field for these values with `above` units of room over it, besides that for numbers."""
        marks = ticks(max((v for row in values.values() for v in row if v is not None), default=0), unit)
        left = max(width_of(tick_text(mark, unit)) for mark in marks) + 10
        return cls(left, above + 38 + PLOT, marks, labels, unit)

    @property
    def slot(self) -> float:
        """Width for one label."""
        return (WIDTH - 6 - self.left) / len(self.labels)

    def x(self, place: int) -> float:
        """The middle of a label's slot."""
        return self.left + self.slot * (place + 0.5)

    def y(self, value: float) -> float:
        """The height of a value."""
        return self.bottom - PLOT * max(value, 0) / self.marks[-1]

    def frame(self) -> str:
        """Axes, grid, labels and the unit."""
        grid = "".join(f"M{self.left:.1f} {self.y(mark):.1f}H{WIDTH - 6}" for mark in self.marks[1:])
        ground = f"M{self.left:.1f} {self.bottom:.1f}H{WIDTH - 6}"
        inside = [element("path", d=grid, stroke=GRID), element("path", d=ground, stroke=MUTED)]
        inside += [text(self.left - 6, self.y(m), tick_text(m, self.unit), text_anchor="end") for m in self.marks]
        inside += [
            text(min(self.x(place), WIDTH - width_of(label) / 2), self.bottom + 14, label, text_anchor="middle")
            for place, label in spaced(self.labels, self.slot)
        ]
        if self.unit != "%":
            inside.append(text(0, self.y(self.marks[-1]) - 20, f"（{self.unit}）", fill=MUTED))
        return element("g", *inside)
