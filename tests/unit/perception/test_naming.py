"""Voices get numbers within a recording, and names across a library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import Addition, DraftPiece
from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Modality, Place
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Space
from sensorium.perception.naming import name_speaker, told_apart
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE, Kind, specimen

OWNER = Scope.local_owner()
OTHER = Scope(tenant="local", principals=frozenset({"somebody else"}))
VOICES = Space(name="voices", version="1", width=4, digest="bb" * 32)
ANN, BEN = np.eye(4, dtype=np.float32)[:2]


def spoken(voice: np.ndarray | None, text: str = "hello") -> DraftPiece:
    vectors = {} if voice is None else {VOICES.id: voice}
    return DraftPiece(modality=Modality.TEXT, place=Place(), text=text, aspect=Aspect.SPEECH, vectors=vectors)


def speakers(*voices: np.ndarray | None, known: dict[str, np.ndarray] | None = None) -> list[str | None]:
    pieces = told_apart([spoken(voice) for voice in voices], VOICES.id, known or {})
    return [piece.attributes.get("speaker") for piece in pieces]


def test_speakers_are_numbered_in_the_order_in_which_they_speak() -> None:
    assert speakers(BEN, ANN, BEN) == ["speaker 1", "speaker 2", "speaker 1"]


def test_a_known_voice_has_its_name() -> None:
    assert speakers(BEN, ANN, known={"Ann": ANN}) == ["speaker 1", "Ann"]


def test_a_sentence_without_a_voice_has_no_speaker() -> None:
    assert speakers(None, ANN) == [None, "speaker 1"]


def test_a_recording_without_speech_stays_as_it_is() -> None:
    piece = DraftPiece(modality=Modality.TEXT, place=Place(), text="hello")
    assert told_apart([piece], VOICES.id, {}) == [piece]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        for space in (SPACE, VOICES):
            store.add_space(space)
        yield store


def recording(number: int, said: list[tuple[str, np.ndarray]], scope: Scope = OWNER) -> Addition:
    """An item in which these speakers speak, one after the other."""
    made = specimen(number, Kind(pieces=len(said)), scope=scope)
    pieces = tuple(
        replace(piece, aspect=Aspect.SPEECH, attributes={"speaker": speaker, "language": "en"})
        for piece, (speaker, _) in zip(made.pieces, said, strict=True)
    )
    everyone = tuple(range(len(said)))
    return replace(
        made,
        pieces=pieces,
        vectors={**made.vectors, VOICES.id: np.stack([voice for _, voice in said])},
        covered={**made.covered, VOICES.id: everyone},
    )


def named(store: SqliteStore, item: str) -> list[str]:
    return [piece.attributes["speaker"] for piece in store.pieces_of(OWNER, item)]


def test_a_name_is_given_to_one_voice_in_every_recording(store: SqliteStore) -> None:
    first = recording(1, [("speaker 1", ANN), ("speaker 2", BEN)])
    second = recording(2, [("speaker 1", BEN), ("speaker 2", ANN)])
    store.commit(OWNER, additions=[first, second])
    assert name_speaker(store, OWNER, store.spaces(), first.pieces[0].id, "Ann") == 2
    assert named(store, first.item.id) == ["Ann", "speaker 2"]
    assert named(store, second.item.id) == ["speaker 1", "Ann"]
    assert store.voices(OWNER, VOICES.id)["Ann"].tolist() == ANN.tolist()


def test_a_search_can_be_narrowed_to_who_speaks(store: SqliteStore) -> None:
    made = recording(1, [("speaker 1", ANN), ("speaker 2", BEN)])
    store.commit(OWNER, additions=[made])
    name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Ann")
    keys = store.visible_keys(OWNER, Filter(speakers=frozenset({"Ann"})), SPACE.id).tolist()
    found = store.pieces(OWNER, Filter(speakers=frozenset({"Ann"})), keys)
    assert [piece.piece.id for piece in found.values()] == [made.pieces[0].id]


def test_a_voice_is_hidden_with_the_rights_that_it_was_named_under(store: SqliteStore) -> None:
    hidden = recording(1, [("speaker 1", ANN)], OTHER)
    store.commit(OTHER, additions=[hidden])
    name_speaker(store, OTHER, store.spaces(), hidden.pieces[0].id, "Ann")
    assert store.voices(OWNER, VOICES.id) == {}
    with pytest.raises(BadInput):
        name_speaker(store, OWNER, store.spaces(), hidden.pieces[0].id, "Eve")


def test_a_forgotten_voice_is_known_no_more(store: SqliteStore) -> None:
    made = recording(1, [("speaker 1", ANN)])
    store.commit(OWNER, additions=[made])
    name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Ann")
    assert store.forget_voice(OWNER, "Ann") == 1
    assert store.voices(OWNER, VOICES.id) == {}


def test_a_piece_in_which_nobody_speaks_has_no_voice_to_name(store: SqliteStore) -> None:
    made = specimen(1)
    store.commit(OWNER, additions=[made])
    with pytest.raises(BadInput, match="no voice"):
        name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Ann")
    assert len(store.visible_keys(OWNER, EVERYTHING, SPACE.id)) == 1
