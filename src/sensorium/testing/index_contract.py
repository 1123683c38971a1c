"""What every vector index promises. Run it over an adapter by a subclass that has a fixture `factory`.

An index that is not exact overrides `recall`: the share of the true neighbours that it has to find.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.candidates import IndexStamp, Neighbours, VectorChanges
from sensorium.core.errors import IndexDamaged
from sensorium.core.ports import IndexFactory, VectorIndex
from sensorium.core.spaces import Keys, Vectors
from sensorium.testing.specimens import OTHER_SPACE, SPACE, unit_vectors

NONE = np.empty(0, dtype=np.int64)
COUNT = 300
ROWS = unit_vectors(COUNT, SPACE.width, seed=1)
KEYS = np.arange(COUNT, dtype=np.int64) * 3 + 5
QUERIES = unit_vectors(7, SPACE.width, seed=2)


def changes(generation: int, keys: Keys = NONE, vectors: Vectors | None = None, removed: Keys = NONE) -> VectorChanges:
    """A block; by default nothing is added and nothing removed."""
    rows = np.empty((0, SPACE.width), dtype=np.float32) if vectors is None else vectors
    return VectorChanges(generation=generation, keys=keys, vectors=rows, removed=removed)


def exact(keys: Keys, rows: Vectors, queries: Vectors, k: int) -> tuple[Keys, Vectors]:
    """The k best by inner product, computed in full."""
    scores = queries @ rows.T
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return keys[order], np.take_along_axis(scores, order, axis=1)


class IndexContract:
    """The suite."""

    recall = 1.0

    @pytest.fixture
    def index(self, factory: IndexFactory) -> VectorIndex:
        """An index of `ROWS` at generation 4."""
        index = factory.create(SPACE)
        index.apply(changes(4, KEYS, ROWS))
        return index

    def check(self, found: Neighbours, keys: Keys, rows: Vectors, k: int) -> None:
        """Compares an answer to `QUERIES` with the exact one over these keys and rows."""
        expected, scores = exact(keys, rows, QUERIES, k)
        width = expected.shape[1]
        share = np.mean([np.isin(f, e).mean() for f, e in zip(found.keys[:, :width], expected, strict=True)])
        assert share >= self.recall
        if self.recall == 1.0:
            np.testing.assert_array_equal(found.keys[:, :width], expected)
            np.testing.assert_allclose(found.scores[:, :width], scores, atol=1e-5)
        assert (found.keys[:, width:] == -1).all()
        assert (found.scores[:, width:] == -np.inf).all()

    # -- search ------------------------------------------------------------------------------------------------------

    def test_a_new_index_is_empty_and_finds_nothing(self, factory: IndexFactory) -> None:
        index = factory.create(SPACE)
        found = index.search(QUERIES, 3, None)
        assert (len(index), index.generation, index.space) == (0, 0, SPACE)
        assert (found.keys == -1).all()
        assert (found.scores == -np.inf).all()

    @pytest.mark.parametrize("k", [1, 10, COUNT, COUNT + 20])
    def test_the_best_come_first_and_what_is_missing_is_padded(self, index: VectorIndex, k: int) -> None:
        found = index.search(QUERIES, k, None)
        assert found.keys.shape == found.scores.shape == (len(QUERIES), k)
        assert [str(array.dtype) for array in (found.keys, found.scores)] == ["int64", "float32"]
        self.check(found, KEYS, ROWS, k)

    @pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.99, 1.0])
    def test_only_what_is_allowed_is_found_and_all_of_it(self, index: VectorIndex, share: float) -> None:
        chosen = np.sort(np.random.default_rng(3).choice(COUNT, max(1, int(COUNT * share)), replace=False))
        found = index.search(QUERIES, 10, KEYS[chosen])
        self.check(found, KEYS[chosen], ROWS[chosen], 10)

    def test_a_lone_query_is_answered_as_one_of_many(self, index: VectorIndex) -> None:
        many = index.search(QUERIES, 5, KEYS[::2])
        for number in range(len(QUERIES)):
            lone = index.search(QUERIES[number : number + 1], 5, KEYS[::2])
            np.testing.assert_array_equal(lone.keys[0], many.keys[number])

    def test_allowed_keys_that_it_does_not_hold_are_ignored(self, index: VectorIndex) -> None:
        allowed = np.array([-7, 0, int(KEYS[4]), 10**15], dtype=np.int64)
        found = index.search(QUERIES, 3, allowed)
        self.check(found, KEYS[4:5], ROWS[4:5], 3)

    def test_where_nothing_is_allowed_nothing_is_found(self, index: VectorIndex) -> None:
        assert (index.search(QUERIES, 3, NONE).keys == -1).all()

    def test_no_query_gets_no_row(self, index: VectorIndex) -> None:
        assert index.search(QUERIES[:0], 3, None).keys.shape == (0, 3)

    # -- changes -----------------------------------------------------------------------------------------------------

    def test_what_was_removed_is_not_found(self, index: VectorIndex) -> None:
        index.apply(changes(5, removed=np.append(KEYS[::3], 10**12)))
        kept = np.arange(COUNT) % 3 != 0
        assert (len(index), index.generation) == (int(kept.sum()), 5)
        self.check(index.search(QUERIES, 10, None), KEYS[kept], ROWS[kept], 10)

    def test_removals_come_before_additions(self, index: VectorIndex) -> None:
        index.apply(changes(5, KEYS[:1], ROWS[1:2], removed=KEYS[:2]))
        assert len(index) == COUNT - 1
        assert index.search(ROWS[1:2], 1, None).keys[0, 0] == KEYS[0]

    def test_a_block_applied_twice_is_applied_once(self, index: VectorIndex) -> None:
        index.apply(changes(4, KEYS[:50], ROWS[:50]))
        assert len(index) == COUNT
        self.check(index.search(QUERIES, 10, None), KEYS, ROWS, 10)

    def test_keys_may_come_in_any_order(self, factory: IndexFactory) -> None:
        shuffled = np.random.default_rng(4).permutation(COUNT)
        index = factory.create(SPACE)
        for part in np.array_split(shuffled, 4):
            index.apply(changes(4, KEYS[part], ROWS[part]))
        self.check(index.search(QUERIES, 10, KEYS[20:200]), KEYS[20:200], ROWS[20:200], 10)

    def test_an_empty_block_only_moves_the_generation(self, index: VectorIndex) -> None:
        index.apply(changes(9))
        assert (len(index), index.generation) == (COUNT, 9)

    def test_everything_can_be_removed(self, index: VectorIndex) -> None:
        index.apply(changes(5, removed=KEYS))
        assert len(index) == 0
        assert (index.search(QUERIES, 3, None).keys == -1).all()

    def test_searches_during_changes_give_keys_that_were_there(self, index: VectorIndex) -> None:
        known = set(KEYS.tolist())
        wrong: list[int] = []
        ended = threading.Event()

        def search() -> None:
            while not ended.is_set():
                found = set(index.search(QUERIES, 5, KEYS).keys.ravel().tolist())
                wrong.extend(found - known - {-1})

        searchers = [threading.Thread(target=search) for _ in range(2)]
        for searcher in searchers:
            searcher.start()
        for generation in range(5, 45):
            part = slice(generation, generation + 100)
            index.apply(changes(generation, removed=KEYS[part]))
            index.apply(changes(generation, KEYS[part], ROWS[part]))
        ended.set()
        for searcher in searchers:
            searcher.join(timeout=30)
        assert not wrong
        self.check(index.search(QUERIES, 10, None), KEYS, ROWS, 10)

    # -- the file ----------------------------------------------------------------------------------------------------

    def test_a_loaded_index_answers_as_the_one_that_was_saved(
        self, factory: IndexFactory, index: VectorIndex, tmp_path: Path
    ) -> None:
        stamp = index.save(tmp_path / "file")
        loaded = factory.load(tmp_path / "file", SPACE, stamp)
        assert (len(loaded), loaded.generation, loaded.space) == (COUNT, 4, SPACE)
        self.check(loaded.search(QUERIES, 10, KEYS[50:]), KEYS[50:], ROWS[50:], 10)

    def test_a_loaded_index_can_be_changed(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path) -> None:
        loaded = factory.load(tmp_path / "file", SPACE, index.save(tmp_path / "file"))
        loaded.apply(changes(5, removed=KEYS[100:]))
        self.check(loaded.search(QUERIES, 10, None), KEYS[:100], ROWS[:100], 10)

    def test_an_empty_index_has_a_file_too(self, factory: IndexFactory, tmp_path: Path) -> None:
        stamp = factory.create(SPACE).save(tmp_path / "file")
        assert len(factory.load(tmp_path / "file", SPACE, stamp)) == 0

    def test_a_stamp_says_what_was_written(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path) -> None:
        stamp = index.save(tmp_path / "file")
        assert (stamp.space_id, stamp.adapter, stamp.generation, stamp.count) == (SPACE.id, factory.adapter, 4, COUNT)
        assert stamp.size == (tmp_path / "file").stat().st_size

    def test_saving_again_leaves_one_file_without_what_was_removed(self, index: VectorIndex, tmp_path: Path) -> None:
        index.save(tmp_path / "file")
        assert ROWS[7].tobytes() in (tmp_path / "file").read_bytes()
        index.apply(changes(5, removed=KEYS[7:8]))
        index.save(tmp_path / "file")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]
        assert ROWS[7].tobytes() not in (tmp_path / "file").read_bytes()

    def test_a_missing_file_is_told(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path) -> None:
        stamp = index.save(tmp_path / "file")
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "elsewhere", SPACE, stamp)

    @pytest.mark.parametrize("seed", range(20))
    def test_a_file_with_one_other_bit_is_told(
        self, factory: IndexFactory, index: VectorIndex, tmp_path: Path, seed: int
    ) -> None:
        stamp = index.save(tmp_path / "file")
        content = bytearray((tmp_path / "file").read_bytes())
        # Half of the places lie in the first KB, where headers are.
        place = np.random.default_rng(seed).integers(len(content) if seed % 2 else 1024)
        content[place] ^= 1 << (seed % 8)
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "file", SPACE, stamp)

    @pytest.mark.parametrize("size", [0, 1, 511, 513, -1, -100])
    def test_a_shorter_file_is_told(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path, size: int) -> None:
        stamp = index.save(tmp_path / "file")
        (tmp_path / "file").write_bytes((tmp_path / "file").read_bytes()[:size])
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "file", SPACE, stamp)

    def test_a_longer_file_is_told(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path) -> None:
        stamp = index.save(tmp_path / "file")
        with (tmp_path / "file").open("ab") as file:
            file.write(b"\0")
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "file", SPACE, stamp)

    def test_the_file_of_another_index_is_told(self, factory: IndexFactory, index: VectorIndex, tmp_path: Path) -> None:
        stamp = index.save(tmp_path / "file")
        other = factory.create(SPACE)
        other.apply(changes(4, KEYS, ROWS[::-1].copy()))
        other.save(tmp_path / "file")
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "file", SPACE, stamp)

    @pytest.mark.parametrize(
        "wrong", [{"adapter": "another/9"}, {"space_id": OTHER_SPACE.id}, {"count": COUNT + 1}, {"count": 10**15}]
    )
    def test_a_stamp_of_something_else_is_told(
        self, factory: IndexFactory, index: VectorIndex, tmp_path: Path, wrong: dict[str, object]
    ) -> None:
        stamp: IndexStamp = replace(index.save(tmp_path / "file"), **wrong)  # type: ignore[arg-type]
        with pytest.raises(IndexDamaged):
            factory.load(tmp_path / "file", SPACE, stamp)
