"""Pieces that are read again: each is known by what it shows and where, and nothing stands in for it unasked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile
from sensorium.core.items import Aspect, Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.receipts import CATALOGUE, JOINED, Sighting
from sensorium.core.reembedding import KeyedPiece, Lacking
from sensorium.ingest.archives import Archives
from sensorium.lifecycle.reembed_reading import CHANGED, GONE, NO_PATHS, KeptReading, Missed, Ready, Shelves

READER = Producer(name="reader.fake", version="1")
CONTENT = b"what was added"


class PartsReader:
    """Gives these documents, one a part; each part begins where the one before said."""

    def __init__(self, *parts: Sequence[DraftPiece]) -> None:
        self.parts = parts
        self.asked: list[float] = []

    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        self.asked.append(request.start)
        number = int(request.start) // 10
        is_last = number == len(self.parts) - 1
        return Document(
            modality=Modality.VIDEO,
            media_type=media_type,
            title="",
            pieces=tuple(self.parts[number]),
            reader=READER,
            next=None if is_last else 10.0 * (number + 1),
        )

    def close(self) -> None:
        pass


class BrokenReader(PartsReader):
    def read(self, descriptor: int, media_type: str, request: ReadRequest) -> Document:
        if request.start >= 10:
            raise DamagedFile("the bytes end too early", remedy="repair it")
        return super().read(descriptor, media_type, request)


def picture(value: int, place: Place | None = None, aspect: Aspect = Aspect.CONTENT) -> DraftPiece:
    pixels = np.full((2, 2, 3), value, np.uint8)
    return DraftPiece(modality=Modality.IMAGE, place=place or Place(), renditions=(pixels,), aspect=aspect)


def window(start: float, end: float) -> DraftPiece:
    samples = np.full(4, int(start * 10), np.int16)
    place = Place(seconds=(start, end))
    return DraftPiece(modality=Modality.AUDIO, place=place, renditions=(samples,), aspect=Aspect.SOUND)


def kept(key: int, draft: DraftPiece, *, lacks: bool = True) -> KeyedPiece:
    piece = Piece(
        item_id="it_1",
        ordinal=key,
        modality=draft.modality,
        place=draft.place,
        producer=READER,
        text=draft.text,
        aspect=draft.aspect,
    )
    return KeyedPiece(key=key, piece=piece, lacks=lacks)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


def lacking(source: str, *pieces: KeyedPiece, sources: Sequence[str] = ()) -> Lacking:
    digest = hashlib.sha256(CONTENT).hexdigest()
    lineage = Lineage(source=source, content_hash=digest, size=1, modified_at=0.0, added_at=0.0, reader=READER)
    item = Item(
        id="it_1",
        tenant="local",
        modality=Modality.VIDEO,
        media_type="video/mp4",
        title="",
        rights=Rights(),
        lineage=lineage,
    )
    seen = [
        Sighting(source=one, item_id="it_1", content_hash=digest, size=1, modified_ns=1, seen_at=0.0)
        for one in sources or (source,)
    ]
    return Lacking(number=1, item=item, is_visible=True, pieces=pieces, sightings=tuple(seen))


def read(reader: PartsReader, wanted: Lacking, **how: object) -> list[Ready | Missed]:
    reading = KeptReading(reader=reader, recognise=lambda head: "video/mp4", request=ReadRequest(), **how)
    with Shelves(Archives()) as shelves:
        return list(reading.pieces(wanted, shelves))


def values(found: list[Ready | Missed]) -> dict[int, list[int]]:
    """By key, the first number of each content."""
    made = (one for one in found if isinstance(one, Ready))
    return {one.key: [int(draft.renditions[0].flat[0]) for draft in one.drafts] for one in made}


def test_a_picture_is_known_by_aspect_and_place_in_whichever_part_it_comes(file: Path) -> None:
    frame = picture(1, Place(seconds=(3.0, 3.0)), Aspect.FRAME)
    other = picture(2, Place(seconds=(13.0, 13.0)), Aspect.FRAME)
    shown = picture(3, Place(seconds=(3.0, 3.0)), Aspect.SHOT)
    reader = PartsReader([shown, frame], [other])
    assert values(read(reader, lacking(str(file), kept(7, other), kept(9, frame)))) == {7: [2], 9: [1]}
    assert reader.asked == [0.0, 10.0]


def test_parts_after_the_last_piece_that_is_wanted_are_not_read(file: Path) -> None:
    first, second = picture(1, Place(page=1), Aspect.PAGE), picture(2, Place(page=2), Aspect.PAGE)
    reader = PartsReader([first], [second], [])
    read(reader, lacking(str(file), kept(1, first), kept(2, second, lacks=False)))
    assert reader.asked == [0.0]


def test_pictures_of_one_place_are_told_apart_by_their_order_even_where_some_are_done(file: Path) -> None:
    drafts = [picture(value) for value in (1, 2, 3)]
    pieces = [kept(key, draft, lacks=key != 2) for key, draft in enumerate(drafts, 1)]
    assert values(read(PartsReader(drafts), lacking(str(file), *pieces))) == {1: [1], 3: [3]}


def test_a_sound_has_all_windows_that_lie_in_it(file: Path) -> None:
    joined = kept(1, window(0.0, 3.5))
    single = kept(2, window(8.0, 12.0))
    parts = [window(0.0, 2.5), window(1.0, 3.5), window(4.0, 6.5), window(8.0, 10.5)], [window(9.5, 12.0)]
    assert values(read(PartsReader(*parts), lacking(str(file), joined, single))) == {1: [0, 10], 2: [80, 95]}


def test_a_sound_in_which_no_window_lies_has_the_one_that_shares_most_with_it(file: Path) -> None:
    sound = kept(1, window(4.0, 5.0))
    assert values(read(PartsReader([window(0.0, 4.2), window(3.0, 6.0)]), lacking(str(file), sound))) == {1: [30]}


def test_what_is_not_met_again_is_missed(file: Path) -> None:
    frame = picture(1, Place(seconds=(3.0, 3.0)), Aspect.FRAME)
    moved = replace(frame, place=Place(seconds=(3.1, 3.1)))
    assert read(PartsReader([moved]), lacking(str(file), kept(1, frame))) == [Missed(key=1, why=CHANGED)]


def test_what_came_before_a_file_breaks_is_kept(file: Path) -> None:
    first = picture(1, Place(seconds=(3.0, 3.0)), Aspect.FRAME)
    later = picture(2, Place(seconds=(13.0, 13.0)), Aspect.FRAME)
    found = read(BrokenReader([first], [later]), lacking(str(file), kept(1, first), kept(2, later)))
    assert values(found) == {1: [1]}
    assert found[-1] == Missed(key=2, why="the bytes end too early")


def test_a_text_is_taken_as_it_is_kept_and_no_file_is_opened() -> None:
    text = DraftPiece(modality=Modality.TEXT, place=Place(characters=(0, 3)), text="fox")
    [ready] = read(PartsReader([]), lacking("/no such folder/film.mp4", kept(1, text)))
    assert isinstance(ready, Ready)
    assert ready.drafts[0].text == "fox"


def test_shots_are_left_to_whoever_has_their_frames(file: Path) -> None:
    shot = picture(1, Place(seconds=(0.0, 9.0)), Aspect.SHOT)
    reader = PartsReader([])
    assert read(reader, lacking(str(file), kept(1, shot))) == []
    assert reader.asked == []


# -- which file ------------------------------------------------------------------------------------------------------


def test_another_source_with_the_same_content_serves(file: Path) -> None:
    frame = picture(1)
    wanted = lacking("/no such folder/film.mp4", kept(1, frame), sources=["/no such folder/film.mp4", str(file)])
    assert values(read(PartsReader([frame]), wanted)) == {1: [1]}


@pytest.mark.parametrize("what", ["changed", "linked", "gone", "part"])
def test_nothing_else_is_read_in_its_place(file: Path, tmp_path: Path, what: str) -> None:
    frame, reader = picture(1), PartsReader([picture(1)])
    wanted = lacking(str(file), kept(1, frame))
    if what == "changed":
        file.write_bytes(b"something else")
    elif what == "linked":
        target = file.rename(tmp_path / "target.mp4")
        file.symlink_to(target)
    elif what == "gone":
        file.unlink()
    else:
        [seen] = wanted.sightings
        wanted = replace(wanted, sightings=(replace(seen, content_hash=JOINED + seen.content_hash),))
    assert read(reader, wanted) == [Missed(key=1, why=GONE)]
    assert reader.asked == []


def test_a_pipe_in_its_place_is_not_waited_for(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)
    assert read(PartsReader([]), lacking(str(file), kept(1, picture(1)))) == [Missed(key=1, why=GONE)]


def test_pictures_of_a_catalogue_say_that_they_have_no_paths() -> None:
    wanted = lacking(f"{CATALOGUE}shop/1", kept(1, picture(1)))
    assert read(PartsReader([]), wanted) == [Missed(key=1, why=NO_PATHS)]


def test_small_pictures_stand_in_where_that_is_wanted_alone() -> None:
    wanted = lacking("/no such folder/film.mp4", kept(1, picture(1)), kept(2, window(0.0, 1.0)))
    assert values(read(PartsReader([picture(5)]), wanted)) == {}
    found = read(PartsReader([picture(5)]), wanted, previews=lambda keys: dict.fromkeys(keys, b"small"))
    assert values(found) == {1: [5]}
    assert [(one.key, one.stands_in) for one in found if isinstance(one, Missed)] == [(1, True), (2, False)]
