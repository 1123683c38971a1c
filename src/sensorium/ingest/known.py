"""What the library knew of the sources below the roots when a run began."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from sensorium.core.receipts import WITHIN, Refusal, Sighting
from sensorium.core.scopes import Scope
from sensorium.core.store_ports import SourceStore
from sensorium.ingest.discover import Found, Root
from sensorium.ingest.sidecars import is_film, joined_to
from sensorium.ingest.sources import archive_of, folder_of, is_below

Kept = TypeVar("Kept", Sighting, Refusal)


class Known:
    """sightings, refusals: by source. joined: by film, its subtitles. members: by archive, what was seen in it.

    refused: by archive, what was refused in it, and of it; by any other file, what was refused of that.
    """

    def __init__(self, scope: Scope, store: SourceStore, roots: Sequence[Root], found: Iterable[Found] = ()) -> None:
        paths = frozenset(root.path for root in roots)
        # What lies in an archive that is named is below it, and so by its name it is below a folder of that name.
        below = paths | {path + WITHIN[0] for path in paths if not Path(path).is_dir()}
        self.sightings = {seen.source: seen for path in sorted(below) for seen in store.sightings(scope, path)}
        self._add_families(scope, store, [entry.source for entry in found], below)
        self.refusals = {old.source: old for old in store.refusals(scope) if is_below(old.source, below)}
        self.joined = joined_to(self.sightings)
        self.members = _by_archive((archive_of(source), seen) for source, seen in self.sightings.items())
        self.refused = _by_archive((archive_of(source) or source, old) for source, old in self.refusals.items())

    @property
    def skippable(self) -> dict[str, Sighting]:
        """Sightings, by source, that stand for their file while it is unchanged: those not refused since."""
        return {source: seen for source, seen in self.sightings.items() if source not in self.refusals}

    def _add_families(self, scope: Scope, store: SourceStore, sources: Sequence[str], below: frozenset[str]) -> None:
        """Of films that are looked at without their folder, what was seen beside them."""
        for film in filter(is_film, sources):
            if is_below(folder_of(film) or "/", below):
                continue
            self._add(scope, store, film)
            item = self.sightings.get(film)
            for other in store.sources_of(scope, item.item_id) if item is not None else ():
                if folder_of(other) == folder_of(film):
                    self._add(scope, store, other)

    def _add(self, scope: Scope, store: SourceStore, source: str) -> None:
        self.sightings |= {seen.source: seen for seen in store.sightings(scope, source) if seen.source == source}


def _by_archive(kept: Iterable[tuple[str | None, Kept]]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = {}
    for archive, one in kept:
        if archive is not None:
            found.setdefault(archive, []).append(one)
    return found
