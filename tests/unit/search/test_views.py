"""What is shown of a hit that is no picture itself."""

from __future__ import annotations

import pytest

from sensorium.core.items import Aspect, Modality, Piece, Place, Preview, Producer
from sensorium.core.scopes import Scope
from sensorium.search.views import shown_with, view_of

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


def test_a_picture_of_its_own_goes_first_and_only_then_are_neighbours_asked_for() -> None:
    preview = Preview(media_type="image/png", width=1, height=1, data=b"x", producer=MAKER)

    class Items:
        asked = 0

        def previews(self, scope: Scope, ids: list[str]) -> dict[str, Preview]:
            return {id: preview for id in ids if id != PASSAGE.id}

        def pieces_of(self, scope: Scope, item: str) -> tuple[Piece, ...]:
            self.asked += 1
            return tuple(PAGES)

    items = Items()
    assert set(shown_with(items, Scope.local_owner(), [PAGES[0]])) == {PAGES[0].id}
    assert items.asked == 0
    assert set(shown_with(items, Scope.local_owner(), [PASSAGE])) == {PASSAGE.id}
