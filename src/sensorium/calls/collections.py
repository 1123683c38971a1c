"""Collections: items put together under a name, as an attribute that filters and facets know like any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sensorium.calls.searched import Searched
from sensorium.core.attributes import COLLECTIONS, MOST_NAME, Amendment, Value
from sensorium.core.errors import BadInput
from sensorium.core.items import Item

MOST_OF_ONE = 100
"""Collections that one item may be in."""

MOST_LISTED = 1_000


class Collections(Searched):
    """What is put together, for whoever may see it: the collections of an item are told to all its readers."""

    def collect(self, name: str, *items: str) -> int:
        """Puts items into a collection, which is there while it holds one; returns how many were not in it before.

        name: 1 to 100 characters; upper and lower case are the same. items: ids, or paths that items were added from.
        The filter `collections = "name"` finds them. A file that changes is another item and leaves its collections; a
        row of a catalogue keeps them while its text and pictures stay. Raises ItemNotFound before anything is changed,
        BadInput, LibraryBusy.
        """
        wanted = _checked(name)
        spelt = next((known for known in self.collections() if known.casefold() == wanted.casefold()), wanted)
        return self._change(items, lambda held: held if spelt in held else (*held, spelt))

    def uncollect(self, name: str, *items: str) -> int:
        """Takes items out of a collection, which is gone with the last of them; returns how many were in it.

        Raises ItemNotFound before anything is changed, BadInput, LibraryBusy.
        """
        unwanted = _checked(name).casefold()
        return self._change(items, lambda held: tuple(known for known in held if known.casefold() != unwanted))

    def collections(self) -> dict[str, int]:
        """The names of all collections of which an item is visible, with how many are, the largest first."""
        if COLLECTIONS not in self._store.attribute_kinds(self.scope, [COLLECTIONS]):
            return {}
        counted = self.facets(fields=[COLLECTIONS], most=MOST_LISTED)
        return {value.label: value.count for facet in counted for value in facet.values}

    def _change(self, items: Sequence[str], change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> int:
        with self._lock():
            found = list({view.item.id: view.item for view in map(self.show, items)}.values())
            amended = [_amended(item, after) for item in found if (after := change(_held(item))) != _held(item)]
            return self._store.amend(self.scope, amended) if amended else 0


def _checked(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > MOST_NAME or not plain.isprintable():
        what = f"{name!r} is no name of a collection"
        raise BadInput(what, remedy=f"give 1 to {MOST_NAME} characters that can be printed")
    return plain


def _held(item: Item) -> tuple[str, ...]:
    held = item.attributes.get(COLLECTIONS, ())
    if not isinstance(held, tuple):
        what = f"its catalogue has a column {COLLECTIONS}, which is no list"
        raise BadInput(what, subject=item.title, remedy="give the column another name, or the type list")
    return held


def _amended(item: Item, collections: tuple[str, ...]) -> Amendment:
    if len(collections) > MOST_OF_ONE:
        raise BadInput(f"it is in {MOST_OF_ONE} collections", subject=item.title, remedy="take it out of one before")
    attributes: dict[str, Value] = {name: value for name, value in item.attributes.items() if name != COLLECTIONS}
    if collections:
        attributes[COLLECTIONS] = collections
    return Amendment(item_id=item.id, title=item.title, attributes=attributes, modified_at=item.lineage.modified_at)
