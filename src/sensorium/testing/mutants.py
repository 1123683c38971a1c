"""Files that were changed at random, and what has to become of them: for the readers of plugins too."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from sensorium.core.contents import Document
from sensorium.core.errors import DamagedFile, ReaderCrashed, Refused, TookTooLong

Chosen = tuple[bytes, bytes, str]
"""A mutant, the sound file that it was made of, and its media type."""


def has_pieces(document: Document) -> bool:
    """Whether anything in it can be found."""
    return bool(document.pieces)


def mutated(chance: random.Random, data: bytes, sizes: Sequence[int]) -> bytes:
    """Flipped bytes, near the start more often; a piece cut out, doubled or zeroed; or the end cut off.

    sizes: lengths that a piece may have.

    >>> mutated(random.Random(0), bytes(20), sizes=(1, 2)) != bytes(20)
    True
    """
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        start = int(len(changed) * chance.random() ** 2)
        size = chance.choice(sizes)
        kind = chance.choice(("flip", "flip", "flip", "cut", "double", "zero", "end"))
        if kind == "flip":
            changed[start : start + 1] = bytes([chance.randrange(256)])
        elif kind == "cut":
            del changed[start : start + size]
        elif kind == "double":
            changed[start:start] = changed[start : start + size]
        elif kind == "zero":
            changed[start : start + size] = bytes(len(changed[start : start + size]))
        else:
            del changed[max(start, 12) :]
    return bytes(changed)


def check_mutants(
    read: Callable[[bytes, str], Document],
    choose: Callable[[random.Random], Chosen],
    *,
    count: int,
    seed: int,
    holds: tuple[Callable[[Document], bool], Callable[[Document], bool]] = (lambda document: True, has_pieces),
) -> None:
    """Each mutant is read or refused; any other exception fails the test. Sound files in between are read.

    holds: of a mutant that is read, and of a sound file.
    """
    chance = random.Random(seed)
    outcomes: Counter[type] = Counter()
    crashes: list[tuple[int, str]] = []
    for number in range(count):
        mutant, whole, media_type = choose(chance)
        try:
            document = read(mutant, media_type)
            outcomes[Document] += 1
            assert holds[0](document)
        except Refused as refusal:
            outcomes[type(refusal)] += 1
            crashes += [(number, str(refusal))] * isinstance(refusal, ReaderCrashed)
        if number % 50 == 0:
            assert holds[1](read(whole, media_type))
    assert outcomes[Document]
    assert outcomes[DamagedFile]
    assert not outcomes[TookTooLong]
    assert not crashes, "a decoder or a reader died: look at it before widening this"
