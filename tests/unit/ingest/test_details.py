"""Details go into the store with the vector that they came with: of the same forward, in the same transaction."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.contents import Addition
from sensorium.core.errors import PluginBroken
from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.settings import Settings
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import DetailedHashEncoder

OWNER = Scope.local_owner()
COLOURS = [b"IMG\xff\x00\x00", b"IMG\x00\xff\x00", b"IMG\x00\x00\xff"]


class Counting(DetailedHashEncoder):
    """Remembers how it was called, and by which method."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, int]] = []

    def encode_detailed(self, modality, contents, role):
        self.calls.append((modality, role, len(contents)))
        return super().encode_detailed(modality, contents, role)


class Kept:
    """A store that takes everything and remembers it."""

    def __init__(self, store) -> None:
        self.store, self.committed = store, []

    def __getattr__(self, name):
        return getattr(self.store, name)

    def commit(self, scope, *, additions=(), **rest):
        self.committed.extend(additions)
        return self.store.commit(scope, additions=additions, **rest)


@pytest.fixture
def encoder(bench) -> Counting:
    encoder = Counting()
    bench.encoders = (encoder,)
    if isinstance(bench.store, SqliteStore):
        bench.store.add_space(encoder.space)
    return encoder


def details_of(addition: Addition, encoder: DetailedHashEncoder) -> dict[int, bytes]:
    return dict(addition.details.get(encoder.space.id, {}))


def test_a_picture_is_committed_with_its_own_details_and_a_text_with_none(bench, encoder) -> None:
    bench.store = Kept(bench.store)
    for number, colour in enumerate(COLOURS):
        bench.write(f"{number}.png", colour)
    bench.write("notes.txt", "one\n\ntwo")
    bench.add(settings=Settings(batch_files=8))
    by_title = {addition.item.title: addition for addition in bench.store.committed}
    for number, colour in enumerate(COLOURS):
        pixels = np.tile(np.frombuffer(colour[3:], dtype=np.uint8), (8, 8, 1))
        _, (rows,) = DetailedHashEncoder().encode_detailed(Modality.IMAGE, [pixels], "piece")
        assert details_of(by_title[str(number)], encoder) == {0: encoder.details.pack(rows)}
    assert details_of(by_title["notes"], encoder) == {}


def test_the_store_holds_the_details_under_the_key_of_their_piece(bench, encoder) -> None:
    if not isinstance(bench.store, SqliteStore):
        pytest.skip("the store in memory keeps no keys")
    bench.write("red.png", COLOURS[0])
    bench.write("notes.txt", "one\n\ntwo")
    bench.add()
    keys = bench.store.visible_keys(OWNER, EVERYTHING, encoder.space.id).tolist()
    pieces = bench.store.pieces(OWNER, EVERYTHING, keys)
    pictures = [key for key, found in pieces.items() if found.piece.modality is Modality.IMAGE]
    assert list(bench.store.details(OWNER, encoder.space.id, keys)) == pictures
    assert bench.store.pieces_without_details(encoder.space.id, Modality.IMAGE) == 0


def test_one_forward_gives_vectors_and_details_in_calls_of_bounded_size(bench, encoder) -> None:
    for number in range(200):
        bench.write(f"{number}.png", b"IMG" + bytes([number, 0, 255]))
    bench.add(settings=Settings(batch_files=200))
    assert encoder.calls == [("image", "piece", 128), ("image", "piece", 72)]


def test_an_encoder_that_was_loaded_without_details_gives_none(bench, encoder) -> None:
    bench.store = Kept(bench.store)
    encoder.details = None
    bench.write("red.png", COLOURS[0])
    bench.add()
    assert encoder.calls == []
    assert bench.store.committed[0].details == {}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda rows: rows[:3], "3 rows of details, expected 4"),
        (lambda rows: rows * 2, "unit length"),
        (lambda rows: rows[:, :5], r"expected shape \[n, 8\]"),
        (lambda rows: np.full_like(rows, np.nan), "unit length"),
    ],
    ids=["few", "long", "narrow", "no numbers"],
)
def test_an_encoder_that_gives_wrong_details_is_named_and_nothing_is_kept(bench, encoder, wrong, message) -> None:
    class Wrong(DetailedHashEncoder):
        def encode_detailed(self, modality, contents, role):
            vectors, details = super().encode_detailed(modality, contents, role)
            return vectors, None if details is None else [wrong(rows) for rows in details]

    bench.encoders = (Wrong(),)
    bench.write("red.png", COLOURS[0])
    with pytest.raises(PluginBroken, match=message):
        bench.add()
    assert bench.items() == {}


def test_an_encoder_that_gives_details_of_too_few_is_named(bench, encoder) -> None:
    class Short(DetailedHashEncoder):
        def encode_detailed(self, modality, contents, role):
            vectors, details = super().encode_detailed(modality, contents, role)
            return vectors, None if details is None else details[:-1]

    bench.encoders = (Short(),)
    bench.write("red.png", COLOURS[0])
    with pytest.raises(PluginBroken, match="details of 0 for 1 contents"):
        bench.add()
