"""What came of training a ranker: as data, and as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.rankers.judgments import Part

RANKER_SCHEMA = "sensorium.ranker.report/1"
"""Name and version of the JSON of a `RankerReport`. New fields do not change the version."""

DECIDES = "nDCG@10"
"""The measure whose gain decides whether a ranker is installed."""

DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerGain:
    """A measure on the questions that were held out: as found, as ranked, and the difference, question by question."""

    measure: str
    before: Interval
    after: Interval
    gain: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerReport:
    """queries: how many were in each part. importances: of each feature, what splits by it gained in training.

    made_by: the program that made the trees.
    """

    queries: Mapping[Part, int]
    trees: int
    made_by: str
    importances: Mapping[str, float]
    gains: tuple[RankerGain, ...]

    @property
    def refusal(self) -> str:
        """Why this ranker is not to be installed; "" for one that is.

        Its gain has to be above 0, and so has the whole interval that it lies in with 95 % confidence: what may as well
        be a loss is none.
        """
        gain = next(one.gain for one in self.gains if one.measure == DECIDES)
        if gain.low >= 0 < gain.mean:
            return ""
        return f"the gain in {DECIDES} on questions that were held out is {_signed(gain)}: it may as well be a loss"

    def as_json(self) -> dict[str, Any]:
        """The schema `RANKER_SCHEMA`."""
        return {
            "schema": RANKER_SCHEMA,
            "queries": {str(part): count for part, count in self.queries.items()},
            "trees": self.trees,
            "made_by": self.made_by,
            "installed": not self.refusal,
            "importances": {name: round(own, DIGITS) for name, own in self.importances.items()},
            "gains": [
                {
                    "measure": one.measure,
                    "before": _triple(one.before),
                    "after": _triple(one.after),
                    "gain": _triple(one.gain),
                }
                for one in self.gains
            ],
        }


def importance_rows(importances: Mapping[str, float]) -> list[tuple[str, float]]:
    """Features with their shares of all that was gained, 0..1, largest first; those that no tree asks for left out.

    >>> importance_rows({"score": 3.0, "page": 0.0, "age": 1.0})
    [('score', 0.75), ('age', 0.25)]
    """
    total = sum(importances.values())
    shares = [(name, own / total) for name, own in importances.items() if own > 0]
    return sorted(shares, key=lambda row: (-row[1], row[0]))


def _triple(interval: Interval) -> list[float]:
    return [round(one, DIGITS) for one in (interval.mean, interval.low, interval.high)]


def _signed(interval: Interval) -> str:
    return f"{interval.mean:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def gain_rows(said: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Rows of a table out of the JSON of a report: measure, as found, as ranked, gain.

    >>> one = {"measure": "RR", "before": [0.5, 0.4, 0.6], "after": [0.6, 0.5, 0.7], "gain": [0.1, 0.0, 0.2]}
    >>> gain_rows({"gains": [one]})
    [('RR', '0.500 [0.400, 0.600]', '0.600 [0.500, 0.700]', '+0.100 [+0.000, +0.200]')]
    """
    rows = []
    for one in said.get("gains", []):
        before, after, gain = (
            Interval(mean=own[0], low=own[1], high=own[2]) for own in (one["before"], one["after"], one["gain"])
        )
        rows.append((one["measure"], str(before), str(after), _signed(gain)))
    return rows
