"""Another order for some hits of a list, told by those that it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sensorium.core.candidates import Ranked
from sensorium.core.results import RuleApplied

KIND = "learned"
"""Of `RuleApplied`: what was moved by no rule of the owner, but by what a model made of it."""


def reordered(hits: Sequence[Ranked], places: Sequence[int], order: Sequence[int], by: str) -> list[Ranked]:
    """The hits with those at `places` dealt out anew to the same places, in the order `order`; the others stay.

    places: from 0, rising. order: the same numbers, best first. by: what moved them, in words. Raises ValueError where
    the one is no permutation of the other.
    """
    if sorted(order) != list(places):
        raise ValueError("an order has every place once")
    listed = list(hits)
    for to, origin in zip(places, order, strict=True):
        listed[to] = _told(hits[origin], origin + 1, to + 1, by)
    return listed


def _told(hit: Ranked, before: int, after: int, by: str) -> Ranked:
    if before == after:
        return hit
    words = f"{by} puts it {'higher' if after < before else 'lower'}"
    return replace(hit, rules=(*hit.rules, RuleApplied(name=by, kind=KIND, words=words, before=before, after=after)))
