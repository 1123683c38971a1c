"""What the rules of a library say, how many items each is about, and what they do to one question."""

from __future__ import annotations

from collections.abc import Mapping

from sensorium.core.attributes import BUILT_IN
from sensorium.core.errors import BadQuery
from sensorium.core.matching import holds, values_of
from sensorium.core.reports import RuleView
from sensorium.core.results import SearchResults
from sensorium.core.rules import ADDED_AT, BY_CATALOGUE, BY_FOLDER, Decay, Hide, Quota, Rule, RuleBook
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import AttributeStore
from sensorium.search.filtering.where import resolved


def views(book: RuleBook, scope: Scope, store: AttributeStore) -> tuple[RuleView, ...]:
    """A view of each rule, without a dry run."""
    return tuple(_view(rule, scope, store) for rule in book)


def _view(rule: Rule, scope: Scope, store: AttributeStore) -> RuleView:
    view = RuleView(name=rule.name, kind=rule.kind, says=rule.says, items=None, warning=_warning(rule, scope, store))
    if rule.where is None or view.warning:
        return view
    items, _ = store.facets(scope, Filter(where=resolved(rule.where, scope, store)), (), 1)
    return RuleView(name=view.name, kind=view.kind, says=view.says, items=items)


def _warning(rule: Rule, scope: Scope, store: AttributeStore) -> str:
    """What makes a rule do nothing: an attribute that no item has, a value of another kind."""
    try:
        resolved(rule.where, scope, store)
    except BadQuery as error:
        return str(error)
    name = rule.date if isinstance(rule, Decay) else rule.by if isinstance(rule, Quota) else ADDED_AT
    if name in (ADDED_AT, BY_CATALOGUE, BY_FOLDER, *BUILT_IN) or store.attribute_kinds(scope, [name]):
        return ""
    return f"{name}: no item has an attribute of this name"


def dry_run(book: RuleBook, with_rules: SearchResults, without: SearchResults) -> Mapping[str, int]:
    """How many hits each rule of a question moved, or hid of those that there were without it, by its name."""
    moved = dict.fromkeys((rule.name for rule in book), 0)
    for hit in with_rules:
        for name in {applied.name for applied in hit.rules} & moved.keys():
            moved[name] += 1
    for rule in book:
        if isinstance(rule, Hide) and rule.where is not None:
            moved[rule.name] = sum(holds(rule.where, values_of(hit.item)) for hit in without)
    return moved
