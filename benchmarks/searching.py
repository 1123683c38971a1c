"""What a search costs beyond the nearest neighbours themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

import sensorium
from benchmarks.measure import MILLI, Figure, Options, Series, in_turns
from sensorium import plugins
from sensorium.core.calibration import Calibration
from sensorium.core.contents import Addition, Content, ImageInput, Role
from sensorium.core.items import Item, Lineage, Modality, Piece, Place, Producer, item_id
from sensorium.core.receipts import Sighting
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space, Vectors

WIDTH = 512
K = 10
FACTOR, EXTRA = 1.3, 0.5 / MILLI
COMMIT = 1000
RUN = 100
"""Pictures and texts come in runs of this length, as folders bring them."""
SCOPE = Scope.local_owner()
PRODUCER = Producer(name="benchmark", version="1")


class GivenVectors:
    """An encoder that takes no time: the text "7" is the seventh of some vectors."""

    modalities = frozenset({Modality.IMAGE, Modality.TEXT})
    image_input: ImageInput | None = None

    def __init__(self, vectors: Vectors) -> None:
        self.space = Space(name="given", version="1", width=WIDTH, digest="0" * 64)
        self._vectors = vectors

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """float32 [len(contents), WIDTH]."""
        return self._vectors[[int(str(content)) for content in contents]]

    def verify(self) -> None:
        """Nothing to check."""

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """The same for every pair."""
        return Calibration(mean=0.0, deviation=WIDTH**-0.5, slope=1.0, bias=-3.0)


def measure(options: Options) -> list[Figure]:
    """`Library.search` over a real store against FAISS alone on the same vectors."""
    sizes = (1_000, 2_000) if options.quick else (10_000, 100_000)
    return [figure for size in sizes for figure in _of_size(size, options)]


def _of_size(size: int, options: Options) -> Iterator[Figure]:
    """Half of the pieces are pictures and half are texts; a search asks for both or for pictures alone."""
    random = np.random.default_rng(seed=size)
    vectors = random.standard_normal((size, WIDTH), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoder = GivenVectors(vectors)
    place = options.scratch / f"{size}.library"
    _fill(place, encoder.space, vectors)
    rounds = options.rounds(200)
    with sensorium.open(place, encoder=encoder) as library:
        library.rebuild()
        for name, modalities, allowed in (
            ("pictures and texts", None, vectors),
            ("pictures alone", [Modality.IMAGE], vectors[np.arange(size) // RUN % 2 == 0]),
        ):
            bare = faiss.IndexFlatIP(WIDTH)
            bare.add(allowed)
            asked, given = count(), count()
            product, yardstick = in_turns(
                partial(_search, library, asked, modalities),
                partial(_nearest, bare, vectors, given),
                rounds=rounds,
                warm=5,
            )
            yield _figure(f"searching {size:,} pieces, {name}", product, yardstick)


def _search(library: sensorium.Library, number: Iterator[int], modalities: list[Modality] | None) -> None:
    library.search(str(next(number)), modalities=modalities, k=K)


def _nearest(bare: faiss.IndexFlatIP, vectors: Vectors, number: Iterator[int]) -> None:
    """One query by one thread, which is FAISS's faster way: its threads wait for each other over a lone query."""
    row = next(number)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    bare.search(vectors[row : row + 1], K)
    faiss.omp_set_num_threads(threads)


def _figure(subject: str, product: Series, yardstick: Series) -> Figure:
    allowed = FACTOR * yardstick.median + EXTRA
    return Figure(
        subject=subject,
        product=str(product),
        yardstick=f"FAISS alone, one thread: {yardstick}",
        ratio=f"{product.median / yardstick.median:.2f}x",
        goal=f"<= {FACTOR}x + {MILLI * EXTRA} ms = {MILLI * allowed:.2f} ms",
        met=product.median <= allowed,
    )


def _fill(place: Path, space: Space, vectors: Vectors) -> None:
    """A store with one item of one piece for each vector."""
    with plugins.load("sensorium.stores", "sqlite").open(place, create=True) as store:
        store.add_space(space)
        for start in range(0, len(vectors), COMMIT):
            numbers = range(start, min(start + COMMIT, len(vectors)))
            additions = [addition(number, space, vectors[number]) for number in numbers]
            store.commit(SCOPE, additions=additions, sightings=[sighting(added.item) for added in additions])


def addition(number: int, space: Space, vector: npt.NDArray[np.float32]) -> Addition:
    modality = Modality.TEXT if number // RUN % 2 else Modality.IMAGE
    rights = SCOPE.private_rights()
    content_hash = hashlib.sha256(str(number).encode()).hexdigest()
    lineage = Lineage(
        source=f"/synthetic/{number}",
        content_hash=content_hash,
        size=1,
        modified_at=0.0,
        added_at=0.0,
        reader=PRODUCER,
    )
    item = Item(
        id=item_id(SCOPE.tenant, content_hash, rights),
        tenant=SCOPE.tenant,
        modality=modality,
        media_type="application/x-synthetic",
        title=f"number {number}",
        rights=rights,
        lineage=lineage,
    )
    text = f"This is the text of number {number}." if modality is Modality.TEXT else None
    piece = Piece(item_id=item.id, ordinal=0, modality=modality, place=Place(), producer=PRODUCER, text=text)
    return Addition(
        item=item,
        pieces=(piece,),
        previews={},
        vectors={space.id: vector[np.newaxis]},
        covered={space.id: (0,)},
    )


def sighting(item: Item) -> Sighting:
    lineage = item.lineage
    return Sighting(
        source=lineage.source,
        item_id=item.id,
        content_hash=lineage.content_hash,
        size=lineage.size,
        modified_ns=0,
        seen_at=0.0,
    )
