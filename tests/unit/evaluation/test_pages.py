"""What is told of found pages, on cases worked by hand."""

from __future__ import annotations

import pytest

from sensorium.core.items import Place
from sensorium.evaluation.measures import NOT_FOUND
from sensorium.evaluation.pages import AskedPage, Box, box_iou, page_figures, read_pages


def asked(*found: tuple[str, int | None], pages: str = "3", box: Box | None = None) -> AskedPage:
    places = tuple((file, Place(page=page)) for file, page in found)
    return AskedPage(id="q", kind="text", file="a.pdf", pages=read_pages(pages), found=places, box=box)


def test_hits_of_one_page_count_once() -> None:
    assert asked(("a.pdf", 1), ("a.pdf", 1), ("a.pdf", 1), ("a.pdf", 3)).rank == 2


def test_the_same_number_in_another_file_is_another_page() -> None:
    assert asked(("b.pdf", 3), ("a.pdf", 3)).rank == 2


def test_any_of_several_right_pages_answers() -> None:
    assert asked(("a.pdf", 9), ("a.pdf", 4), pages="3 4").rank == 2


def test_every_page_answers_where_the_whole_file_does() -> None:
    assert asked(("b.pdf", 1), ("a.pdf", 12), pages="*").rank == 2


def test_a_hit_without_a_page_is_of_page_one() -> None:
    assert asked(("a.pdf", None), pages="1").rank == 1


def test_a_page_that_was_not_found_has_no_rank() -> None:
    assert asked(("a.pdf", 2)).rank == NOT_FOUND


def test_figures_of_nothing_found_are_zero() -> None:
    assert {figure.mean for figure in page_figures([asked()]).values()} == {0.0}


def test_the_first_box_on_the_right_page_decides() -> None:
    places = (("a.pdf", Place(page=3, box=(0.6, 0.6, 0.9, 0.9))), ("a.pdf", Place(page=3, box=(0, 0, 0.5, 0.5))))
    question = AskedPage(
        id="q", kind="figure", file="a.pdf", pages=frozenset({3}), found=places, box=(0.5, 0.5, 0.7, 0.7)
    )
    assert question.touches


def test_boxes_apart_share_nothing() -> None:
    assert box_iou((0, 0, 0.2, 0.2), (0.5, 0.5, 1, 1)) == 0


def test_a_question_without_a_box_can_not_be_asked_for_it() -> None:
    with pytest.raises(ValueError, match="no box is known"):
        _ = asked(("a.pdf", 3)).touches


@pytest.mark.parametrize("words", ["", "one", "2,3", "-1", "0 1"])
def test_words_that_name_no_pages_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="names no pages"):
        read_pages(words)
