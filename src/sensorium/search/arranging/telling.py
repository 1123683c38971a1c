"""Which rule moved a hit, from where to where."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from sensorium.core.candidates import Ranked
from sensorium.core.results import RuleApplied
from sensorium.core.rules import Rule


def told(
    rule: Rule, before: Sequence[Ranked], after: Sequence[Ranked], affected: Set[int], start: int = 0
) -> list[Ranked]:
    """The hits as they stand after a rule; those whose key is in `affected` and whose place it changed say so.

    What others were moved past says nothing. start: how many hits stand before these. A place before of 0 is that of a
    hit which was not there.
    """
    stood = {hit.found.key: start + place for place, hit in enumerate(before, 1)}
    return [
        _applied(rule, hit, stood.get(hit.found.key, 0), start + place) if hit.found.key in affected else hit
        for place, hit in enumerate(after, 1)
    ]


def _applied(rule: Rule, hit: Ranked, before: int, after: int) -> Ranked:
    if before == after:
        return hit
    said = RuleApplied(name=rule.name, kind=rule.kind, words=rule.says, before=before, after=after)
    return replace(hit, rules=(*hit.rules, said))
