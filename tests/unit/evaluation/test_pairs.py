"""The evaluation of captioned pictures, over an index and a reader that stand in for the real ones."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.candidates import IndexStamp, Neighbours, VectorChanges
from sensorium.core.contents import Content, Document, DraftPiece, ReadRequest, Role
from sensorium.core.errors import BadInput, DamagedFile
from sensorium.core.items import Modality, Place, Producer
from sensorium.core.spaces import Keys, Space, Vectors
from sensorium.evaluation.pairs import DEFINITION, PAIRS_SCHEMA, evaluate_pairs
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.testing.encoders import HashEncoder

COLOURS = {"red": (250, 0, 0), "green": (0, 250, 0), "blue": (0, 0, 250)}


class BruteIndex:
    """The inner products themselves, best first."""

    def __init__(self, space: Space) -> None:
        self.space, self.generation = space, 0
        self._vectors = np.empty((0, space.width), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def apply(self, changes: VectorChanges) -> None:
        self._vectors, self.generation = changes.vectors, changes.generation

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Neighbours:
        scores = queries @ self._vectors.T
        keys = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return Neighbours(keys=keys, scores=np.take_along_axis(scores, keys, axis=1))

    def save(self, path: Path) -> IndexStamp:
        raise NotImplementedError


class BruteFactory:
    adapter = "brute/1"

    def create(self, space: Space) -> BruteIndex:
        return BruteIndex(space)

    def load(self, path: Path, space: Space, stamp: IndexStamp) -> BruteIndex:
        raise NotImplementedError


class ColourReader:
    """A file that holds the name of a colour is a picture of that colour; any other text is a text."""

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        word = os.pread(descriptor, 100, 0).decode()
        if word == "broken":
            raise DamagedFile("the picture ends early", remedy="get a whole copy")
        modality = Modality.IMAGE if word in COLOURS else Modality.TEXT
        wanted = request.image_inputs[0]
        pixels = np.full((wanted.height, wanted.width, 3), COLOURS.get(word, (0, 0, 0)), dtype=np.uint8)
        piece = DraftPiece(modality=modality, place=Place(), renditions=(pixels,))
        return Document(
            modality=modality, media_type=media_type, title="", pieces=(piece,), reader=Producer(name="c", version="1")
        )

    def close(self) -> None:
        """Nothing runs."""


PORTS = EvaluationPorts(
    encoder=HashEncoder(width=64), indexes=BruteFactory(), reader=ColourReader(), recognise=lambda head: "image/test"
)


@pytest.fixture
def lay(tmp_path: Path) -> Callable[[Sequence[tuple[str, str]]], Path]:
    """A folder with one picture for each word of `rows`, which pairs the words with captions."""

    def laid(rows: Sequence[tuple[str, str]]) -> Path:
        (tmp_path / "images").mkdir()
        for word, _ in rows:
            (tmp_path / "images" / f"{word}.jpg").write_text(word)
        table = "image\tcaption\n" + "".join(f"{word}.jpg\t{caption}\n" for word, caption in rows)
        (tmp_path / "captions_dev.tsv").write_text(table)
        return tmp_path

    return laid


MATCHING = [("red", "red"), ("red", "red red"), ("green", "green"), ("blue", "blue")]


def test_captions_that_fit_are_found_in_both_directions(lay) -> None:
    words, pictures = evaluate_pairs(lay(MATCHING), "dev", PORTS).directions
    assert (words.asked, words.found) == (Modality.TEXT, Modality.IMAGE)
    assert (words.recall[1].mean, words.mean_reciprocal_rank.mean, words.median_rank) == (1.0, 1.0, 1.0)
    assert (pictures.asked, pictures.found) == (Modality.IMAGE, Modality.TEXT)
    assert (pictures.recall[1].mean, pictures.mean_reciprocal_rank.mean, pictures.median_rank) == (1.0, 1.0, 1.0)


def test_captions_that_lie_are_not_found_first(lay) -> None:
    swapped = [("red", "green"), ("green", "blue"), ("blue", "red")]
    words, pictures = evaluate_pairs(lay(swapped), "dev", PORTS).directions
    assert words.recall[1].mean == pictures.recall[1].mean == 0.0
    assert words.median_rank > 1


def test_questions_and_galleries_are_counted(lay) -> None:
    words, pictures = evaluate_pairs(lay(MATCHING), "dev", PORTS).directions
    assert (words.questions, words.gallery) == (4, 3)
    assert (pictures.questions, pictures.gallery) == (3, 4)


def test_an_encoder_that_says_the_same_of_everything_comes_last(lay) -> None:
    class Mute(HashEncoder):
        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            return np.eye(1, self.space.width, dtype=np.float32).repeat(len(contents), axis=0)

    words, pictures = evaluate_pairs(lay(MATCHING), "dev", replace(PORTS, encoder=Mute())).directions
    assert words.median_rank == 3
    assert pictures.recall[1].mean == 0.0


def test_an_encoder_that_tells_roles_apart_is_asked_in_both(lay) -> None:
    class Turned(HashEncoder):
        """Questions point away from what they ask for, so that nothing but a mixed-up role finds it."""

        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            vectors = super().encode(modality, contents, role)
            return -vectors if role == "query" else vectors

    words, pictures = evaluate_pairs(lay(MATCHING), "dev", replace(PORTS, encoder=Turned(width=64))).directions
    assert words.recall[1].mean == pictures.recall[1].mean == 0.0


def test_an_encoder_that_does_not_is_asked_once_after_the_first_batch(lay) -> None:
    class Counting(HashEncoder):
        seen = 0

        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            self.seen += len(contents) * (modality is Modality.TEXT)
            return super().encode(modality, contents, role)

    encoder = Counting()
    evaluate_pairs(lay([("red", f"red {number}") for number in range(100)]), "dev", replace(PORTS, encoder=encoder))
    assert encoder.seen == 100 + 32


def test_every_batch_is_told(lay) -> None:
    told: list[tuple[int, int]] = []
    evaluate_pairs(lay(MATCHING), "dev", PORTS, told=lambda done, total: told.append((done, total)))
    assert told == [(3, 7), (7, 7)]


def test_a_refused_picture_is_an_error_and_not_left_out(lay) -> None:
    with pytest.raises(BadInput, match=r"broken.jpg: it was refused: the picture ends early"):
        evaluate_pairs(lay([("red", "red"), ("broken", "x")]), "dev", PORTS)


def test_a_text_among_the_pictures_is_an_error(lay) -> None:
    with pytest.raises(BadInput, match=r"letter.jpg: this is no picture"):
        evaluate_pairs(lay([("letter", "x")]), "dev", PORTS)


def test_an_encoder_of_texts_alone_is_refused(lay) -> None:
    class Blind(HashEncoder):
        modalities = frozenset({Modality.TEXT})

    with pytest.raises(BadInput, match="takes no image, but text"):
        evaluate_pairs(lay(MATCHING), "dev", replace(PORTS, encoder=Blind()))


def test_json_names_its_schema_and_its_definitions(lay) -> None:
    answer = json.loads(json.dumps(evaluate_pairs(lay(MATCHING), "dev", PORTS).as_json()))
    assert answer["schema"] == PAIRS_SCHEMA
    assert answer["definition"] == DEFINITION
    assert answer["space"] == PORTS.encoder.space.id
    assert answer["directions"][0]["recall@1"] == 1.0
    assert {"asked", "found", "questions", "gallery", "mrr", "median_rank"} <= set(answer["directions"][1])


def test_the_printed_report_states_galleries_intervals_and_the_definition(lay) -> None:
    text = str(evaluate_pairs(lay(MATCHING), "dev", PORTS))
    assert "text -> image: 4 questions of 3 pictures, gallery 3" in text
    assert "R@1          1.000 [1.000, 1.000]" in text
    assert "any-hit" in text


def test_captions_of_one_picture_are_one_cluster(lay) -> None:
    rows = [(word, f"{caption} {number}") for word, caption in MATCHING[2:] for number in range(50)]
    words, _ = evaluate_pairs(lay([*rows, ("red", "blue")]), "dev", PORTS).directions
    assert (words.questions, words.pictures) == (101, 3)
    assert words.recall[1].low == 0.0
