"""`name`: who speaks."""

from __future__ import annotations

import pytest

from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER
from sensorium.testing.voices import VOICES, recording, voice_of


@pytest.fixture
def piece(tmp_path, filled) -> str:
    """A sentence of a recording in the library."""
    made = recording(1, [("speaker 1", voice_of(1, 0)), ("speaker 2", voice_of(2, 0))])
    made.vectors.pop(next(id for id in made.vectors if id != VOICES.id))
    with SqliteStore.open(filled, create=False) as store:
        store.add_space(VOICES)
        store.commit(OWNER, additions=[made])
    return made.pieces[0].id


def test_a_name_is_given_listed_and_forgotten(run, piece) -> None:
    assert run("name", piece, "Ann").out == "Ann speaks in 1 pieces\n"
    assert run("name", "--list").out == "Ann\n"
    assert run("name", "--forget", "Ann").out == "Ann is forgotten\n"
    assert run("name", "--list").out == ""


def test_a_name_that_nobody_has_can_not_be_forgotten(run, piece) -> None:
    ended = run("name", "--forget", "Eve")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("error: Eve: nobody has this name; ")


@pytest.mark.parametrize("words", [[], ["it_1.0"], ["it_1.0", "Ann", "--list"], ["it_1.0", "--forget", "Ann"]])
def test_one_thing_is_done_at_a_time(run, filled, words) -> None:
    assert run("name", *words).status == 1


def test_what_a_name_holds_is_shown_and_does_nothing(run, piece) -> None:
    assert "\x1b" not in run("name", piece, "A\x1b[31mnn").out
