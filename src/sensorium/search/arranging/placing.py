"""Rules that speak of places in the list: quotas and pins. They come after folds and diversity, which move places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import count, groupby

from sensorium.core.attributes import folded
from sensorium.core.candidates import Ranked
from sensorium.core.matching import holds, values_of
from sensorium.core.receipts import CATALOGUE
from sensorium.core.rules import BY_CATALOGUE, BY_FOLDER, Pin, Quota, Rule
from sensorium.search.arranging.telling import told

BROUGHT = "rule"
"""The route of a hit that no route found, but a pin brought."""


def within_quotas(hits: Sequence[Ranked], rules: Sequence[Rule]) -> list[Ranked]:
    """The hits as the quotas allow them: what is over stands behind the first `of_first`.

    It stays in its band: what does not match, or is put last, does not come up for it.
    """
    ordered = list(hits)
    for rule in rules:
        if isinstance(rule, Quota):
            limited, over = _limited(ordered, rule)
            ordered = told(rule, ordered, limited, over)
    return ordered


def _limited(hits: Sequence[Ranked], rule: Quota) -> tuple[list[Ranked], set[int]]:
    """The hits in their new order, and the keys of those that had to wait."""
    placed: list[Ranked] = []
    over: set[int] = set()
    taken: Counter[Hashable] = Counter()
    for _, band in groupby(hits, key=lambda hit: hit.band):
        waiting: list[Ranked] = []
        for hit in band:
            origin = origin_of(hit, rule)
            if len(placed) >= rule.of_first:
                placed, waiting = [*placed, *waiting], []
            elif origin is not None and taken[origin] >= rule.most:
                waiting.append(hit)
                over.add(hit.found.key)
                continue
            placed.append(hit)
            taken[origin] += 1
        placed += waiting
    return placed, over


def origin_of(hit: Ranked, rule: Quota) -> Hashable | None:
    """What a quota counts a hit under; None for what it does not count."""
    item = hit.found.item
    values = values_of(item)
    if rule.where is not None and not holds(rule.where, values):
        return None
    source = item.lineage.source
    if rule.by == BY_FOLDER:
        return source.rpartition("/")[0]
    if rule.by == BY_CATALOGUE:
        return source.removeprefix(CATALOGUE).rpartition("/")[0] if source.startswith(CATALOGUE) else None
    value = values.get(rule.by)
    return folded(value) if isinstance(value, str) else value


def marked(
    hits: Sequence[Ranked], brought: Mapping[Pin, Sequence[Ranked]], per_item: int
) -> tuple[list[Ranked], dict[str, Pin]]:
    """The hits, those that are pinned marked with their place; behind them what pins bring that was not among them.

    brought: what each pin is for, best first. An item is pinned once, by the first rule that does, and two never to one
    place. Besides the hits the rule that pins an item, by the item's id.
    """
    owners: dict[str, Pin] = {}
    places: dict[str, int] = {}
    for pin, found in brought.items():
        for hit in found:
            if hit.found.item.id not in owners:
                owners[hit.found.item.id] = pin
                places[hit.found.item.id] = next(place for place in count(pin.place) if place not in places.values())
    there: set[str] = set()
    listed: list[Ranked] = []
    for hit in [*hits, *(hit for found in brought.values() for hit in found)]:
        item = hit.found.item.id
        if item not in places:
            listed.append(hit)
        elif item not in there:
            there.add(item)
            listed.append(replace(hit, pinned=places[item]))
        elif not is_brought(hit) and per_item != 1:  # another piece of it
            listed.append(hit)
    return listed, owners


def is_brought(hit: Ranked) -> bool:
    """Whether a pin brought it into the list."""
    return hit.evidence[0].route == BROUGHT


def put_in_place(hits: Sequence[Ranked], owners: Mapping[str, Pin]) -> list[Ranked]:
    """The hits with those that are marked at their places; a place behind the end is the end."""
    ordered = [hit for hit in hits if not hit.pinned]
    pins = sorted((hit for hit in hits if hit.pinned), key=lambda hit: hit.pinned)
    for hit in pins:
        ordered.insert(hit.pinned - 1, hit)
    there = [hit for hit in hits if not is_brought(hit)]
    for pin in dict.fromkeys(owners.values()):
        own = {hit.found.key for hit in pins if owners[hit.found.item.id] is pin}
        ordered = told(pin, there, ordered, own)
    return ordered
