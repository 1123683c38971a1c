"""Hits become numbered evidence within a budget."""

from __future__ import annotations

from dataclasses import replace

from sensorium.answerers.pack import Budget, Telling, packed
from sensorium.core.items import Aspect, Modality, Piece, Place
from sensorium.core.reports import Named, Seen

from .evidence import hit, item

NOTHING = Telling(pieces=lambda item: (), seen=lambda item: None)


def numbers(*hits: object, budget: Budget | None = None, telling: Telling = NOTHING) -> list[int]:
    return [one.number for one in packed(hits, telling, budget or Budget()).exhibits]  # type: ignore[arg-type]


def test_exhibits_are_numbered_from_one_without_gaps() -> None:
    assert numbers(hit("red dogs"), hit("   ", ordinal=1), hit("blue cats", ordinal=2)) == [1, 2]


def test_the_budget_of_characters_is_kept() -> None:
    hits = [hit(" ".join(f"word{n}x{m}" for m in range(200)), name=f"note{n}") for n in range(10)]
    pack = packed(hits, NOTHING, Budget(characters=1_000))
    assert sum(len(one.text) for one in pack.exhibits) <= 1_000
    assert all(one.shortened for one in pack.exhibits)
    assert len(pack) >= 4


def test_the_budget_of_pieces_is_kept() -> None:
    hits = [hit(f"word{n}", name=f"note{n}") for n in range(10)]
    assert len(packed(hits, NOTHING, Budget(pieces=3))) == 3


def test_a_piece_that_an_earlier_one_of_its_item_says_is_left_out() -> None:
    whole, part = hit("red dogs sleep in the green grass"), hit("red dogs sleep", ordinal=1)
    assert numbers(whole, part) == [1]
    assert numbers(whole, replace(hit("red dogs sleep", name="other"))) == [1, 2]


def test_hidden_characters_do_not_reach_the_evidence() -> None:
    (exhibit,) = packed([hit("red\u202e dogs\x1b[0m")], NOTHING, Budget()).exhibits
    assert exhibit.text == "red dogs[0m"


def piece(text: str, aspect: Aspect, place: Place) -> Piece:
    return replace(hit(text, aspect=aspect, place=place).piece, item_id="it_film")


def test_a_picture_is_told_by_what_is_seen_and_written_in_it() -> None:
    writing = piece("NO PARKING", Aspect.WRITING, Place(box=(0.1, 0.1, 0.2, 0.2)))
    seen = Seen(names=(Named(name="street sign", sense=Modality.IMAGE, score=0.5),), colours="red 60 %")
    telling = Telling(pieces=lambda item: (writing,), seen=lambda item: seen)
    (exhibit,) = packed([hit(None, name="film")], telling, Budget()).exhibits
    assert exhibit.described
    assert "street sign" in exhibit.text
    assert "written: NO PARKING" in exhibit.text
    assert "red 60 %" in exhibit.text


def test_a_moment_is_told_by_what_is_said_around_it_alone() -> None:
    said = [piece(word, Aspect.SPEECH, Place(seconds=(at, at + 1))) for word, at in (("near", 10.0), ("far", 90.0))]
    telling = Telling(pieces=lambda item: said, seen=lambda item: None)
    (exhibit,) = packed([hit(None, name="film", place=Place(seconds=(10.0, 12.0)))], telling, Budget()).exhibits
    assert exhibit.text == "said: near"


def test_a_figure_is_told_by_the_words_that_stand_in_it() -> None:
    inside = piece("Fig. 1 Ducks", Aspect.CONTENT, Place(page=2, box=(0.1, 0.1, 0.4, 0.4)))
    outside = piece("Prose", Aspect.CONTENT, Place(page=2, box=(0.1, 0.7, 0.4, 0.9)))
    elsewhere = piece("Other", Aspect.CONTENT, Place(page=3, box=(0.1, 0.1, 0.4, 0.4)))
    telling = Telling(pieces=lambda item: (inside, outside, elsewhere), seen=lambda item: None)
    figure = hit(None, name="film", place=Place(page=2, box=(0.0, 0.0, 0.5, 0.5)), aspect=Aspect.FIGURE)
    figure = replace(figure, item=item("film", Modality.DOCUMENT))
    (exhibit,) = packed([figure], telling, Budget()).exhibits
    assert exhibit.text == "Fig. 1 Ducks"


def test_a_piece_of_which_nothing_is_known_is_no_evidence() -> None:
    assert numbers(hit(None)) == []
