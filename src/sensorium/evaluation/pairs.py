"""Captions find their pictures, pictures find their captions: how well, by the product's own encoder and index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sensorium.core.candidates import VectorChanges
from sensorium.core.contents import Content, ImageInput, Role
from sensorium.core.errors import BadInput, Refused
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, GuardedReader, IndexFactory, VectorIndex
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.evaluation.captions import read_captions
from sensorium.evaluation.measures import Ranks, first_right_ranks, mean_reciprocal_rank, median_rank, recall_at_k
from sensorium.ingest.ahead import ahead
from sensorium.search.question import PictureReading

PAIRS_SCHEMA = "sensorium.pairs/1"
"""Name and version of the JSON of a `PairsReport`. New fields do not change the version."""

KS = (1, 5, 10)

DEFINITION = "any-hit: a question counts at k when any of its right answers is among the first k of the whole gallery"
TIES = "a wrong answer that scores as high as the right one stands before it"

TAKE_OUT = "take its rows out of the table, or mend the file"

ENCODE_BATCH = 32
SEARCH_BATCH = 256

Told = Callable[[int, int], None]
"""Told how many contents of how many are encoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsPorts:
    """What the evaluation works through: the same that `add` and `search` use.

    recognise: the first bytes of a file -> its media type; raises a `Refused`.
    """

    encoder: Encoder
    indexes: IndexFactory
    reader: GuardedReader
    recognise: Callable[[bytes], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One way to ask.

    questions, gallery: how many were asked, and how many answers there were to choose from. recall: R@k by k, 0..1.
    """

    asked: Modality
    found: Modality
    questions: int
    gallery: int
    recall: dict[int, float]
    mean_reciprocal_rank: float
    median_rank: float

    @classmethod
    def of(cls, asked: Modality, found: Modality, ranks: Ranks, gallery: int) -> Direction:
        """The figures of these ranks."""
        return cls(
            asked=asked,
            found=found,
            questions=len(ranks),
            gallery=gallery,
            recall={k: recall_at_k(ranks, k) for k in KS},
            mean_reciprocal_rank=mean_reciprocal_rank(ranks),
            median_rank=median_rank(ranks),
        )

    def as_json(self) -> dict[str, Any]:
        """Recall as `recall@k`."""
        return {
            "asked": str(self.asked),
            "found": str(self.found),
            "questions": self.questions,
            "gallery": self.gallery,
            **{f"recall@{k}": round(share, 6) for k, share in self.recall.items()},
            "mrr": round(self.mean_reciprocal_rank, 6),
            "median_rank": self.median_rank,
        }

    def __str__(self) -> str:
        way = f"{self.asked} -> {self.found}"
        shares = "".join(f"{100 * share:8.1f}" for share in self.recall.values())
        ranks = f"{self.mean_reciprocal_rank:8.3f}{self.median_rank:8g}"
        return f"{way:15}{self.questions:10,}{self.gallery:9,}{shares}{ranks}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsReport:
    """How well one space finds captions and pictures of one split. seconds: what it took, encoding included."""

    split: str
    space_id: str
    directions: tuple[Direction, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `PAIRS_SCHEMA`."""
        return {
            "schema": PAIRS_SCHEMA,
            "split": self.split,
            "space": self.space_id,
            "definition": DEFINITION,
            "ties": TIES,
            "directions": [direction.as_json() for direction in self.directions],
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        names = "".join(f"{f'R@{k}':>8}" for k in KS)
        lines = [
            f"Split {self.split}, space {self.space_id}, {self.seconds:.0f} s; R@k in percent",
            f"{'':15}{'questions':>10}{'gallery':>9}{names}{'MRR':>8}{'median':>8}",
            *(str(direction) for direction in self.directions),
            DEFINITION,
            f"ties: {TIES}",
        ]
        return "\n".join(lines)


def evaluate_pairs(folder: Path, split: str, ports: PairsPorts, told: Told | None = None) -> PairsReport:
    """Both directions of one split of captioned pictures.

    folder: holds `images/` and `captions_SPLIT.tsv` (see `read_captions`). Every picture of the split is decoded by
    the guarded reader and stands in the gallery. told: called after each batch with what is done and what there is.

    Raises BadInput for data that are not as described, a picture that is refused among them, and for an encoder that
    lacks one of the two senses.
    """
    start = time.perf_counter()
    reading = PictureReading(
        reader=ports.reader, recognise=ports.recognise, image_input=_image_input(ports.encoder), preview_side=0
    )
    pairs = read_captions(folder, split)
    counted = _Counted(len(pairs.pictures) + len(pairs.captions), told)
    pictures = _Both(ports.encoder, Modality.IMAGE, counted)
    with closing(ahead(_decoded(pairs.pictures, reading), places=ENCODE_BATCH)) as decoded:
        pictures.encode(decoded)
    captions = _Both(ports.encoder, Modality.TEXT, counted)
    captions.encode(iter(pairs.captions))

    described = np.array(pairs.described)
    everyone = np.arange(len(pairs.pictures))
    by_words = _ranks(captions.questions, described, _index(ports, pictures.pieces), everyone)
    by_picture = _ranks(pictures.questions, everyone, _index(ports, captions.pieces), described)
    return PairsReport(
        split=split,
        space_id=ports.encoder.space.id,
        directions=(
            Direction.of(Modality.TEXT, Modality.IMAGE, by_words, len(pairs.pictures)),
            Direction.of(Modality.IMAGE, Modality.TEXT, by_picture, len(pairs.captions)),
        ),
        seconds=time.perf_counter() - start,
    )


def _image_input(encoder: Encoder) -> ImageInput:
    if encoder.image_input is None or not {Modality.TEXT, Modality.IMAGE} <= encoder.modalities:
        raise BadInput(
            "this encoder does not take both pictures and texts",
            subject=encoder.space.name,
            remedy="name one that does",
        )
    return encoder.image_input


def _decoded(pictures: Sequence[Path], reading: PictureReading) -> Iterator[Content]:
    """The pictures as the encoder wants them, read like the picture of a question."""
    for picture in pictures:
        try:
            yield reading.read(picture)[0].content
        except Refused as error:
            raise BadInput(f"it was refused: {error.what}", subject=str(picture), remedy=TAKE_OUT) from None


class _Counted:
    """Adds up what is done and passes it on."""

    def __init__(self, total: int, told: Told | None) -> None:
        self._total, self._told, self._done = total, told, 0

    def add(self, count: int) -> None:
        self._done += count
        if self._told is not None:
            self._told(self._done, self._total)


class _Both:
    """Contents of one modality as pieces and as questions.

    The first batch is encoded in both roles. Where they agree, the encoder does not tell roles apart, and the rest is
    encoded once.
    """

    def __init__(self, encoder: Encoder, modality: Modality, counted: _Counted) -> None:
        self._encoder, self._modality, self._counted = encoder, modality, counted
        self.pieces: Vectors = np.empty((0, encoder.space.width), dtype=np.float32)
        self.questions: Vectors = self.pieces

    def encode(self, contents: Iterator[Content]) -> None:
        """Fills `pieces` and `questions`, float32 [contents, width]."""
        pieces: list[Vectors] = []
        questions: list[Vectors] = []
        role_blind = False
        while batch := tuple(islice(contents, ENCODE_BATCH)):
            pieces.append(self._vectors(batch, "piece"))
            questions.append(pieces[-1] if role_blind else self._vectors(batch, "query"))
            role_blind = np.array_equal(pieces[0], questions[0])
            self._counted.add(len(batch))
        self.pieces, self.questions = np.concatenate(pieces), np.concatenate(questions)

    def _vectors(self, batch: Sequence[Content], role: Role) -> Vectors:
        return check_vectors(self._encoder.encode(self._modality, batch, role), self._encoder.space.width)


def _index(ports: PairsPorts, vectors: Vectors) -> VectorIndex:
    index = ports.indexes.create(ports.encoder.space)
    none = np.empty(0, dtype=np.int64)
    keys = np.arange(len(vectors), dtype=np.int64)
    index.apply(VectorChanges(generation=1, keys=keys, vectors=vectors, removed=none))
    return index


def _ranks(
    questions: Vectors, asked_of: npt.NDArray[np.int64], index: VectorIndex, found_of: npt.NDArray[np.int64]
) -> Ranks:
    """The first right ranks over the whole gallery. asked_of, found_of: the picture that each is of."""
    ranks = []
    for start in range(0, len(questions), SEARCH_BATCH):
        part = slice(start, start + SEARCH_BATCH)
        found = index.search(np.ascontiguousarray(questions[part]), len(index), None)
        right = found_of[found.keys] == asked_of[part, np.newaxis]
        ranks.append(first_right_ranks(found.scores, right & (found.keys >= 0)))
    return np.concatenate(ranks)
