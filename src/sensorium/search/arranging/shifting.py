"""Rules that shift the odds by which hits are ordered, and the one that puts hits first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sensorium.core.attributes import Value, seconds_of
from sensorium.core.candidates import Ranked
from sensorium.core.matching import holds, values_of
from sensorium.core.rules import ADDED_AT, MOST_FACTOR, Boost, Bury, Decay, First, Rule
from sensorium.search.arranging.telling import told

DAY = 86_400

MOST_SHIFT = math.log(MOST_FACTOR)
"""Log-odds that all rules together can move a hit by, up or down: a heap of rules is no stronger than the strongest."""

Values = Mapping[int, Mapping[str, Value]]
"""What rules may ask of the items of hits, by the key of the piece."""


def apart(hits: Sequence[Ranked]) -> list[Ranked]:
    """The hits with what does not match in a band of its own, behind what does: no rule carries it across."""
    return in_order([replace(hit, band=0 if hit.matches else 1) for hit in hits])


def in_order(hits: Sequence[Ranked]) -> list[Ranked]:
    """By band, then by strength; equals stay as they stand."""
    return sorted(hits, key=lambda hit: (hit.band, -hit.strength))


def shifted(hits: Sequence[Ranked], rules: Sequence[Rule], now: float, start: int = 0) -> list[Ranked]:
    """The hits in the order that the rules of shifts give them, one rule after the other.

    now: Unix seconds. start: how many hits stand before these. A factor on the odds adds its logarithm to the log-odds,
    as evidence does by Bayes' rule: what is sure is hardly moved, and no order by odds leaves 0..1.
    """
    values = values_by_key(hits)
    plain = {hit.found.key: hit.strength for hit in hits}
    sums = dict.fromkeys(plain, 0.0)
    ordered = list(hits)
    for rule in rules:
        shifts = {hit.found.key: shift(rule, hit, values[hit.found.key], now) for hit in ordered}
        sums = {key: total + shifts[key] for key, total in sums.items()}
        bounded = {key: min(max(total, -MOST_SHIFT), MOST_SHIFT) for key, total in sums.items()}
        changed = [replace(hit, strength=plain[hit.found.key] + bounded[hit.found.key]) for hit in ordered]
        ordered = told(rule, ordered, in_order(changed), {key for key in shifts if shifts[key]}, start)
    return ordered


def shift(rule: Rule, hit: Ranked, values: Mapping[str, Value], now: float) -> float:
    """The log-odds that a rule adds to a hit; 0 for a rule of another kind."""
    if rule.where is not None and not holds(rule.where, values):
        return 0.0
    match rule:
        case Boost():
            return math.log(rule.factor)
        case Bury():
            return -math.log(rule.factor)
        case Decay():
            return -math.log(2) * _days(rule, hit, values, now) / rule.half_life
    return 0.0


def put_first(hits: Sequence[Ranked], rules: Sequence[Rule], start: int = 0) -> list[Ranked]:
    """The hits as the rules of the kind `first` divide them, the earlier rule before the later."""
    values = values_by_key(hits)
    ordered = list(hits)
    for rule in rules:
        if isinstance(rule, First) and rule.where is not None:
            behind = {hit.found.key for hit in ordered if not holds(rule.where, values[hit.found.key])}
            changed = [replace(hit, band=2 * hit.band + (hit.found.key in behind)) for hit in ordered]
            ordered = told(rule, ordered, in_order(changed), behind, start)
    return ordered


def values_by_key(hits: Sequence[Ranked]) -> Values:
    """What rules may ask of these hits."""
    return {hit.found.key: values_of(hit.found.item) for hit in hits}


def _days(rule: Decay, hit: Ranked, values: Mapping[str, Value], now: float) -> int:
    """The age in whole days, so that pages that are asked for one after the other fit together; 0 without a date."""
    born = values.get(rule.date)
    if rule.date == ADDED_AT:
        seconds = hit.found.item.lineage.added_at
    elif isinstance(born, date):
        seconds = seconds_of(born)
    else:
        return 0
    return max(0, math.floor((now - seconds) / DAY))
