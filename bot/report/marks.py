"""What stands for a series in a chart: bars and points that differ by pattern and shape too, and the legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.report.drawing import COLOURS, PAPER, WIDTH, element, text, width_of

Box = tuple[float, float, float, float]
"""x, y, width, height."""

DASHES = ("none", "7 3", "2 3", "9 3 2 3")
ROW = 24.0  # height of a row of the legend


def colour(number: int) -> str:
    """The colour of the series of this rank."""
    return COLOURS[number % len(COLOURS)]


def block(number: int, box: Box, *hover: str) -> str:
    """A bar: filled, lying stripes, outlined, crossed, by rank of its series."""
    x, y, wide, high = box
    own, kind = colour(number), number % 4
    shape = element("rect", *hover, x=x, y=y, width=wide, height=max(high, 0.0),
                    fill=PAPER if kind else own, stroke=own)  # fmt: skip
    lying = "".join(f"M{x:.1f} {y + n:.1f}h{wide:.1f}" for n in range(2, int(high), 4)) if kind in {1, 3} else ""
    upright = "".join(f"M{x + n:.1f} {y:.1f}v{high:.1f}" for n in range(2, int(wide), 4)) if kind == 3 else ""
    if not lying + upright:
        return shape
    return shape + element("path", d=lying + upright, stroke=own, stroke_width=2 if kind == 1 else 1)


def marker(number: int, x: float, y: float, *hover: str) -> str:
    """A point: circle, square, triangle, diamond, by rank of its series."""
    shapes = (
        f"M{x - 3:.1f} {y:.1f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z",
        f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z",
        f"M{x:.1f} {y - 4:.1f}l4 7h-8z",
        f"M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4 -4z",
    )
    fill = PAPER if number % 2 else colour(number)
    return element("path", *hover, d=shapes[number % 4], fill=fill, stroke=colour(number), stroke_width=1.5)


def stroke(number: int, way: str) -> str:
    """A line along a path, dashed by rank of its series."""
    return element("path", d=way, fill="none", stroke=colour(number), stroke_width=2,
                   stroke_dasharray=DASHES[number % 4], stroke_linejoin="round")  # fmt: skip


def line_sample(number: int, box: Box) -> str:
    """A short piece of line with its point, for the legend."""
    x, y, wide, high = box
    return stroke(number, f"M{x:.1f} {y + high / 2:.1f}h{wide:.1f}") + marker(number, x + wide / 2, y + high / 2)


def legend_height(names: Sequence[str]) -> float:
    """How much room the legend takes; none for a single series, which the title names."""
    return ROW * (_places(names)[-1][1] + 1) if len(names) > 1 else 0.0


def legend(names: Sequence[str], sample: Callable[[int, Box], str]) -> str:
    """The names of the series with a sample of each."""
    if len(names) < 2:
        return ""
    parts = []
    for number, (name, (x, row)) in enumerate(zip(names, _places(names), strict=True)):
        parts += [sample(number, (x, 6 + ROW * row, 26.0, 12.0)), text(x + 32, 12 + ROW * row, name)]
    return element("g", *parts)


def _places(names: Sequence[str]) -> list[tuple[float, int]]:
    """x and row of every name."""
    places, x, row = [], 4.0, 0
    for name in names:
        wide = width_of(name) + 50
        if x > 4 and x + wide > WIDTH:
            x, row = 4.0, row + 1
        places.append((x, row))
        x += wide
    return places
