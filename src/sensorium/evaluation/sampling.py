"""A part of a split that stays the same: captioned pictures, chosen by their names, and their vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Pixels, Role, is_pixels
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.evaluation.captions import read_captions
from sensorium.evaluation.encoding import ENCODE_BATCH
from sensorium.evaluation.measures import TIE, Ranks
from sensorium.evaluation.reading import EvaluationPorts, check_taken, read_parts
from sensorium.evaluation.tasks import Entry
from sensorium.ingest.ahead import ahead

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Pictures of one split with all their captions: captions[i] describes pictures[described[i]]."""

    pictures: tuple[Entry, ...]
    captions: tuple[str, ...] = field(repr=False)
    described: npt.NDArray[np.int64] = field(repr=False)

    def captions_of(self, picture: int) -> list[str]:
        """The captions of the picture of that number."""
        return [self.captions[number] for number in np.flatnonzero(self.described == picture)]


def draw_sample(folder: Path, split: str, most: int, encoder: Encoder) -> Sample:
    """At most `most` pictures of the split, the first by the SHA-256 of their names; 0 takes all.

    So a larger sample holds every smaller one, and the order of the table does not matter. Raises BadInput for data
    that are not as `read_captions` describes, for a negative number, and for an encoder that lacks one of the senses.
    """
    if most < 0:
        raise BadInput(f"a sample of {most} pictures", remedy="give a number from 1, or 0 for all")
    words = read_captions(folder, split).tasks[0]
    check_taken((*words.queries[:1], *words.gallery[:1]), encoder)
    by_name = sorted(
        words.gallery, key=lambda entry: hashlib.sha256(entry.id.encode("utf-8", "surrogateescape")).digest()
    )
    pictures = tuple(by_name[: most or None])
    numbers = {entry.id: number for number, entry in enumerate(pictures)}
    pairs = [
        (numbers[of], query.text or "")
        for of, query in zip(words.clusters, words.queries, strict=True)
        if of in numbers
    ]
    return Sample(
        pictures=pictures,
        captions=tuple(caption for _, caption in pairs),
        described=np.array([number for number, _ in pairs], dtype=np.int64),
    )


def decoded(pictures: Sequence[Entry], ports: EvaluationPorts) -> Iterator[list[Pixels]]:
    """The pictures as the encoder takes them, in batches, read by the guarded reader while the last one is used."""
    with closing(ahead(_pixels(pictures, ports), places=ENCODE_BATCH)) as pixels:
        yield from batches(pixels)


def _pixels(pictures: Sequence[Entry], ports: EvaluationPorts) -> Iterator[Pixels]:
    for picture in pictures:
        content = read_parts(picture, ports)[0].content
        assert is_pixels(content), "a picture is pixels"
        yield content


def batches(values: Iterator[T]) -> Iterator[list[T]]:
    """Lists of what the encoder takes at once; the last may be shorter.

    >>> [len(batch) for batch in batches(iter(range(70)))]
    [32, 32, 6]
    """
    while batch := list(islice(values, ENCODE_BATCH)):
        yield batch


def encode(encoder: Encoder, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
    """float32 [contents, width], unit rows, in one call. Raises ValueError when they are not."""
    return check_vectors(encoder.encode(modality, contents, role), encoder.space.width)


def right_ranks(scores: npt.NDArray[np.floating], right: npt.NDArray[np.int64]) -> Ranks:
    """The rank of each question's one right answer, from 1; a wrong one that scores as high stands before it.

    scores: [questions, answers]. right: int64 [questions], the column of the right answer.

    >>> right_ranks(np.array([[0.9, 0.5, 0.5, 0.1], [0.9, 0.5, 0.5, 0.1]]), np.array([1, 0]))
    array([3, 1])
    """
    own = np.take_along_axis(scores, right[:, np.newaxis], axis=1)
    return np.asarray(np.count_nonzero(scores >= own - TIE, axis=1), dtype=np.int64)
