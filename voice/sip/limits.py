"""Who may speak to us and how fast: decided per packet, before anything is parsed, in about a microsecond."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable

SOURCES = 4096  # remembered at once; the one that was silent longest is forgotten


class Bucket:
    """Tokens that come back at `rate` a second, at most `size` of them."""

    __slots__ = ("_at", "_left", "_rate", "_size")

    def __init__(self, rate: float, size: float, now: float) -> None:
        self._rate, self._size, self._left, self._at = rate, size, size, now

    def take(self, now: float) -> bool:
        """Use one up; False when there is none. `now` in seconds, monotonic."""
        self._left = min(self._size, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Gate:
    """The allow-list and the rate of every source."""

    def __init__(self, allowed: Iterable[str], rate: float, burst: float, rate_of_all: float) -> None:
        """`allowed`: IPv4 networks, empty for everybody. Raises ValueError for what is no network."""
        self._networks = [ipaddress.IPv4Network(network, strict=False) for network in allowed]
        self._known: OrderedDict[str, bool] = OrderedDict()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._rate, self._burst, self._rate_of_all = rate, burst, rate_of_all
        self._all: Bucket | None = None

    def __len__(self) -> int:
        return len(self._buckets)

    @property
    def lists(self) -> bool:
        """Whether there is an allow-list at all."""
        return bool(self._networks)

    def allows(self, host: str) -> bool:
        """Whether an IPv4 address may speak to us."""
        if not self._networks:
            return True
        known = self._known.get(host)
        if known is None:
            address = ipaddress.IPv4Address(host)
            known = self._known[host] = any(address in network for network in self._networks)
            if len(self._known) > SOURCES:
                self._known.popitem(last=False)
        return known

    def admits(self, host: str, now: float) -> bool:
        """Whether one more message of `host` is dealt with now."""
        bucket = self._buckets.get(host)
        if bucket is None:
            bucket = self._buckets[host] = Bucket(self._rate, self._burst, now)
            if len(self._buckets) > SOURCES:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(host)
        if self._all is None:
            self._all = Bucket(self._rate_of_all, 2 * self._rate_of_all, now)
        return bucket.take(now) and self._all.take(now)
