"""Reports as plain lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sensorium.evaluation.intervals import Interval


def figure_lines(figures: Mapping[str, Interval], median_rank: float | None) -> Iterator[str]:
    """A line for each measure: its name, mean and interval.

    >>> print(*figure_lines({"R@1": Interval(mean=0.5, low=0.25, high=0.75)}, median_rank=2.0), sep="\\n")
      R@1          0.500 [0.250, 0.750]
      median rank  2
    """
    for name, interval in figures.items():
        yield f"  {name:11}  {interval}"
    yield f"  {'median rank':11}  {'beyond what was looked at' if median_rank is None else f'{median_rank:g}'}"
