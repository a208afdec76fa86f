"""What a stretch of time comes to: counts by table and key. Summaries of days add up to that of their month."""

from __future__ import annotations

import json
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
