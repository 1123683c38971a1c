"""Facets: counts of values, ranges of numbers and stretches of time, over what a scope may see and a filter leaves.

As everywhere in this room the SQL is made of constants; names and values are bound.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sensorium.core.attributes import BUILT_IN, Kind, shown
from sensorium.core.facets import Facet, FacetValue
from sensorium.core.predicates import And, Compare, Moment, Predicate
from sensorium.core.scopes import Filter, Scope
from sensorium.stores import attributes
from sensorium.stores.conditions import COLUMNS, Bound
from sensorium.stores.visibility import VISIBLE_RIGHTS, seen_by, visible

RANGES = 10
"""About how many ranges the numbers of an attribute are put in."""

STRETCHES = (("%Y", 3 * 366.0), ("%Y-%m", 93.0), ("%Y-%m-%d", 0.0))
"""How dates are put together, and from how many days on: by year, month or day."""

MOST_STRETCHES = 400
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """The rows of one attribute, as a FROM and a WHERE. text, label, number: their columns; item: the item's number."""

    name: str
    kind: Kind
    tables: str
    condition: str
    values: dict[str, Bound]
    item: str
    text: str
    label: str
    number: str

    @property
    def items(self) -> str:
        """How many items there are; a list alone has several rows of one."""
        return f"count(DISTINCT {self.item})" if self.kind is Kind.LIST else "count(*)"

    def rows(self, connection: sqlite3.Connection, selected: str, after: str = "", **more: Bound) -> list[sqlite3.Row]:
        """SELECT ... FROM these rows, then GROUP BY, ORDER BY or LIMIT."""
        statement = f"SELECT {selected} FROM {self.tables} WHERE {self.condition} {after}"
        return connection.execute(statement, {**self.values, **more}).fetchall()


def facets(
    connection: sqlite3.Connection, scope: Scope, filter: Filter, names: Sequence[str], most: int
) -> tuple[int, list[Facet]]:
    """How many visible items the filter leaves, and the facets of these names: one for each kind of value that a name
    has, none for names without any.

    most: values that are listed of texts and lists. The filter is asked once: what it leaves is joined by number.
    """
    allowed = visible(scope, _of_items(filter), "i")
    statement = f"SELECT count(*), group_concat(i.number) FROM items i WHERE {allowed.sql}"
    items, listed = connection.execute(statement, allowed.values).fetchone()
    chosen = None if filter == Filter() else f"[{listed or ''}]"
    found: list[Facet] = []
    for name in names:
        for kind in sorted(attributes.kinds(connection, scope, [name]).get(name, ()), key=list(Kind).index):
            found.append(_facet(connection, _own(scope, chosen, name, kind), most))
        if name in BUILT_IN:
            found.append(_facet(connection, _built_in(scope, chosen, name), most))
    return int(items), [facet for facet in found if facet.items]


def _own(scope: Scope, chosen: str | None, name: str, kind: Kind) -> _Counted:
    """Of attributes that items have themselves. chosen: the numbers of the items as JSON, None for all."""
    tables, condition = "attributes a", f"a.name = :facet AND a.kind = :kind AND a.rights IN {VISIBLE_RIGHTS}"
    values: dict[str, Bound] = {**seen_by(scope), "facet": name, "kind": kind}
    if chosen is not None:
        tables = "json_each(:chosen) j CROSS JOIN attributes a ON a.item = j.value"
        condition, values["chosen"] = condition.replace("a.kind", "+a.kind"), chosen
    return _Counted(
        name=name,
        kind=kind,
        tables=tables,
        condition=condition,
        values=values,
        item="a.item",
        text="a.text",
        label="a.label",
        number="a.number",
    )


def _built_in(scope: Scope, chosen: str | None, name: str) -> _Counted:
    """Of what every item has, where no attribute of its own stands before that."""
    tables, values = "items i", {**seen_by(scope), "facet": name}
    if chosen is not None:
        tables, values["chosen"] = "json_each(:chosen) j CROSS JOIN items i ON i.number = j.value", chosen
    own = "SELECT 1 FROM attributes a WHERE a.item = i.number AND a.name = :facet"
    column = COLUMNS[name]
    return _Counted(
        name=name,
        kind=BUILT_IN[name],
        tables=tables,
        condition=f"{'+' if chosen is not None else ''}i.rights IN {VISIBLE_RIGHTS} AND NOT EXISTS ({own})",
        values={**values},
        item="i.number",
        text=column,
        label="i.title" if name == "title" else column,
        number=column,
    )


def _of_items(filter: Filter) -> Filter:
    """What of a filter speaks of items."""
    return replace(filter, aspects=None, speakers=None)


def _facet(connection: sqlite3.Connection, counted: _Counted, most: int) -> Facet:
    [(items, low, high)] = counted.rows(connection, f"{counted.items}, min({counted.number}), max({counted.number})")
    facet = Facet(name=counted.name, kind=counted.kind, items=items)
    if not items or counted.kind is Kind.POINT:
        return facet
    if counted.kind is Kind.NUMBER:
        return replace(facet, values=_ranges(connection, counted, low, high), low=low, high=high)
    if counted.kind is Kind.DATE:
        values = _stretches(connection, counted, low, high)
        listed = sum(value.count for value in values)
        return replace(facet, values=values, more=items - listed, low=low, high=high)
    values = _yes_and_no(connection, counted) if counted.kind is Kind.BOOLEAN else _texts(connection, counted, most)
    return replace(facet, values=values, more=_rest(connection, counted, facet, values))


def _texts(connection: sqlite3.Connection, counted: _Counted, most: int) -> tuple[FacetValue, ...]:
    rows = counted.rows(
        connection,
        f"{counted.text} AS folded, min({counted.label}) AS label, {counted.items} AS items",
        "GROUP BY folded ORDER BY items DESC, folded LIMIT :most",
        most=most,
    )
    return tuple(
        FacetValue(label=row["label"], count=row["items"], where=Compare(counted.name, "=", row["label"]))
        for row in rows
        if row["folded"]
    )


def _rest(connection: sqlite3.Connection, counted: _Counted, facet: Facet, values: Sequence[FacetValue]) -> int:
    """How many items have none of the values listed."""
    if counted.kind is Kind.BOOLEAN or not values:
        return 0 if values else facet.items
    listed = attributes.texts_json([value.label for value in values])
    rows = counted.rows(
        connection,
        f"{counted.items}",
        f"AND {counted.text} IN (SELECT value FROM json_each(:listed))",
        listed=listed,
    )
    return facet.items - int(rows[0][0])


def _yes_and_no(connection: sqlite3.Connection, counted: _Counted) -> tuple[FacetValue, ...]:
    rows = counted.rows(
        connection,
        f"{counted.number} AS answer, {counted.items} AS items",
        "GROUP BY answer ORDER BY items DESC, answer DESC",
    )
    return tuple(
        FacetValue(
            label=shown(bool(row["answer"])),
            count=row["items"],
            where=Compare(counted.name, "=", bool(row["answer"])),
        )
        for row in rows
    )


def _ranges(connection: sqlite3.Connection, counted: _Counted, low: float, high: float) -> tuple[FacetValue, ...]:
    """Ranges of round numbers; single numbers, where all are whole and they lie close."""
    [(broken,)] = counted.rows(connection, f"max({counted.number} <> CAST({counted.number} AS INTEGER))")
    width = step(low, high) if broken else max(step(low, high), 1.0)
    start = math.floor(low / width) * width
    rows = counted.rows(
        connection,
        f"CAST(({counted.number} - :start) / :width AS INTEGER) AS bin, {counted.items} AS items",
        "GROUP BY bin ORDER BY bin",
        start=start,
        width=width,
    )
    ranges = []
    for row in rows:
        first, end = _round(start + row["bin"] * width, width), _round(start + (row["bin"] + 1) * width, width)
        is_single = width == 1 and not broken
        where: Predicate = And((Compare(counted.name, ">=", first), Compare(counted.name, "<", end)))
        ranges.append(
            FacetValue(
                label=shown(first) if is_single else f"{shown(first)} to {shown(end)}",
                count=row["items"],
                where=Compare(counted.name, "=", first) if is_single else where,
            )
        )
    return tuple(ranges)


def step(low: float, high: float) -> float:
    """A round width (1, 2 or 5 times a power of ten) that puts what lies between in about `RANGES` ranges.

    >>> step(3, 97), step(0, 1), step(5, 5), step(-1000, 12_000)
    (10.0, 0.1, 1.0, 2000.0)
    """
    wanted = (high - low) / RANGES
    if not 0 < wanted < math.inf:
        return max(1.0, abs(high) * 1e-9)
    power = 10.0 ** math.floor(math.log10(wanted))
    factor = next(factor for factor in (1, 2, 5, 10) if factor * power >= wanted * (1 - 1e-9))
    return factor * power if power >= 1 else factor / (1 / power)


def _round(number: float, width: float) -> float:
    """Without the last digits that adding up left: 0.30000000000000004 is 0.3."""
    return round(number, max(0, 2 - math.floor(math.log10(width))))


def _stretches(connection: sqlite3.Connection, counted: _Counted, low: float, high: float) -> tuple[FacetValue, ...]:
    days = (high - low) / DAY
    form = next(form for form, least in STRETCHES if days >= least)
    rows = counted.rows(
        connection,
        f"strftime(:form, {counted.number}, 'unixepoch') AS stretch, {counted.items} AS items",
        "GROUP BY stretch HAVING stretch IS NOT NULL ORDER BY stretch LIMIT :most",
        form=form,
        most=MOST_STRETCHES,
    )
    return tuple(
        FacetValue(label=row["stretch"], count=row["items"], where=Compare(counted.name, "=", Moment(row["stretch"])))
        for row in rows
        if "0001" <= row["stretch"][:4] <= "9998"
    )
