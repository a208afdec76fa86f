"""Traditional Chinese is made of the simplified text; Japanese names stay Japanese."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge.chinese import converted, simplify
from bot.knowledge.loader import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [
        ("请拨打电话。", "請撥打電話。"),
        ("汽车税的缴款单（納付書）丢了", "汽車稅的繳款單（納付書）丟了"),
        ("请联系自动车税事务所（自動車税事務所）。", "請聯絡自動車稅事務所（自動車税事務所）。"),
        ("呼叫中心（自動車税コールセンター）0570-012-229", "呼叫中心（自動車税コールセンター）0570-012-229"),
        ("两年（2024年5月）", "兩年（2024年5月）"),
        ("[链接](https://www.pref.saitama.lg.jp/a)", "[連結](https://www.pref.saitama.lg.jp/a)"),
        ("", ""),
    ],
)
def test_text_is_converted_and_names_are_kept(simplified: str, traditional: str) -> None:
    assert converted(simplified) == traditional


def test_words_of_the_glossary_are_corrected() -> None:
    corrections = load(ROOT).corrections
    assert converted("可在便利店、窗口办理，或通过网站", corrections) == "可在便利商店、窗口辦理，或透過網站"
    assert converted("窗口") == "視窗", "or the correction is not needed any more"


@pytest.mark.parametrize("form", ["车检", "車檢", "車検"])
def test_every_form_of_a_character_is_one(form: str) -> None:
    assert simplify(form) == "车检"
