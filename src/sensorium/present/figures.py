"""The figures of a server, from the text that Prometheus reads, as rows for people."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

SHARE = 0.95

TIMES = ("sensorium_request_seconds_", "sensorium_stage_seconds_", "sensorium_search_part_seconds_")


@dataclass(slots=True)
class Figure:
    """One histogram. total: the sum of its values. bounds: how many were at most so much."""

    count: int = 0
    total: float = 0.0
    bounds: dict[float, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def within(self) -> float:
        """The least bound that holds 95 % of the values; infinite where they lie above the highest."""
        return min((bound for bound, count in self.bounds.items() if count >= SHARE * self.count), default=math.inf)


def read_figures(text: str) -> dict[str, Figure]:
    """Requests by route, and stages, by a name for people.

    >>> name = "sensorium_stage_seconds"
    >>> lines = [name + '_bucket{le="0.1",stage="plan"} 2.0', name + '_count{stage="plan"} 2.0']
    >>> read_figures("\\n".join(lines))["stage plan"].within
    0.1
    """
    figures: dict[str, Figure] = {}
    for line in text.splitlines():
        sample = _SAMPLE.fullmatch(line)
        if sample is None or not sample[1].startswith(TIMES):
            continue
        labels = dict(_LABEL.findall(sample[2] or ""))
        part = sample[1].rpartition("_")[2]
        if part in ("bucket", "sum", "count"):
            _add(figures.setdefault(_name(labels), Figure()), part, labels, float(sample[3]))
    return figures


def read_gauges(text: str) -> list[tuple[str, str]]:
    """How the index does, as rows for people: what, and its value.

    >>> read_gauges('sensorium_index_file_lag{space="a"} 3.0')
    [('index file lag', '3')]
    """
    found = (_SAMPLE.fullmatch(line) for line in text.splitlines())
    samples = [one for one in found if one is not None and one[1].startswith("sensorium_index_")]
    return [
        (one[1].removeprefix("sensorium_").replace("_", " "), f"{float(one[3]):.6g}".replace("nan", "not known"))
        for one in samples
    ]


def rows_of(figures: Mapping[str, Figure]) -> Sequence[tuple[str, str, str, str]]:
    """A row for each that has anything: its name, how many, their mean, and what 95 % of them stayed within."""
    return [
        (name, f"{figure.count:,}", _milliseconds(figure.total / figure.count), _milliseconds(figure.within))
        for name, figure in sorted(figures.items())
        if figure.count
    ]


def _name(labels: Mapping[str, str]) -> str:
    if "part" in labels:
        return f"within: {labels['part']}"
    return f"stage {labels['stage']}" if "stage" in labels else f"{labels.get('method', '')} {labels.get('route', '')}"


def _add(figure: Figure, part: str, labels: Mapping[str, str], value: float) -> None:
    if part == "count":
        figure.count += int(value)
    elif part == "sum":
        figure.total += value
    else:
        figure.bounds[float(labels["le"].replace("+Inf", "inf"))] += int(value)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.1f} ms" if math.isfinite(seconds) else "longer"
