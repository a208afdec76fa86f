"""Charts: well-formed, without styles, readable by machines and people."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bot.report.axes import spaced, ticks
from bot.report.charts import bars, heat, lines
from bot.report.svg import COLOURS, WIDTH, width_of

SVG = "{http://www.w3.org/2000/svg}"
DAYS = [str(day) for day in range(1, 32)]
HOURS = [f"{hour}時" for hour in range(24)]

PICTURES = {
    "days": bars(DAYS, {"質問": [day * 30 for day in range(31)]}, "日別の質問"),
    "two series": bars(["4月", "5月"], {"質問": [3, 4], "電話": [1, 2]}, "二つ"),
    "long labels": bars(["自動車税（環境性能割）", "金融機関からの照会"] * 6, {"今月": range(12)}, "分類"),
    "all zero": bars(["1", "2"], {"質問": [0, 0]}, "零"),
    "all equal": bars(["あ", "い"], {"質問": [5, 5]}, "同じ"),
    "one label": lines(["1日"], {"質問": [7]}, "一つ"),
    "nothing": bars([], {}, "なし"),
    "gaps": lines(["1", "2", "3"], {"率": [0.5, None, 0.25]}, "率", "%"),
    "only gaps": lines(["1", "2"], {"率": [None, None]}, "率", "%"),
    "five series": lines(["1", "2"], {f"系列{n}": [n, 1] for n in range(5)}, "五つ"),
    "large": bars(["1", "2"], {"質問": [123_456_789, 1]}, "大きい"),
    "heat": heat([f"{day}日" for day in DAYS], HOURS, [[d * h for h in range(24)] for d in range(31)], "日と時"),
    "empty heat": heat(["月"], HOURS, [[0] * 24], "零"),
    "escaped": bars(["<script>alert(1)</script>", 'a"b&c\x00\x0b'], {"<b>": [1, 2]}, "</title><script>"),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_every_chart_is_well_formed_and_keeps_a_strict_policy(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name])
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text
    for part in root.iter():
        assert part.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "path", "rect", "text"}
        assert not {"style", "id", "class", "href"} & set(part.attrib)
        assert not [key for key in part.attrib if key.startswith("on")]


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_drawn_outside_the_picture(name: str) -> None:
    root = ElementTree.fromstring(PICTURES[name])
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    assert width == WIDTH
    for part in root.iter():
        x, y = float(part.get("x", 0)), float(part.get("y", 0))
        right, low = x + float(part.get("width", 0)), y + float(part.get("height", 0))
        assert x >= 0
        assert y >= 0
        assert right <= width + 0.1
        assert low <= height


def words(picture: str) -> list[str]:
    return [part.text or "" for part in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_values_stand_at_their_bars_and_in_the_description() -> None:
    picture = bars(["4月", "5月"], {"質問": [1234, 56]}, "質問")
    assert {"1,234", "56", "4月", "5月"} <= set(words(picture))
    assert "質問：4月 1,234件、5月 56件。" in picture


def test_of_many_values_the_description_tells_the_greatest_and_the_sum() -> None:
    picture = lines(DAYS, {"質問": [1] * 30 + [5], "電話": [2] * 31}, "日別")
    assert "質問：合計 35件、最大 31 5件。電話：合計 62件、最大 1 2件。すべての数字は表にあります。" in picture


def test_shares_are_shown_as_percent() -> None:
    picture = lines(["1", "2"], {"率": [0.5, 0.256]}, "率", "%")
    assert {"0%", "100%"} & set(words(picture))
    assert "2 25.6%" in picture


def test_no_bar_stands_for_no_value_and_none_is_higher_than_the_greatest() -> None:
    root = ElementTree.fromstring(bars(["1", "2", "3"], {"質問": [10, None, 5]}, "質問"))
    heights = [float(part.get("height", 0)) for part in root.iter(f"{SVG}rect")]
    assert len(heights) == 2
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)


def test_series_differ_by_more_than_colour() -> None:
    root = ElementTree.fromstring(lines(["1", "2"], {str(n): [n, n] for n in range(4)}, "四つ"))
    dashes = {part.get("stroke-dasharray") for part in root.iter(f"{SVG}path") if part.get("stroke-dasharray")}
    assert len(dashes) == 4


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stand_out_from_the_paper(colour: str) -> None:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("greatest", "unit", "expected"),
    [(0, "件", [0, 1]), (1, "件", [0, 1]), (7, "件", [0, 2, 4, 6, 8]), (867, "件", [0, 200, 400, 600, 800, 1000]),
     (0, "%", [0, 0.01]), (0.07, "%", [0, 0.02, 0.04, 0.06, 0.08]), (0.93, "%", [0, 0.2, 0.4, 0.6, 0.8, 1]),
     (1.2, "秒", [0, 0.5, 1, 1.5])],
)  # fmt: skip
def test_ticks_are_round(greatest: float, unit: str, expected: list[float]) -> None:
    assert ticks(greatest, unit) == pytest.approx(expected)


def test_labels_of_an_axis_do_not_touch() -> None:
    for slot in (5, 9, 16, 22, 60):
        shown = spaced(HOURS, slot)
        assert (shown[1][0] - shown[0][0]) * slot >= width_of("23時") if len(shown) > 1 else True


def test_the_darkest_cell_is_the_greatest() -> None:
    picture = heat(["月"], ["0時", "1時", "2時"], [[0, 10, 50]], "曜日と時")
    assert re.search(r'fill="#0017c1"', picture)
    assert {"10", "50"} <= set(words(picture))


def test_rows_of_unlike_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        bars(["1"], {"質問": [1, 2]}, "質問")
    with pytest.raises(ValueError, match="rows"):
        heat(["月"], ["0時"], [[1], [2]], "曜日")
