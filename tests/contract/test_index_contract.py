"""The index contract over every index that we ship."""

import pytest

from sensorium.indexes.faiss import FaissFactory
from sensorium.testing.index_contract import IndexContract


class TestFaissIndex(IndexContract):
    @pytest.fixture
    def factory(self) -> FaissFactory:
        return FaissFactory()
