"""Long files are read, encoded and kept part by part, and become one item."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.errors import DamagedFile
from sensorium.core.items import Aspect, Modality, Place, Preview, Producer
from sensorium.core.receipts import Outcome
from sensorium.core.scopes import EVERYTHING, Scope
from sensorium.core.spaces import Space
from sensorium.ingest.parts import EncodedPart, Rows, joined, pack, unpack
from sensorium.ingest.settle import settled
from sensorium.stores.sqlite import SqliteStore

OWNER = Scope.local_owner()
READER = Producer(name="reader.fake", version="1")
LONG = "LONG\none\ntwo\nthree"


def pieces(bench) -> list[tuple[str | None, tuple[float, float] | None]]:
    return [
        (piece.text, piece.place.seconds)
        for item in bench.items().values()
        for piece in bench.store.pieces_of(OWNER, item.id)
    ]


def test_a_long_file_is_one_item_with_the_pieces_of_all_its_parts(bench) -> None:
    bench.write("film.txt", LONG)
    receipt = bench.add()
    assert bench.lines(receipt) == [("film.txt", "added")]
    assert pieces(bench) == [("one", (0, 1)), ("two", (1, 2)), ("three", (2, 3))]
    assert bench.items()["film.txt"].title == "one"


def test_each_part_is_told_with_how_far_it_reaches(bench, listener) -> None:
    bench.write("film.txt", LONG)
    bench.add(progress=listener)
    assert listener.reached == [("film.txt", 1.0, 3.0), ("film.txt", 2.0, 3.0)]


def test_a_run_that_was_stopped_inside_a_long_file_goes_on_where_it_stopped(bench, listener) -> None:
    bench.write("film.txt", LONG)
    stop = threading.Event()
    listener.advanced = lambda *told: stop.set()
    assert bench.add(stop=stop, progress=listener).interrupted
    assert not bench.items()
    bench.reader.read_contents.clear()
    assert bench.lines(bench.add()) == [("film.txt", "added")]
    assert len(bench.reader.read_contents) == 2
    assert [text for text, _ in pieces(bench)] == ["one", "two", "three"]


def test_what_was_kept_is_gone_when_the_item_is_there(bench) -> None:
    path = bench.write("film.txt", LONG)
    bench.write("other.txt", "tea")  # an empty folder would look like a disk that is not there
    bench.add()
    path.unlink()
    bench.add(prune=True)
    bench.write("film.txt", LONG)
    bench.reader.read_contents.clear()
    bench.add()
    assert len(bench.reader.read_contents) == 3


def test_a_part_that_can_not_be_read_ends_the_file_there_with_a_note(bench) -> None:
    bench.write("film.txt", "LONG\none\nBAD\nthree")
    receipt = bench.add()
    assert [text for text, _ in pieces(bench)] == ["one"]
    assert receipt.lines[0].reason == "read up to 1 only: the line is bad"


def test_a_file_whose_first_part_can_not_be_read_is_refused(bench) -> None:
    bench.write("film.txt", "LONG\nBAD\ntwo")
    assert bench.add().of(Outcome.REFUSED)
    assert not bench.items()


def test_a_part_without_pieces_is_no_hole(bench) -> None:
    bench.write("film.txt", "LONG\none\n\nthree")
    bench.add()
    assert pieces(bench) == [("one", (0, 1)), ("three", (2, 3))]


def test_a_long_file_in_which_nothing_is_found_is_refused(bench) -> None:
    bench.write("film.txt", "LONG\n\n")
    receipt = bench.add()
    assert bench.lines(receipt) == [("film.txt", "refused")]
    assert bench.refused() == {"film.txt": "empty"}


class Echo:
    """Hears every text twice."""

    track_rate, scan_side = 0, 0
    spaces: tuple[Space, ...] = ()
    producer = Producer(name="echo", version="1")

    def perceive(self, document: Document) -> list[DraftPiece]:
        return [
            DraftPiece(modality=Modality.TEXT, place=piece.place, text=f"{piece.text}!", producer=self.producer)
            for piece in document.pieces
        ]

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        return pieces

    def close(self) -> None: ...


class Deaf:
    track_rate, scan_side = 0, 0
    spaces: tuple[Space, ...] = ()
    producer = Producer(name="deaf", version="1")

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        return pieces

    def close(self) -> None: ...

    def perceive(self, document: Document) -> list[DraftPiece]:
        raise DamagedFile("it hears nothing", remedy="wait")


def test_what_is_perceived_is_found_beside_what_was_read_and_names_what_made_it(bench) -> None:
    bench.perceivers = (Echo(),)
    bench.write("a.txt", "tea")
    bench.add()
    found = bench.store.pieces_of(OWNER, bench.items()["a.txt"].id)
    assert [(piece.text, piece.producer.name) for piece in found] == [("tea", "reader.fake"), ("tea!", "echo")]


VOICES = Space(name="voices", version="1", width=2, digest="aa" * 32)


class Ear(Echo):
    """Gives every second text a voice, and counts the voices when the item is whole."""

    spaces = (VOICES,)

    def perceive(self, document: Document) -> list[DraftPiece]:
        voice = {VOICES.id: np.array([0.6, 0.8], np.float32)}
        return [replace(piece, vectors=voice) for piece in super().perceive(document)]

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        voices = [VOICES.id in piece.vectors for piece in pieces]
        return [
            replace(piece, attributes={"voices": str(sum(voices))}) if has_voice else piece
            for piece, has_voice in zip(pieces, voices, strict=True)
        ]


@pytest.mark.parametrize("content", ["one\n\ntwo\n\nthree", LONG])
def test_vectors_that_pieces_bring_are_kept_and_the_whole_item_is_looked_at_again(bench, content: str) -> None:
    bench.perceivers = (Ear(),)
    if isinstance(bench.store, SqliteStore):
        bench.store.add_space(VOICES)
    bench.write("a.txt", content)
    bench.add()
    found = bench.store.pieces_of(OWNER, bench.items()["a.txt"].id)
    assert sorted(piece.text for piece in found if piece.attributes) == ["one!", "three!", "two!"]
    assert {piece.attributes["voices"] for piece in found if piece.attributes} == {"3"}
    if isinstance(bench.store, SqliteStore):
        assert len(bench.store.visible_keys(OWNER, EVERYTHING, VOICES.id)) == 3


def test_a_perceiver_that_fails_costs_a_note_and_not_the_file(bench) -> None:
    bench.perceivers = (Deaf(),)
    bench.write("a.txt", "tea")
    receipt = bench.add()
    assert bench.lines(receipt) == [("a.txt", "added")]
    assert receipt.lines[0].reason == "Deaf failed: it hears nothing"


def document(**fields: object) -> Document:
    defaults = {"modality": Modality.VIDEO, "media_type": "video/mp4", "title": "", "pieces": (), "reader": READER}
    return Document(**{**defaults, **fields})


def test_an_encoded_part_comes_back_from_its_bytes() -> None:
    preview = Preview(media_type="image/jpeg", width=2, height=1, data=b"\xff\xd8\xff", producer=READER)
    frame = DraftPiece(
        modality=Modality.IMAGE, place=Place(seconds=(0, 2)), preview=preview, aspect=Aspect.FRAME, producer=READER
    )
    said = DraftPiece(modality=Modality.TEXT, place=Place(seconds=(1, 2)), text="Größe", attributes={"language": "de"})
    rows = Rows({0: np.array([0.6, 0.8], np.float32), 1: np.array([1, 0], np.float32)}, {0: b"detail"})
    part = EncodedPart(document=document(title="A film", notes=("cut",)), pieces=(frame, said), rows={"s": rows})
    back = unpack(pack(part))
    assert (back.document, back.pieces) == (part.document, part.pieces)
    assert back.rows["s"].stacked(2).tolist() == rows.stacked(2).tolist()
    assert back.rows["s"].details == {0: b"detail"}


def test_parts_are_numbered_on_and_their_notes_are_kept_once() -> None:
    def part(text: str, *notes: str) -> EncodedPart:
        piece = DraftPiece(modality=Modality.TEXT, place=Place(), text=text)
        rows = Rows({0: np.array([1, 0], np.float32)}, {0: text.encode()})
        return EncodedPart(document=document(title=text, notes=notes), pieces=(piece,), rows={"s": rows})

    whole = joined([part("a", "x"), part("b", "x", "y")])
    assert [piece.text for piece in whole.pieces] == ["a", "b"]
    assert whole.rows["s"].details == {0: b"a", 1: b"b"}
    assert (whole.document.title, whole.document.notes) == ("a", ("x", "y"))


def made(*pieces: tuple[Aspect, tuple[float, float], list[float] | None]) -> EncodedPart:
    drafts = tuple(
        DraftPiece(modality=Modality.IMAGE, place=Place(seconds=seconds), aspect=aspect)
        for aspect, seconds, _ in pieces
    )
    vectors = {n: np.array(vector, np.float32) for n, (_, _, vector) in enumerate(pieces) if vector}
    return EncodedPart(document=document(), pieces=drafts, rows={"s": Rows(vectors)})


def test_a_shot_has_the_mean_of_its_own_frames() -> None:
    part = made(
        (Aspect.SHOT, (0, 4), None),
        (Aspect.FRAME, (0, 2), [1, 0]),
        (Aspect.FRAME, (2, 4), [0, 1]),
        (Aspect.FRAME, (4, 6), [-1, 0]),
    )
    assert settled(part).rows["s"].vectors[0] == pytest.approx([0.5**0.5, 0.5**0.5])


def test_a_shot_none_of_whose_frames_has_a_vector_has_none() -> None:
    assert 0 not in settled(made((Aspect.SHOT, (0, 4), None))).rows["s"].vectors


def test_windows_of_sound_that_follow_each_other_and_are_alike_become_one() -> None:
    part = made(
        (Aspect.SOUND, (0, 5), [1, 0]),
        (Aspect.SOUND, (2.5, 7.5), [1, 0]),
        (Aspect.SOUND, (5, 10), [0, 1]),
        (Aspect.SOUND, (30, 35), [0, 1]),
    )
    whole = settled(part)
    assert [piece.place.seconds for piece in whole.pieces] == [(0, 7.5), (5, 10), (30, 35)]
    assert whole.rows["s"].covered == (0, 1, 2)


def test_a_long_sound_that_never_changes_is_cut_into_places_that_can_be_listened_to() -> None:
    part = made(*((Aspect.SOUND, (at, at + 10.0), [1, 0]) for at in range(0, 200, 5)))
    lengths = [piece.place.seconds[1] - piece.place.seconds[0] for piece in settled(part).pieces]
    assert max(lengths) <= 60
    assert len(lengths) > 2
