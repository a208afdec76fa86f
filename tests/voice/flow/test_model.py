"""Periods, the words of a day, everything that may be said, and the way through JSON."""

from __future__ import annotations

import datetime as dt

import pytest

from voice.flow.model import Telephone, key_name, menu, speech, spoken
from voice.flow.nodes import Dated, Kind, Node, Part, joined
from voice.flow.steps import Spoken


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "until", "on", "off"),
    [
        ("", "", ["2026-01-01"], []),
        ("12-29", "01-03", ["2026-12-29", "2026-12-31", "2027-01-01", "2027-01-03"], ["2026-12-28", "2027-01-04"]),
        ("05-01", "05-31", ["2026-05-01", "2030-05-31"], ["2026-04-30", "2026-06-01"]),
        ("06-01", "04-30", ["2026-06-01", "2027-04-30", "2026-12-31"], ["2026-05-31", "2026-05-01"]),
        ("02-29", "02-29", ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        ("2026-12-29", "2027-01-03", ["2026-12-29", "2027-01-03"], ["2025-12-30", "2027-01-04", "2026-12-28"]),
        ("2026-12-29", "", ["2026-12-29", "2099-01-01"], ["2026-12-28"]),
        ("", "2026-12-29", ["2000-01-01", "2026-12-29"], ["2026-12-30"]),
        ("2026-12-01", "2026-12-01", ["2026-12-01"], ["2026-11-30", "2026-12-02"]),
    ],
)  # fmt: skip
def test_period_holds_both_its_ends(start: str, until: str, on: list[str], off: list[str]) -> None:
    period = Dated(from_=start, until=until)
    assert [text for text in (*on, *off) if period.applies(day(text))] == on


def test_snapshot_comes_back_from_json_as_it_was(telephone: Telephone) -> None:
    assert Telephone.model_validate_json(telephone.model_dump_json()) == telephone


def test_say_is_a_text_or_a_part_or_a_list() -> None:
    assert Node.model_validate({"say": "はい。"}).say == (Part(text="はい。"),)
    assert Node.model_validate({"say": {"entry": "a"}}).say == (Part(entry="a"),)
    mixed = Node.model_validate({"say": ["はい。", {"text": "\nいいえ。\n", "from": "12-29", "until": "01-03"}]})
    assert mixed.say == (Part(text="はい。"), Part(text="いいえ。", from_="12-29", until="01-03"))


def test_lines_are_joined_as_the_language_wants() -> None:
    assert joined("納期限は\n  5月31日です。\n") == "納期限は5月31日です。"
    assert joined("Please call\n  us.") == "Please call us."


def test_node_that_does_nothing_ends_the_call() -> None:
    assert Node().kind is Kind.HANG_UP


def test_missing_entries_are_told_once(telephone: Telephone) -> None:
    flow = telephone.flows["after_hours"]
    parts = [Part(entry="deadline"), Part(entry="gone"), Part(entry="slip-lost")]
    said = spoken(parts, telephone, day("2027-04-01"), flow)
    assert [piece.text for piece in said] == ["この内容は、ただいまお伝えできません。", "再発行できます。"]


def test_menu_reads_keys_as_people_say_them(telephone: Telephone) -> None:
    flow = telephone.flows["after_hours"]
    assert [piece.text for piece in menu(flow.nodes["menu"], flow)] == [
        "再発行は1を、納期限は2を、質問はシャープを、押してください。",
        "For English, press 9.",
    ]
    assert "督促状は3を" in menu(flow.nodes["menu"], flow, with_stopped=True)[0].text
    assert (key_name("*"), key_name("*", "en"), key_name("7", "ko")) == ("こめじるし", "star", "7")


def test_speech_holds_what_any_day_may_need(telephone: Telephone) -> None:
    found = speech(telephone)
    texts = "年末年始はお休みです。 本日は休業します。 督促状の案内です。 またおかけください。 もう少しお待ちください。"
    texts += " 納期限は5月31日です。 還付があります。 refundですか。 は、3を、"
    for text in texts.split():
        assert Spoken(text) in found, text
    assert Spoken("Please call us on a weekday.", "en") in found
    assert all(piece.text for piece in found)


def test_speech_of_a_telephone_that_cannot_hear_has_only_the_entries_of_its_flows(telephone: Telephone) -> None:
    found = speech(telephone.model_copy(update={"listening": False}))
    assert Spoken("再発行できます。") in found
    assert Spoken("還付があります。") not in found
