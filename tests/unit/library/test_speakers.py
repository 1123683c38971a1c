"""Names of voices, as a user of a library meets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import sensorium
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality, Rights
from sensorium.core.scopes import Scope
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.voices import VOICES, recording, voice_of

ANN = Scope(tenant="local", principals=frozenset({"ann", "team"}))
BEN = Scope(tenant="local", principals=frozenset({"ben", "team"}))
NAME = "Unmistakable Ann"


def _said(library: Library, encoder: HashEncoder, number: int, reader: str) -> str:
    """The id of a sentence in one and the same voice, which is added for one reader."""
    rights = Rights(readers=frozenset({reader}))
    made = recording(number, [("speaker 1", voice_of(1, number))], scope=ANN, rights=rights)
    texts = encoder.encode(Modality.TEXT, [piece.text or "" for piece in made.pieces], "piece")
    vectors = {VOICES.id: made.vectors[VOICES.id], encoder.space.id: texts}
    library._store.commit(ANN, additions=[replace(made, vectors=vectors, covered=dict.fromkeys(vectors, (0,)))])
    return made.pieces[0].id


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[tuple[Library, Library, str]]:
    """Ann's view and Ben's of one library, and a sentence that she alone may see; one voice speaks there and to all."""
    encoder = HashEncoder()
    with sensorium.open(tmp_path / "library", scope=ANN, encoder=encoder) as ann:
        for space in (VOICES, encoder.space):
            ann._store.add_space(space)
        hidden, _ = (_said(ann, encoder, number, reader) for number, reader in ((1, "ann"), (2, "team")))
        with sensorium.open(tmp_path / "library", scope=BEN, encoder=encoder) as ben:
            yield ann, ben, hidden


def test_a_name_is_listed_finds_and_is_forgotten(libraries: tuple[Library, Library, str]) -> None:
    ann, _, hidden = libraries
    assert ann.name_speaker(hidden, NAME) == 1
    assert ann.speakers() == (NAME,)
    assert [hit.piece.id for hit in ann.search("text", speakers=[NAME])] == [hidden]
    assert ann.forget_voice(NAME) == 2
    assert (ann.speakers(), list(ann.search("text", speakers=[NAME]))) == ((), [])
    assert not [path for path in ann.path.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]


def test_whoever_may_not_hear_it_is_answered_as_if_there_were_no_such_name(
    libraries: tuple[Library, Library, str],
) -> None:
    ann, ben, hidden = libraries
    before = repr(list(ben.search("text"))), ben.speakers()
    ann.name_speaker(hidden, NAME)
    assert (repr(list(ben.search("text"))), ben.speakers()) == before
    assert list(ben.search("text", speakers=[NAME])) == []
    with pytest.raises(BadInput) as of_hidden:
        ben.forget_voice(NAME)
    with pytest.raises(BadInput) as of_nothing:
        ben.forget_voice("nobody at all")
    assert of_hidden.value.public == of_nothing.value.public
    assert ann.speakers() == (NAME,)


def test_a_name_goes_with_the_recording_that_it_was_taken_from(libraries: tuple[Library, Library, str]) -> None:
    ann, _, hidden = libraries
    ann.name_speaker(hidden, NAME)
    ann.forget(hidden.rpartition(".")[0])
    assert ann.speakers() == ()
    assert not [path for path in ann.path.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]
