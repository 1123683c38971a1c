"""What every group of calls stands on: the parts of an open library, and the checks that several calls share."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sensorium.core.errors import SpaceMismatch
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.machine import Machine

if TYPE_CHECKING:
    from sensorium.stores.sqlite import SqliteStore


class Calls(ABC):
    """The parts of an open library. Made by nobody but `Library`."""

    path: Path
    scope: Scope
    settings: Settings
    _store: SqliteStore
    _machine: Machine

    @contextmanager
    def _lock(self) -> Iterator[None]:
        from sensorium.stores.lock import WriterLock

        with WriterLock(self.path, wait_seconds=self.settings.lock_wait_seconds):
            yield

    def _require_space(self) -> None:
        """Vectors of two spaces are never compared, so a library that another model filled would find nothing."""
        known = self._store.spaces()
        asked = self._machine.encoder.space
        if known and asked not in known:
            raise SpaceMismatch(
                f"it was filled by {', '.join(space.id for space in known)}, and the encoder is {asked.id}",
                subject=str(self.path),
                remedy="set SENSORIUM_ENCODER to the encoder it was filled by, or add the files to a new library",
            )
