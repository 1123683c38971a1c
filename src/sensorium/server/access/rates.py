"""How often one caller may ask: a bucket of tokens for each, refilled evenly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 4_096
"""Callers whose buckets are kept; who is forgotten starts with a full one."""

BURST_SECONDS = 10
"""How much of the rate may be used at once."""


class Rates:
    """a_minute: requests of one caller. clock: seconds.

    >>> rates = Rates(6, iter([0.0, 0.0, 10.0]).__next__)
    >>> rates.wait("ann"), rates.wait("ann"), rates.wait("ann")
    (0.0, 10.0, 0.0)
    """

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        self._rate = a_minute / 60
        self._most = max(1.0, self._rate * BURST_SECONDS)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str) -> float:
        """0 where the request may pass now, and is counted; else the seconds until one may."""
        now = self._clock()
        tokens, since = self._buckets.pop(who, (self._most, now))
        tokens = min(self._most, tokens + (now - since) * self._rate)
        passes = tokens >= 1
        self._buckets[who] = (tokens - passes, now)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if passes else (1 - tokens) / self._rate
