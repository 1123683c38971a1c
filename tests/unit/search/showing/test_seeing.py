"""What the system says that it sees in an item."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensorium.core.calibration import Calibration
from sensorium.core.items import Aspect, Modality, Piece, Place, Producer
from sensorium.core.scopes import Filter, Scope
from sensorium.search.showing import seeing
from sensorium.search.showing.seeing import Seeing
from sensorium.testing.encoders import HashEncoder

MAKER = Producer(name="reader.test", version="1")
OWNER = Scope.local_owner()


class Encoder(HashEncoder):
    """Counts what it encodes; every name is a direction of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode(self, modality, contents, role):
        self.encoded += len(contents)
        return super().encode(modality, contents, role)

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return Calibration(mean=0.0, deviation=0.1, slope=1.0, bias=-5.0)


class Store:
    """One item with one picture that looks like a dog."""

    def __init__(self, encoder: HashEncoder) -> None:
        self.vector = encoder.encode(Modality.TEXT, ["a photo of a dog"], "piece")[0]

    def visible_keys(self, scope: Scope, filter: Filter, space_id: str) -> np.ndarray:
        return np.array([7] if filter.modalities == {Modality.IMAGE} else [], np.int64)

    def vectors_of(self, space_id: str, keys: list[int]) -> dict[int, np.ndarray]:
        return dict.fromkeys(keys, self.vector)


@pytest.fixture
def looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seeing:
    monkeypatch.setattr(seeing, "names_of", lambda sense: ["cat", "dog", "boat"])
    encoder = Encoder()
    return Seeing(store=Store(encoder), encoder=encoder, cache=tmp_path / "names")


def piece(aspect: Aspect, text: str | None = None, **attributes: str) -> Piece:
    return Piece(
        item_id="it_1", ordinal=0, modality=Modality.TEXT, place=Place(), producer=MAKER, text=text, aspect=aspect,
        attributes=attributes,
    )  # fmt: skip


def test_the_nearest_name_comes_first_with_its_score(looking: Seeing) -> None:
    first = looking.seen(OWNER, "it_1", ()).names[0]
    assert (first.name, first.sense) == ("dog", Modality.IMAGE)
    assert first.score > 0.9


def test_names_that_are_no_better_than_chance_are_left_out(looking: Seeing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "names_of", lambda sense: ["zzz qqq xxx"])
    monkeypatch.setattr(seeing, "LEAST_SCORE", 0.999)
    assert looking.seen(OWNER, "it_1", ()).names == ()


def test_vectors_of_names_are_made_once(looking: Seeing) -> None:
    looking.seen(OWNER, "it_1", ())
    before = looking.encoder.encoded
    looking.seen(OWNER, "it_1", ())
    assert looking.encoder.encoded == before


def test_a_damaged_file_of_names_is_made_anew(looking: Seeing) -> None:
    looking.seen(OWNER, "it_1", ())
    for file in looking.cache.iterdir():
        file.write_bytes(b"nonsense")
    assert looking.seen(OWNER, "it_1", ()).names[0].name == "dog"


def test_words_and_colours_are_those_of_the_pieces(looking: Seeing) -> None:
    pieces = (
        piece(Aspect.SPEECH, "Come in."),
        piece(Aspect.SPEECH, "Sit down."),
        piece(Aspect.WRITING, "NO EXIT"),
        piece(Aspect.CONTENT, colours="red 80%"),
    )
    seen = looking.seen(OWNER, "it_1", pieces)
    assert (seen.speech, seen.writing, seen.colours) == ("Come in. Sit down.", "NO EXIT", "red 80%")


def test_a_long_transcript_is_cut_at_a_word(looking: Seeing) -> None:
    said = looking.seen(OWNER, "it_1", (piece(Aspect.SPEECH, "word " * 200),)).speech
    assert said.endswith("word …")
    assert len(said) <= seeing.FIRST_WORDS + 2


def test_there_are_names_for_pictures_and_for_sounds() -> None:
    assert {len(seeing.names_of(Modality.IMAGE)), len(seeing.names_of(Modality.AUDIO))} == {998, 521}
