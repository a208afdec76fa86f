"""Standing in line, in the order of coming."""

from __future__ import annotations

import datetime as dt

from doors import TUESDAY

from voice.twiml.line import GONE_AFTER, Line


def _at(seconds: float) -> dt.datetime:
    return TUESDAY + dt.timedelta(seconds=seconds)


def test_who_came_first_is_first_in_whatever_order_they_ask() -> None:
    line = Line()
    line.stand("late", "operators", _at(5), _at(10))
    line.stand("early", "operators", _at(1), _at(10))
    assert line.is_first("early", _at(10))
    assert not line.is_first("late", _at(10))


def test_the_next_is_first_when_the_first_leaves() -> None:
    line = Line()
    line.stand("a", "operators", _at(0), _at(0))
    line.stand("b", "operators", _at(1), _at(1))
    line.leave("a")
    line.leave("a")
    assert line.is_first("b", _at(2))


def test_who_is_not_heard_of_any_more_holds_nobody_up() -> None:
    line = Line()
    line.stand("gone", "operators", _at(0), _at(0))
    line.stand("b", "operators", _at(1), _at(1))
    later = _at(2) + GONE_AFTER
    line.stand("b", "operators", _at(1), later)
    assert line.is_first("b", later)


def test_every_desk_has_its_own_line() -> None:
    line = Line()
    line.stand("a", "operators", _at(0), _at(0))
    line.stand("b", "night_desk", _at(1), _at(1))
    assert line.is_first("b", _at(1))
    assert not line.is_first("stranger", _at(1))
