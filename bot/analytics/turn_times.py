"""Times of turns as a histogram: it adds up over days, and shares of it can be read off."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

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
