"""Time that may be spent on what a search can do without."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class OutOfTime(Exception):
    """The budget was spent before something was done. Whoever asked for it goes on without it."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """seconds: 0 for no limit. clock: returns seconds; tests own it. spent: seconds, grows. took: by the names that are
    charged.

    >>> budget = Budget(seconds=2.0, clock=iter([0.0, 1.5, 7.0, 8.0]).__next__)
    >>> with budget.charged():
    ...     budget.is_spent
    False
    >>> with budget.charged():
    ...     pass
    >>> budget.spent, budget.is_spent
    (2.5, True)
    """

    seconds: float = 0.0
    clock: Callable[[], float] = time.perf_counter
    spent: float = 0.0
    took: dict[str, float] = field(default_factory=dict)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return 0 < self.seconds <= self.spent

    @property
    def left(self) -> float | None:
        """Seconds that are left, 0 or more; None where there is no limit."""
        return max(0.0, self.seconds - self.spent) if self.seconds > 0 else None

    @contextmanager
    def charged(self, name: str = "") -> Iterator[None]:
        """What happens inside is paid from it, and noted by its name. Raises OutOfTime where nothing is left."""
        if self.is_spent:
            raise OutOfTime
        start = self.clock()
        try:
            yield
        finally:
            seconds = self.clock() - start
            self.spent += seconds
            if name:
                self.took[name] = self.took.get(name, 0.0) + seconds
