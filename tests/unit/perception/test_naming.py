"""Voices get numbers within a recording, and names across a library."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.contents import DraftPiece
from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Modality, Place
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.perception.naming import name_speaker, speaker_names, told_apart
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE, specimen
from sensorium.testing.voices import ANN, BEN, VOICES, recording


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
    assert speaker_names(store, OWNER, store.spaces()) == ("Ann",)


def test_a_search_can_be_narrowed_to_who_speaks(store: SqliteStore) -> None:
    made = recording(1, [("speaker 1", ANN), ("speaker 2", BEN)])
    store.commit(OWNER, additions=[made])
    name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Ann")
    keys = store.visible_keys(OWNER, Filter(speakers=frozenset({"Ann"})), SPACE.id).tolist()
    found = store.pieces(OWNER, Filter(speakers=frozenset({"Ann"})), keys)
    assert [piece.piece.id for piece in found.values()] == [made.pieces[0].id]


def test_a_piece_in_which_nobody_speaks_has_no_voice_to_name(store: SqliteStore) -> None:
    made = specimen(1)
    store.commit(OWNER, additions=[made])
    with pytest.raises(BadInput, match="no voice"):
        name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Ann")
    assert len(store.visible_keys(OWNER, EVERYTHING, SPACE.id)) == 1
