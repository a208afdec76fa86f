"""The emergency switch keeps who, when and why, and every process sees it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.dialogue.office_hours import TOKYO
from voice.emergency import EmergencySwitch

NOW = dt.datetime(2026, 11, 20, 17, 15, tzinfo=TOKYO)


def test_switch_is_off_until_somebody_turns_it_on(tmp_path: Path) -> None:
    switch = EmergencySwitch(tmp_path / "telephone" / "emergency.jsonl")
    assert not switch.on
    switch.turn(True, "佐藤", "回線の障害", NOW)
    assert switch.on
    switch.turn(False, "鈴木", "復旧", NOW + dt.timedelta(hours=1))
    assert not switch.on


def test_another_process_sees_the_turn_and_the_history_stays(tmp_path: Path) -> None:
    file = tmp_path / "emergency.jsonl"
    elsewhere = EmergencySwitch(file)
    assert not elsewhere.on
    EmergencySwitch(file).turn(True, "佐藤", "回線の障害", NOW)
    assert elsewhere.on
    [turn] = elsewhere.history()
    assert (turn.who, turn.why, turn.at) == ("佐藤", "回線の障害", NOW)


def test_a_line_cut_off_in_writing_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "emergency.jsonl"
    switch = EmergencySwitch(file)
    switch.turn(True, "佐藤", "回線の障害", NOW)
    with file.open("a", encoding="utf-8") as half:
        half.write('{"on": false, "at": "2026-')
    assert switch.on


def test_the_switch_stays_as_it_was_while_the_file_is_away(tmp_path: Path) -> None:
    file = tmp_path / "emergency.jsonl"
    switch = EmergencySwitch(file)
    switch.turn(True, "佐藤", "回線の障害", NOW)
    assert switch.on
    file.rename(tmp_path / "elsewhere")
    assert switch.on


@pytest.mark.parametrize(("who", "why"), [("", "理由"), ("佐藤", " "), ("あ" * 51, "理由"), ("佐藤", "あ" * 201)])
def test_nobody_turns_it_without_a_name_and_a_reason(tmp_path: Path, who: str, why: str) -> None:
    switch = EmergencySwitch(tmp_path / "emergency.jsonl")
    with pytest.raises(ValidationError):
        switch.turn(True, who, why, NOW)
    assert not switch.on
