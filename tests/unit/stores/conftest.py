"""A store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(folder, create=True) as store:
        store.add_space(SPACE)
        yield store
