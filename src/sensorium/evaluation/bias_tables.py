"""What a bias audit works on: queries, items with their groups, and searches among those items."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from sensorium.core.errors import BadInput, ItemNotFound
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import SearchResults
from sensorium.core.scopes import Filter
from sensorium.evaluation.tables import read_rows


def read_queries(table: Path) -> tuple[str, ...]:
    """The column `query`, each query once, in its order. Raises BadInput as `read_rows` does."""
    return tuple(dict.fromkeys(row.filled("query") for row in read_rows(table, ["query"])))


def read_groups(table: Path, item_id: Callable[[str], str]) -> dict[str, str]:
    """The columns `item` and `group`: id of each item -> name of its group.

    item_id: what stands in `item` (an id, or a path as it was added; a relative one counts from the table's folder) ->
    the item's id; raises ItemNotFound. Raises BadInput for an item that is not in the library, or stands in two groups.
    """
    groups: dict[str, str] = {}
    for row in read_rows(table, ["item", "group"]):
        name, group = row.filled("item"), row.filled("group")
        beside = table.parent / name
        try:
            found = item_id(str(beside) if beside.exists() else name)
        except ItemNotFound:
            raise BadInput(
                f"no item {name!r} in this library", subject=row.place, remedy="add it first, or take the row out"
            ) from None
        if groups.setdefault(found, group) != group:
            raise BadInput(
                f"{name!r} is in the group {group!r} and in {groups[found]!r}",
                subject=row.place,
                remedy="label each item once; equal files are one item",
            )
    return groups


def labelled_search(
    ask: Callable[[Query], SearchResults], items: Collection[str], k: int
) -> Callable[[str], list[str]]:
    """A text -> the ids of the `k` of these items that a search puts first, each once."""
    among = Filter(item_ids=frozenset(items))

    def ranked(text: str) -> list[str]:
        part = QueryPart(modality=Modality.TEXT, content=text)
        return [hit.item.id for hit in ask(Query(parts=(part,), k=k, filter=among))]

    return ranked
