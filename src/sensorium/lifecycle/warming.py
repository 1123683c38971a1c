"""What a library does before its first question, so that nobody waits for it then."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

FIRST_QUESTION = "a photo of a dog"
"""Asked by nobody: it loads what a search reads for the first time."""

Told = Callable[[str, float], None]
"""Called with the name of a step and its seconds on the clock."""


def in_turn(
    steps: Mapping[str, Callable[[], object]], told: Told, clock: Callable[[], float] = time.perf_counter
) -> None:
    """Does the steps one after the other, and says how long each took. What one raises ends it.

    >>> in_turn({"model": dict}, lambda step, seconds: print(step, seconds), clock=iter([1.0, 3.5]).__next__)
    model 2.5
    """
    for name, step in steps.items():
        begun = clock()
        step()
        told(name, clock() - begun)
