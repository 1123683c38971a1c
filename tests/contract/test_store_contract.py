"""The store contracts over every store that we ship."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.attribute_store_contract import AttributeStoreContract
from sensorium.testing.detail_store_contract import DetailStoreContract
from sensorium.testing.model_store_contract import ModelStoreContract
from sensorium.testing.store_contract import StoreContract
from sensorium.testing.vector_store_contract import VectorStoreContract


class TestSqliteStore(StoreContract, AttributeStoreContract, DetailStoreContract, VectorStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with SqliteStore.open(tmp_path / "library", create=True) as store:
            yield store
            assert store.check() == []


class TestModelsOfSqliteStore(ModelStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteStore]:
        with SqliteStore.open(tmp_path / "library", create=True) as store:
            yield store
            assert store.check() == []
