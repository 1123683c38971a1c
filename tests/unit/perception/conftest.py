"""A store with a space of voices, for tests of who speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE
from sensorium.testing.voices import VOICES


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        for space in (SPACE, VOICES):
            store.add_space(space)
        yield store
