"""What a filter costs, and whether the best of what it leaves come back, from one item in a thousand to all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import faiss
import numpy as np

import sensorium
from benchmarks.measure import Figure, Options, Series, in_turns
from benchmarks.searching import COMMIT, SCOPE, WIDTH, GivenVectors, K, addition, sighting
from sensorium import Compare, plugins
from sensorium.core.attributes import Value
from sensorium.core.spaces import Space, Vectors

SHARES = (0.001, 0.01, 0.1, 0.5, 1.0)
STEP = 7_919
"""A prime: the attribute of number n is n * STEP modulo the size, so that a filter follows no order of keys."""

LEAST_RECALL = 0.99
COLOURS = ("red", "blue", "navy", "green", "black")


def measure(options: Options) -> list[Figure]:
    """`Library.search` with a filter against FAISS alone over exactly those vectors that the filter leaves."""
    return list(_figures(2_000 if options.quick else 100_000, options))


def _figures(size: int, options: Options) -> Iterator[Figure]:
    random = np.random.default_rng(seed=size)
    vectors = random.standard_normal((size, WIDTH), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoder = GivenVectors(vectors)
    place = options.scratch / f"{size}.filtered"
    _fill(place, encoder.space, vectors)
    order = np.arange(size) * STEP % size
    with sensorium.open(place, encoder=encoder) as library:
        library.rebuild()
        for share in SHARES:
            left = order < round(share * size)
            recall = _recall(library, vectors, left, options.rounds(50))
            bare = faiss.IndexFlatIP(WIDTH)
            bare.add(vectors[left])
            first, again = count(), count()
            new, known = partial(_new_filter, library, size, share, first), partial(_search, library, again, left.sum())
            cold, _ = in_turns(new, partial(bare.search, vectors[:1], K), rounds=options.rounds(30), warm=2)
            warm, nearest = in_turns(known, partial(bare.search, vectors[:1], K), rounds=options.rounds(100), warm=3)
            yield _figure(f"{size:,} items, a filter that leaves {share:.1%}", cold, warm, nearest, recall)


def _search(library: sensorium.Library, number: Iterator[int], below: int) -> None:
    library.search(str(next(number)), where=Compare("place", "<", int(below)), k=K)


def _new_filter(library: sensorium.Library, size: int, share: float, number: Iterator[int]) -> None:
    """A filter that was not asked before, and leaves as many but for some."""
    turn = next(number)
    where = Compare("place", "<", round(share * size)) & Compare("place", "!=", -1 - turn)
    library.search(str(turn), where=where, k=K)


def _recall(library: sensorium.Library, vectors: Vectors, left: np.ndarray, questions: int) -> float:
    """The share of the exact K best among what is left that come back."""
    found = wanted = 0
    for number in range(questions):
        exact = np.sort(vectors[left] @ vectors[number])[::-1][:K]
        hits = library.search(str(number), where=Compare("place", "<", int(left.sum())), k=K)
        found += sum(hit.evidence[0].raw >= exact[-1] - 1e-6 for hit in hits)
        wanted += len(exact)
    return found / wanted


def _figure(subject: str, cold: Series, warm: Series, nearest: Series, recall: float) -> Figure:
    return Figure(
        subject=subject,
        product=f"new: {cold}; again: {warm}",
        yardstick=f"FAISS alone over what is left: {nearest}",
        ratio=f"recall {recall:.3f}",
        goal=f"recall >= {LEAST_RECALL}",
        met=recall >= LEAST_RECALL,
    )


def _fill(place: Path, space: Space, vectors: Vectors) -> None:
    size = len(vectors)
    with plugins.load("sensorium.stores", "sqlite").open(place, create=True) as store:
        store.add_space(space)
        for start in range(0, size, COMMIT):
            additions = []
            for number in range(start, min(start + COMMIT, size)):
                facts: dict[str, Value] = {"place": number * STEP % size, "colour": COLOURS[number % len(COLOURS)]}
                made = addition(number, space, vectors[number])
                additions.append(replace(made, item=replace(made.item, attributes=facts)))
            store.commit(SCOPE, additions=additions, sightings=[sighting(made.item) for made in additions])
