"""Scope and filter as a predicate on rows.

The SQL is put together from the constants of this module and of `stores.conditions` alone; every value is bound, lists
as one JSON array. So neither a name nor a value can be injected, and few statements are ever prepared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sensorium.core.scopes import Filter, Scope
from sensorium.stores.conditions import Bound, Compiler

VISIBLE_RIGHTS = """(
    SELECT id FROM rights
    WHERE tenant = :tenant
    AND id IN (SELECT rights FROM rights_names
               WHERE role = 'readers' AND name IN (SELECT value FROM json_each(:principals)))
    AND id NOT IN (SELECT rights FROM rights_names
                   WHERE role = 'denied' AND name IN (SELECT value FROM json_each(:principals)))
    AND (id NOT IN (SELECT rights FROM rights_names WHERE role = 'purposes')
         OR id IN (SELECT rights FROM rights_names WHERE role = 'purposes' AND name = :purpose))
)"""
"""The rights rows that a scope may read: the same rule as `govern.policy.may_see`. A library has few such rows."""


OF_ITEMS = {"media_types": "i.media_type", "item_ids": "i.id", "kinds": "i.modality"}
"""Fields of a filter that speak of the items table, and the columns that they bind to; `where` speaks of it too."""

OF_PIECES = {"aspects": "p.aspect", "speakers": "json_extract(p.attributes, '$.speaker')"}
"""Those that speak of the pieces table."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition for a WHERE clause, and the values it binds by name."""

    sql: str
    values: dict[str, Bound]


def visible(scope: Scope, filter: Filter, alias: str, *, listing: bool = False, each: bool = False) -> Predicate:
    """What scope and filter allow, over the table `alias`, which has the columns `rights` and `modality`.

    A filter by one of `OF_ITEMS` or by `where` speaks of the items table, which the statement has to join under the
    alias `i`; one by `OF_PIECES` of the pieces table, `p`. listing: the statement has a better way to its rows than by
    rights; the plus sign keeps SQLite from that one. each: it looks at few rows, so `where` is asked of each.
    """
    conditions = [f"{'+' if listing else ''}{alias}.rights IN {VISIBLE_RIGHTS}"]
    values: dict[str, Bound] = {**seen_by(scope)}
    columns = {"modalities": f"{'+' if listing else ''}{alias}.modality"} | OF_ITEMS | OF_PIECES
    for name, column in columns.items():
        wanted = getattr(filter, name)
        if wanted is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(:{name}))")
            values[name] = json_list(wanted)
    if filter.where is not None:
        compiler = Compiler(VISIBLE_RIGHTS, each=each)
        conditions.append(compiler.sql(filter.where))
        if alias != "i" and not each:  # such a statement comes from the items, by their rights where by nothing better
            conditions.append(f"i.rights IN {VISIBLE_RIGHTS}")
        values |= compiler.values
    return Predicate(" AND ".join(conditions), values)


def needs_items(filter: Filter) -> bool:
    """Whether the filter speaks of the items table.

    >>> needs_items(Filter(item_ids=frozenset({"it_1"}))), needs_items(Filter(speakers=frozenset({"Ann"})))
    (True, False)
    """
    return filter.where is not None or speaks_of(filter, OF_ITEMS)


def speaks_of(filter: Filter, names: Iterable[str]) -> bool:
    """Whether any of these fields is set.

    >>> speaks_of(Filter(item_ids=frozenset({"it_1"})), OF_ITEMS), speaks_of(Filter(), OF_ITEMS)
    (True, False)
    """
    return any(getattr(filter, name) is not None for name in names)


def seen_by(scope: Scope) -> dict[str, str]:
    """The values that `VISIBLE_RIGHTS` binds."""
    return {
        "tenant": scope.tenant,
        "principals": json_list(scope.principals),
        "purpose": scope.purpose,
    }


def json_list(names: Iterable[str]) -> str:
    """Names as one bound value. What can not be stored equals nothing stored, and is left out.

    >>> json_list(["b", "a", "a\\0"])
    '["a", "b"]'
    """
    return json.dumps(sorted(name for name in map(str, names) if is_storable(name)))


def is_storable(name: str) -> bool:
    """Whether SQLite compares this name exactly: it ends a JSON string at NUL, and has no lone surrogates."""
    return "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)
