"""What is shown of a hit that is no picture itself."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from sensorium.core.items import Aspect, Modality, Piece, Place, Preview, Producer
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.search.showing.views import shown_with, view_of, views_of

MAKER = Producer(name="reader.test", version="1")


def piece(ordinal: int, modality: Modality, aspect: Aspect, **place: object) -> Piece:
    return Piece(
        item_id="it_1", ordinal=ordinal, modality=modality, place=Place(**place), producer=MAKER, aspect=aspect
    )


PAGES = [piece(n, Modality.IMAGE, Aspect.PAGE, page=n + 1) for n in range(3)]
FRAMES = [piece(n, Modality.IMAGE, Aspect.FRAME, seconds=(10.0 * n, 10.0 * n + 10)) for n in range(3)]
PASSAGE = piece(9, Modality.TEXT, Aspect.CONTENT, page=2)


def test_a_passage_is_shown_by_its_page() -> None:
    assert view_of(PASSAGE, [*PAGES, PASSAGE]) is PAGES[1]


@pytest.mark.parametrize(("seconds", "frame"), [((11.0, 12.0), 1), ((0.0, 1.0), 0), ((100.0, 110.0), 2)])
def test_a_sentence_is_shown_by_the_frame_that_is_seen_then(seconds: tuple[float, float], frame: int) -> None:
    assert view_of(piece(9, Modality.TEXT, Aspect.SPEECH, seconds=seconds), FRAMES) is FRAMES[frame]


def test_a_recording_is_shown_by_its_cover() -> None:
    cover = piece(0, Modality.IMAGE, Aspect.CONTENT)
    assert view_of(piece(1, Modality.AUDIO, Aspect.SOUND, seconds=(3.0, 8.0)), [cover]) is cover


def test_writing_is_shown_by_the_picture_that_it_stands_on() -> None:
    picture = piece(0, Modality.IMAGE, Aspect.CONTENT)
    written = piece(1, Modality.TEXT, Aspect.WRITING, box=(0.1, 0.1, 0.5, 0.2))
    assert view_of(written, [picture, written]) is picture


def test_what_belongs_to_no_page_and_no_frame_is_shown_by_nothing() -> None:
    assert view_of(piece(1, Modality.AUDIO, Aspect.SOUND, seconds=(3.0, 8.0)), []) is None
    assert view_of(piece(1, Modality.TEXT, Aspect.CONTENT, characters=(0, 5)), PAGES) is None


class Items:
    """A store of three pages and three frames, of which all but the text have a preview; `asked` notes its reads."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[int]]] = []

    def previews(self, scope: Scope, ids: list[str]) -> dict[str, Preview]:
        preview = Preview(media_type="image/png", width=1, height=1, data=b"x", producer=MAKER)
        return {id: preview for id in ids if id != PASSAGE.id}

    def pieces_of(
        self, scope: Scope, item: str, filter: Filter = EVERYTHING, pages: Collection[int] = ()
    ) -> tuple[Piece, ...]:
        self.asked.append((item, sorted(pages)))
        assert filter.aspects is not None
        return tuple(one for one in (*PAGES, *FRAMES) if one.aspect in filter.aspects)


def test_a_picture_of_its_own_goes_first_and_only_then_are_neighbours_asked_for() -> None:
    items = Items()
    assert set(shown_with(items, Scope.local_owner(), [PAGES[0]])) == {PAGES[0].id}
    assert items.asked == []
    assert set(shown_with(items, Scope.local_owner(), [PASSAGE])) == {PASSAGE.id}


def test_of_a_document_only_the_pages_are_read_that_are_shown() -> None:
    items = Items()
    shown_with(items, Scope.local_owner(), [PASSAGE])
    assert items.asked == [("it_1", [2])]


def test_each_piece_has_its_view_page_or_frame() -> None:
    said = piece(8, Modality.TEXT, Aspect.SPEECH, seconds=(11.0, 12.0))
    views = views_of(Items(), Scope.local_owner(), [PASSAGE, said])
    assert views == {PASSAGE.id: PAGES[1], said.id: FRAMES[1]}
