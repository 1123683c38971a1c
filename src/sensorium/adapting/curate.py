"""Pairs as they were written -> pairs to learn from: decoded, encoded, without duplicates, each looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from sensorium.adapting.learn import Pairs
from sensorium.adapting.losses import Groups
from sensorium.adapting.pairs import Pair, PairFile
from sensorium.adapting.pictures import Decoded, Gallery
from sensorium.core.errors import Refused
from sensorium.core.fingerprints import NEAR_BITS
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, WordKnowing
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.search.wording.tongue import language_of

BATCH = 32
ROWS_AT_ONCE = 256

SAME_COSINE = 0.98
"""Pictures whose vectors are at least so close may be the same one. Fingerprints of products before white paper are
alike without that, so both have to say so."""

THIN = 5
"""A class with fewer pairs is told of: there is little to learn it from."""

MOST_TOLD = 20

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the pairs are of: how many have each value."""

    classes: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]

    @property
    def thin(self) -> tuple[str, ...]:
        """Classes of fewer than `THIN` pairs."""
        return tuple(name for name, count in self.classes if count < THIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """What is left to learn from, and what was left out.

    kept: the pairs, row by row as in `pairs`. hashes: sha256 of the picture of each. skipped: a line for each that can
    not be used. duplicates: one for each that says what another one says. doubtful: places and texts of pairs that are
    less alike, by the encoder as it is, than a text and a picture drawn at random; they are among `kept`.
    """

    kept: tuple[Pair, ...]
    pairs: Pairs = field(repr=False)
    hashes: tuple[str, ...] = field(repr=False)
    skipped: tuple[str, ...]
    duplicates: tuple[str, ...]
    doubtful: tuple[int, ...]
    coverage: Coverage

    def without_doubtful(self) -> Curated:
        """Without the pairs that are less alike than chance."""
        rows = [row for row in range(len(self.kept)) if row not in set(self.doubtful)]
        return Curated(
            kept=tuple(self.kept[row] for row in rows),
            pairs=self.pairs.take(np.array(rows, dtype=np.int64)),
            hashes=tuple(self.hashes[row] for row in rows),
            skipped=(*self.skipped, *(f"{self.kept[row].place}: less alike than chance" for row in self.doubtful)),
            duplicates=self.duplicates,
            doubtful=(),
            coverage=self.coverage,
        )

    def as_json(self) -> dict[str, Any]:
        """Numbers, and the first of each list."""
        return {
            "pairs": len(self.kept),
            "skipped": {"count": len(self.skipped), "first": list(self.skipped[:MOST_TOLD])},
            "duplicates": {"count": len(self.duplicates), "first": list(self.duplicates[:MOST_TOLD])},
            "doubtful": {
                "count": len(self.doubtful),
                "first": [f"{self.kept[row].place}: {self.kept[row].text}" for row in self.doubtful[:MOST_TOLD]],
            },
            "classes": dict(self.coverage.classes),
            "thin_classes": list(self.coverage.thin),
            "languages": dict(self.coverage.languages),
        }


def curate(file: PairFile, gallery: Gallery, encoder: Encoder, told: Told | None = None) -> Curated:
    """Reads and encodes every picture and every text once. told: after each batch of pictures.

    Pixels are held for one batch; what stays of a pair is two vectors.
    """
    names = list(dict.fromkeys(pair.picture for pair in file.pairs))
    pictures, reasons = _pictures(names, gallery, encoder, told)
    skipped = [
        f"{pair.place}: {pair.picture}: {reasons[pair.picture]}" for pair in file.pairs if pair.picture in reasons
    ]
    usable = [pair for pair in file.pairs if pair.picture not in reasons]
    same = _same(pictures)
    words = [pair.text.casefold() for pair in usable]
    number = {text: position for position, text in enumerate(dict.fromkeys(words))}
    kept: dict[tuple[int, int], Pair] = {}
    duplicates = []
    for pair, text in zip(usable, words, strict=True):
        both = number[text], same[pair.picture]
        if both in kept:
            duplicates.append(f"{pair.place}: {pair.picture}: the same picture and text as {kept[both].place}")
        kept.setdefault(both, pair)
    return _curated(kept, pictures, encoder, (*file.skipped, *skipped), tuple(duplicates))


def doubtful(pairs: Pairs) -> tuple[int, ...]:
    """Rows of pairs that are less alike than their text with all pictures, and than their picture with all texts.

    A pair that was put together wrongly is as alike as any other text and picture.
    """
    if len(pairs) < 3:
        return ()
    own = np.einsum("ij,ij->i", pairs.texts, pairs.pictures)
    by_text = pairs.texts @ pairs.pictures.mean(axis=0)
    by_picture = pairs.pictures @ pairs.texts.mean(axis=0)
    return tuple(np.flatnonzero((own < by_text) & (own < by_picture)).tolist())


def coverage(pairs: Sequence[Pair], encoder: Encoder) -> Coverage:
    """Classes as they are given, and languages as the texts tell them; "unclear" where they do not."""
    odds = encoder.english_odds if isinstance(encoder, WordKnowing) else (lambda text: 0.0)
    languages = Counter(language_of(pair.text, odds) or "unclear" for pair in pairs)
    classes = Counter(pair.kind for pair in pairs if pair.kind)
    return Coverage(classes=tuple(classes.most_common()), languages=tuple(languages.most_common()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    hash: str
    fingerprint: str
    vector: Vectors


def _pictures(
    names: Sequence[str], gallery: Gallery, encoder: Encoder, told: Told | None
) -> tuple[dict[str, _Picture], dict[str, str]]:
    """Encoded pictures by name, and why others can not be used."""
    pictures: dict[str, _Picture] = {}
    reasons: dict[str, str] = {}

    def decoded() -> Iterator[tuple[str, Decoded]]:
        for name in names:
            try:
                yield name, gallery.read(name)
            except Refused as error:
                reasons[name] = error.what

    waiting = decoded()
    while batch := list(islice(waiting, BATCH)):
        pixels = [picture.pixels for _, picture in batch]
        vectors = check_vectors(encoder.encode(Modality.IMAGE, pixels, "piece"), encoder.space.width)
        for (name, picture), vector in zip(batch, vectors, strict=True):
            pictures[name] = _Picture(hash=picture.hash, fingerprint=picture.fingerprint, vector=vector)
        if told is not None:
            told(len(pictures) + len(reasons), len(names))
    return pictures, reasons


def _curated(
    kept: dict[tuple[int, int], Pair],
    pictures: dict[str, _Picture],
    encoder: Encoder,
    skipped: tuple[str, ...],
    duplicates: tuple[str, ...],
) -> Curated:
    chosen = tuple(kept.values())
    pairs = Pairs(
        texts=_texts([pair.text for pair in chosen], encoder),
        pictures=np.stack([pictures[pair.picture].vector for pair in chosen]) if chosen else _nothing(encoder),
        text_of=np.array([text for text, _ in kept], dtype=np.int64),
        picture_of=np.array([picture for _, picture in kept], dtype=np.int64),
    )
    return Curated(
        kept=chosen,
        pairs=pairs,
        hashes=tuple(pictures[pair.picture].hash for pair in chosen),
        skipped=skipped,
        duplicates=duplicates,
        doubtful=doubtful(pairs),
        coverage=coverage(chosen, encoder),
    )


def _texts(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """Each distinct text once, as a question."""
    distinct = list(dict.fromkeys(texts))
    vectors = encoder.encode(Modality.TEXT, distinct, "query")
    row = {text: number for number, text in enumerate(distinct)}
    return check_vectors(vectors, encoder.space.width)[[row[text] for text in texts]]


def _nothing(encoder: Encoder) -> Vectors:
    return np.empty((0, encoder.space.width), np.float32)


def _same(pictures: dict[str, _Picture]) -> dict[str, int]:
    """A number for each picture; pictures that are copies of each other share it."""
    names, own = list(pictures), list(pictures.values())
    if not names:
        return {}
    vectors = np.stack([picture.vector for picture in own])
    there = np.array([bool(picture.fingerprint) for picture in own])
    bits = np.array([int(picture.fingerprint or "0", 16) for picture in own], dtype=np.uint64)
    hashes: dict[str, int] = {}
    numbers: Groups = np.array([hashes.setdefault(picture.hash, row) for row, picture in enumerate(own)])
    for start in range(0, len(names), ROWS_AT_ONCE):
        close = vectors[start : start + ROWS_AT_ONCE] @ vectors.T >= SAME_COSINE
        # Where there is no fingerprint on either side, vectors alone tell.
        differ = np.bitwise_count(bits[start : start + ROWS_AT_ONCE, None] ^ bits[None, :])
        both = there[start : start + ROWS_AT_ONCE, None] == there[None, :]
        for copies in close & both & (differ <= NEAR_BITS):
            alike = np.unique(numbers[copies])
            if len(alike) > 1:
                numbers[np.isin(numbers, alike)] = alike[0]
    return dict(zip(names, numbers.tolist(), strict=True))
