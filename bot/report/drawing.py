"""What charts are drawn with: SVG elements with presentation attributes only (strict CSP), text widths, colours."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
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
    kept = "".join(
        c for c in words if c in "\t\n" or not (unicodedata.category(c) in {"Cc", "Cs"} or c in "\ufffe\uffff")
    )
    return escape(kept, {'"': "&quot;"})


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
