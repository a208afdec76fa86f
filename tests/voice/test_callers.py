"""No caller's number is kept in clear unless the operator wants it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from voice.callers import CallerNames, caller_key

NAMES = CallerNames(b"k" * 32)


def test_a_name_tells_nothing_of_the_number() -> None:
    name = NAMES.name("0481234567")
    assert len(name) == 16
    assert "0481234567" not in name
    assert name != CallerNames(b"other" * 8).name("0481234567")


@pytest.mark.parametrize("spelling", ["048-123-4567", "+81481234567", " 0481234567 ", "+81-48-123-4567"])
def test_the_same_number_in_any_spelling_has_the_same_name(spelling: str) -> None:
    assert NAMES.name(spelling) == NAMES.name("0481234567")


@pytest.mark.parametrize("withheld", ["", "anonymous", "Unavailable"])
def test_a_withheld_number_has_no_name(withheld: str) -> None:
    assert NAMES.name(withheld) == ""


def test_the_operator_may_keep_numbers() -> None:
    assert CallerNames(b"k", keep_numbers=True).name("048-123-4567") == "0481234567"


def test_the_key_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    file = tmp_path / "telephone" / "caller.key"
    key = caller_key(file)
    assert len(key) == 32
    assert caller_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
