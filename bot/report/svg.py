"""What charts are drawn with: SVG elements with presentation attributes only (strict CSP), widths of words, colours;
bars, points and lines that differ by pattern and shape too, and the legend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

WIDTH = 560
"""Units of every viewBox from left to right; one unit is about one pixel on a screen."""
SIZE = 13
"""Of letters, in these units: above 7 px even where a chart is squeezed to 320 px."""

FONT = "BIZ UDPGothic, 'Noto Sans JP', sans-serif"
TEXT, MUTED, GRID, PAPER = "#1a1a1a", "#666666", "#d9d9d9", "#ffffff"
COLOURS = ("#0017c1", "#197a4b", "#8b008b", "#927200")
"""Of the series, each at least 4.5:1 on white (style.md 4.2). They differ by pattern or shape too."""

HEAT = (PAPER, "#e8f1fe", "#c5d7fb", "#9db7f9", "#7096f8", "#0017c1")
"""For nothing, and from few to many. Dark letters on all but the last have at least 4.5:1, white ones on the last."""

UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
"""Signs that no XML may hold, or that nobody can see."""

Number = int | float | None
"""A value of a chart; None where there is none."""


def element(tag: str, *inside: str, **attributes: object) -> str:
    """An element; what is inside is XML already. `_` in the names of attributes stands for `-`."""
    written = "".join(f' {key.replace("_", "-")}="{readable(_plain(value))}"' for key, value in attributes.items())
    return f"<{tag}{written}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{written}/>"


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def readable(words: str) -> str:
    """Words for XML: escaped, without signs that no XML may hold."""
    return escape(UNREADABLE.sub("", words), {'"': "&quot;"})


def text(x: float, y: float, words: str, size: float = SIZE, **attributes: object) -> str:
    """One line of text, its middle at the height `y`."""
    return element("text", readable(words), x=float(x), y=float(y + size * 0.36), **attributes)


def hover(words: str) -> str:
    """A title: what shows when the pointer rests on an element; the accessible name of a picture."""
    return element("title", readable(words))


def width_of(words: str, size: float = SIZE) -> float:
    """About how wide words are: full-width signs and % one em, others 0.62."""
    return size * sum(1.0 if c == "%" or unicodedata.east_asian_width(c) in "WFA" else 0.62 for c in words)


def shortened(words: str, room: float) -> str:
    """The words, cut off with … where they are wider than `room`."""
    if width_of(words) <= room:
        return words
    kept = words
    while kept and width_of(kept + "…") > room:
        kept = kept[:-1]
    return kept + "…"


def told(value: Number, unit: str) -> str:
    """A value with its unit, as people read it. Shares (unit "%") are 0 to 1."""
    if value is None:
        return "なし"
    if unit == "%":
        return f"{value:.1%}"
    return f"{value:,.0f}{unit}" if float(value).is_integer() else f"{value:,.1f}{unit}"


def shade(value: float, greatest: float) -> int:
    """Which of `HEAT` stands for a value: 0 for nothing, else 1 to 5."""
    return 0 if value <= 0 else min(5, 1 + int((value - 1e-9) * 5 / greatest))


def picture(height: float, name: str, description: str, parts: Sequence[str]) -> str:
    """The whole SVG. `name` is its accessible name, the description holds its numbers in words."""
    return element(
        "svg", hover(name), element("desc", readable(description)), *parts,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {_plain(float(height))}", role="img",
        font_family=FONT, font_size=SIZE, fill=TEXT,
    )  # fmt: skip


def nothing(name: str) -> str:
    """A picture that says that there is nothing to show."""
    words = text(WIDTH / 2, 30, "この期間の数字はありません", text_anchor="middle", fill=MUTED)
    return picture(60, name, "この期間の数字はありません。", [words])


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
