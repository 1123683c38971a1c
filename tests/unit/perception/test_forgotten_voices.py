"""A voice is seen by whoever sees what it was taken from, and by nobody else; and it is erased with that."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensorium.core.contents import Addition
from sensorium.core.errors import BadInput
from sensorium.core.items import Rights
from sensorium.core.scopes import Filter, Scope
from sensorium.perception.naming import forget_speaker, name_speaker, speaker_names
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import OWNER, SPACE
from sensorium.testing.voices import VOICES, recording, voice_of

NAME = "Unmistakable Ann"
ANN_AND_TEAM = Scope(tenant="local", principals=frozenset({"ann", "team"}))
BEN_AND_TEAM = Scope(tenant="local", principals=frozenset({"ben", "team"}))
ANN_ALONE, TEAM = Rights(readers=frozenset({"ann"})), Rights(readers=frozenset({"team"}))


def of_ann(number: int, first: int = 0, **who: object) -> Addition:
    """A recording in which Ann says two sentences, and Ben one."""
    said = [("speaker 1", voice_of(1, first)), ("speaker 2", voice_of(2, first)), ("speaker 1", voice_of(1, first + 1))]
    return recording(number, said, **who)


def name(store: SqliteStore, made: Addition, scope: Scope = OWNER) -> int:
    return name_speaker(store, scope, store.spaces(), made.pieces[0].id, NAME)


def forget(store: SqliteStore, scope: Scope = OWNER) -> int:
    return forget_speaker(store, scope, store.spaces(), NAME)


def names(store: SqliteStore, scope: Scope = OWNER) -> tuple[str, ...]:
    return speaker_names(store, scope, store.spaces())


def speakers(store: SqliteStore, made: Addition, scope: Scope = OWNER) -> list[str]:
    return [piece.attributes["speaker"] for piece in store.pieces_of(scope, made.item.id)]


def found(store: SqliteStore, scope: Scope, name: str = NAME) -> list[int]:
    return store.visible_keys(scope, Filter(speakers=frozenset({name})), SPACE.id).tolist()


def bytes_of(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# -- erasure ---------------------------------------------------------------------------------------------------------


def test_a_voice_goes_with_the_only_recording_that_it_was_taken_from(store: SqliteStore, tmp_path: Path) -> None:
    made = of_ann(1)
    store.commit(OWNER, additions=[made])
    name(store, made)
    voice = store.voices(OWNER, VOICES.id)[NAME].tobytes()
    needles = [NAME.encode(), voice, *(row.tobytes() for row in made.vectors[VOICES.id])]
    assert [needle for needle in needles if needle not in bytes_of(tmp_path)] == []
    store.forget(OWNER, [made.item.id])
    assert names(store) == ()
    assert [needle for needle in needles if needle in bytes_of(tmp_path)] == []


def test_a_voice_keeps_nothing_of_a_recording_that_was_erased(store: SqliteStore, tmp_path: Path) -> None:
    first, second = of_ann(1), of_ann(2, first=5)
    store.commit(OWNER, additions=[second])
    name(store, second)
    alone = store.voices(OWNER, VOICES.id)[NAME].tobytes()
    store.commit(OWNER, additions=[first])
    assert name(store, first) == 4
    both = store.voices(OWNER, VOICES.id)[NAME].tobytes()
    store.forget(OWNER, [first.item.id])
    assert store.voices(OWNER, VOICES.id)[NAME].tobytes() == alone
    assert both not in bytes_of(tmp_path)
    store.forget(OWNER, [second.item.id])
    assert (names(store), alone in bytes_of(tmp_path), NAME.encode() in bytes_of(tmp_path)) == ((), False, False)


def test_a_voice_goes_when_the_last_file_of_its_recording_is_gone(store: SqliteStore) -> None:
    from sensorium.testing.specimens import sighting

    made = of_ann(1)
    store.commit(OWNER, additions=[made], sightings=[sighting(made)])
    name(store, made)
    store.commit(OWNER, gone=[made.item.lineage.source])
    assert names(store) == ()


def test_a_forgotten_name_and_its_voice_leave_no_byte(store: SqliteStore, tmp_path: Path) -> None:
    made = of_ann(1)
    store.commit(OWNER, additions=[made])
    name(store, made)
    voice = store.voices(OWNER, VOICES.id)[NAME].tobytes()
    assert forget(store) == 3
    content = bytes_of(tmp_path)
    assert (NAME.encode() in content, voice in content, store.is_scrub_due()) == (False, False, False)


def test_who_has_a_name_no_more_has_a_number_that_is_free(store: SqliteStore) -> None:
    made = of_ann(1)
    store.commit(OWNER, additions=[made])
    name(store, made)
    assert speakers(store, made) == [NAME, "speaker 2", NAME]
    forget(store)
    assert speakers(store, made) == ["speaker 1", "speaker 2", "speaker 1"]


def test_a_name_that_nobody_has_is_forgotten_nowhere(store: SqliteStore) -> None:
    made = of_ann(1)
    store.commit(OWNER, additions=[made])
    before = store.generation()
    assert (forget(store), store.generation()) == (0, before)


def test_a_sentence_that_is_given_to_another_is_no_sample_of_the_first(store: SqliteStore) -> None:
    made = of_ann(1)
    store.commit(OWNER, additions=[made])
    name(store, made)
    name_speaker(store, OWNER, store.spaces(), made.pieces[0].id, "Eve")
    assert names(store) == ("Eve",)


# -- who may know ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(store: SqliteStore) -> tuple[Addition, Addition]:
    """A recording for Ann's eyes, from which she names herself, and one of the same voice for her whole team."""
    hidden = of_ann(1, scope=ANN_AND_TEAM, rights=ANN_ALONE)
    of_team = of_ann(2, first=5, scope=ANN_AND_TEAM, rights=TEAM)
    store.commit(ANN_AND_TEAM, additions=[hidden, of_team])
    name(store, hidden, ANN_AND_TEAM)
    return hidden, of_team


def test_a_name_out_of_a_hidden_recording_is_not_listed(store: SqliteStore, shared: object) -> None:
    assert names(store, ANN_AND_TEAM) == (NAME,)
    assert (names(store, BEN_AND_TEAM), dict(store.voices(BEN_AND_TEAM, VOICES.id))) == ((), {})


def test_it_is_written_into_nothing_that_others_see(store: SqliteStore, shared: tuple[Addition, Addition]) -> None:
    assert speakers(store, shared[0], ANN_AND_TEAM) == [NAME, "speaker 2", NAME]
    assert NAME not in speakers(store, shared[1], BEN_AND_TEAM)


def test_it_finds_for_others_what_an_unknown_name_finds(store: SqliteStore, shared: object) -> None:
    assert found(store, ANN_AND_TEAM) != []
    assert found(store, BEN_AND_TEAM) == found(store, BEN_AND_TEAM, "nobody") == []


def test_others_can_neither_forget_it_nor_learn_that_it_is_there(store: SqliteStore, shared: object) -> None:
    before = store.generation()
    assert forget(store, BEN_AND_TEAM) == forget_speaker(store, BEN_AND_TEAM, store.spaces(), "nobody") == 0
    assert (store.generation(), names(store, ANN_AND_TEAM)) == (before, (NAME,))


def test_it_is_not_known_in_what_is_added_for_others(store: SqliteStore, shared: object) -> None:
    assert dict(store.voices(ANN_AND_TEAM, VOICES.id, told_to=TEAM)) == {}
    assert list(store.voices(ANN_AND_TEAM, VOICES.id, told_to=ANN_ALONE)) == [NAME]


def test_a_name_out_of_a_shared_recording_is_known_to_all_who_hear_it(store: SqliteStore) -> None:
    of_team, hidden = (of_ann(n, first=5 * n, scope=ANN_AND_TEAM, rights=r) for n, r in ((1, TEAM), (2, ANN_ALONE)))
    store.commit(ANN_AND_TEAM, additions=[of_team, hidden])
    name(store, of_team, ANN_AND_TEAM)
    assert names(store, BEN_AND_TEAM) == (NAME,)
    assert NAME in speakers(store, of_team, BEN_AND_TEAM)


def test_the_voice_of_a_shared_recording_holds_nothing_of_a_hidden_one(store: SqliteStore) -> None:
    of_team, hidden = (of_ann(n, first=5 * n, scope=ANN_AND_TEAM, rights=r) for n, r in ((1, TEAM), (2, ANN_ALONE)))
    store.commit(ANN_AND_TEAM, additions=[of_team])
    name(store, of_team, ANN_AND_TEAM)
    before = store.voices(BEN_AND_TEAM, VOICES.id)[NAME].tobytes()
    store.commit(ANN_AND_TEAM, additions=[hidden])
    name(store, of_team, ANN_AND_TEAM)
    assert store.voices(BEN_AND_TEAM, VOICES.id)[NAME].tobytes() == before


def test_a_recording_that_nobody_else_sees_can_not_be_named_by_others(store: SqliteStore, shared: object) -> None:
    with pytest.raises(BadInput, match="no voice"):
        name(store, shared[0], BEN_AND_TEAM)  # type: ignore[index]


def test_samples_with_several_rights_are_no_voice(store: SqliteStore, shared: object) -> None:
    keys = store.visible_keys(ANN_AND_TEAM, Filter(), VOICES.id).tolist()
    with pytest.raises(ValueError, match="same rights"):
        store.name_voice(ANN_AND_TEAM, VOICES.id, "Eve", samples=keys, speaks_in=[])
