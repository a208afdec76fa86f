"""What a stretch of time comes to: counts by table and key. Summaries of days add up to that of their month."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping

Number = int | float
TOTAL = "total"
LONGEST = "longest"
"""The one table whose values are not added up: the greatest one stays."""
DECIMALS = 3
"""Of sums of seconds and milliseconds: rounded each time, the same facts give the same sum in whatever order."""


class Summary:
    """`tables`: name → key → number. What is not there is 0. The tables are listed in `bot/analytics/tally.py`."""

    def __init__(self, tables: Mapping[str, Mapping[str, Number]] | None = None) -> None:
        self.tables: dict[str, dict[str, Number]] = {name: dict(rows) for name, rows in (tables or {}).items()}

    def add(self, table: str, key: str, number: Number = 1) -> None:
        """Count `number` more."""
        rows = self.tables.setdefault(table, {})
        total = rows.get(key, 0) + number
        rows[key] = round(total, DECIMALS) if isinstance(total, float) else total

    def keep_longest(self, key: str, number: Number) -> None:
        """Remember the greatest number."""
        rows = self.tables.setdefault(LONGEST, {})
        rows[key] = max(rows.get(key, number), number)

    def include(self, other: Summary) -> None:
        """Count all of the other one too."""
        for name, rows in other.tables.items():
            for key, number in rows.items():
                if name == LONGEST:
                    self.keep_longest(key, number)
                else:
                    self.add(name, key, number)

    def total(self, key: str) -> Number:
        """A count without further division."""
        return self.table(TOTAL).get(key, 0)

    def table(self, name: str) -> Mapping[str, Number]:
        """A table; empty if nothing was counted in it."""
        return self.tables.get(name, {})

    def to_json(self) -> str:
        """Same counts, same text."""
        return json.dumps(self.tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """Read what `to_json` wrote. Raises ValueError."""
        tables = json.loads(text)
        if not isinstance(tables, dict) or not all(_is_table(rows) for rows in tables.values()):
            raise ValueError("no tables of numbers")
        return cls(tables)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Summary) and self.tables == other.tables

    __hash__ = None  # type: ignore[assignment]  # it changes


def _is_table(rows: object) -> bool:
    return isinstance(rows, dict) and all(type(number) in (int, float) for number in rows.values())


def added_up(summaries: Iterable[Summary]) -> Summary:
    """The summary of all of them."""
    whole = Summary()
    for summary in summaries:
        whole.include(summary)
    return whole


# -- times of turns: a histogram adds up over days, and shares of it can be read off --------------------------------

BOUNDS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10000)
"""Upper bounds in milliseconds; what is above the last is under `LONGER`."""
LONGER = "inf"


def bucket(ms: float) -> str:
    """The key under which a time is counted."""
    place = bisect_left(BOUNDS, ms)
    return str(BOUNDS[place]) if place < len(BOUNDS) else LONGER


def within(counts: Mapping[str, float], share: float) -> float | None:
    """The milliseconds within which this share of the turns was done, None for no turns. Inside of a bucket turns are
    taken as spread evenly; beyond the last bound that bound is given."""
    wanted = sum(counts.values()) * share
    seen, lower = 0.0, 0
    for bound in BOUNDS:
        inside = counts.get(str(bound), 0)
        if inside and seen + inside >= wanted:
            return round(lower + (bound - lower) * (wanted - seen) / inside, 1)
        seen, lower = seen + inside, bound
    return float(lower) if wanted else None
