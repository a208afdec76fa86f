"""Parts of understanding that need no search."""

from __future__ import annotations

import pytest

from bot.dialogue.hearing import payload, picked, questions
from bot.dialogue.reply import Choice

OFFERED = (Choice(title="納付書をなくしました。", payload="/entry/a"), Choice(title="この中にない", payload="/none"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("/entry/slip-lost", ("entry", "slip-lost", 1)),
        ("/topic/payment/3", ("topic", "payment", 3)),
        ("/menu", ("menu", "", 1)),
        (" /none ", ("none", "", 1)),
        ("/restart", None),
        ("/entry/../x", None),
        ("納付書", None),
    ],
)
def test_payload_reads_buttons_only(text: str, parts: tuple[str, str, int] | None) -> None:
    assert payload(text) == parts


@pytest.mark.parametrize(
    ("typed", "place"), [("1", 0), ("２", 1), ("③", None), ("納付書をなくしました", 0), ("0", None)]
)
def test_picked_takes_numbers_and_titles(typed: str, place: int | None) -> None:
    assert picked(typed, OFFERED) == (None if place is None else OFFERED[place])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("いつまでですか？どこで払えますか？", ["いつまでですか", "どこで払えますか"]),
        (
            "紙をなくしました。再発行できますか。あと、カードで払えますか",
            ["紙をなくしました。再発行できますか", "カードで払えますか"],
        ),
        ("先月引っ越しました。通知はどうなりますか", []),
        ("払えますか", []),
        ("いつですか？どこですか？いくらですか？だれですか？", []),
    ],
)
def test_questions_are_split_only_when_each_asks_something(text: str, parts: list[str]) -> None:
    assert questions(text) == parts
