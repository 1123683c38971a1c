from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.items import Aspect, Modality, Place
from sensorium.readers.flow import Block, Kind, compose, joined, row

SMALL = ReadRequest(chunk_characters=60, chunk_overlap=20)

BLOCKS = st.lists(
    st.builds(Block, text=st.text("ab .\n#", max_size=150), kind=st.sampled_from(Kind), table=st.integers(0, 2)),
    max_size=20,
)


@given(BLOCKS)
def test_every_character_is_in_a_piece_and_pieces_say_their_place(blocks: list[Block]) -> None:
    text, _, _ = joined(blocks)
    pieces = compose(blocks, SMALL)
    covered: set[int] = set()
    for piece in pieces:
        assert piece.place.characters is not None
        start, end = piece.place.characters
        assert piece.text == text[start:end]
        covered |= set(range(start, end))
    assert {index for index, sign in enumerate(text) if not sign.isspace()} <= covered


@given(BLOCKS)
def test_pieces_come_in_order(blocks: list[Block]) -> None:
    starts = [piece.place.characters or (0, 0) for piece in compose(blocks, SMALL)]
    assert all(before <= after for before, after in itertools.pairwise(starts))


def texts(*blocks: Block, request: ReadRequest = SMALL) -> list[str | None]:
    return [piece.text for piece in compose(blocks, request)]


def test_small_neighbours_share_a_piece() -> None:
    assert texts(Block(text="One."), Block(text="Two.")) == ["One.\n\nTwo."]


def test_items_of_a_list_are_set_close() -> None:
    items = [Block(text=f"- {word}", kind=Kind.ITEM) for word in ("one", "two")]
    assert texts(Block(text="List:"), *items) == ["List:\n\n- one\n- two"]


def test_a_heading_is_never_left_alone_at_an_end() -> None:
    blocks = (Block(text="a" * 25), Block(text="Next", kind=Kind.HEADING), Block(text="b" * 40))
    assert texts(*blocks) == ["a" * 25, "Next\n\n" + "b" * 40]


def test_a_heading_ends_a_piece_that_is_half_full() -> None:
    blocks = (Block(text="a" * 35), Block(text="Next", kind=Kind.HEADING), Block(text="b"))
    assert texts(*blocks) == ["a" * 35, "Next\n\nb"]


def test_each_piece_knows_its_nearest_heading() -> None:
    blocks = [
        Block(text="Intro " * 8),
        Block(text="First", kind=Kind.HEADING),
        Block(text="a" * 50),
        Block(text="b" * 50),
        Block(text="Second", kind=Kind.HEADING),
        Block(text="c"),
    ]
    assert [piece.attributes.get("heading") for piece in compose(blocks, SMALL)] == [None, "First", "First", "Second"]


def test_a_piece_that_begins_in_front_of_all_headings_has_the_first_in_it() -> None:
    (piece,) = compose([Block(text="2024"), Block(text="Tea", kind=Kind.HEADING), Block(text="Boil.")], ReadRequest())
    assert piece.attributes["heading"] == "Tea"


def test_rows_are_tables_apart_from_text_and_from_other_tables() -> None:
    blocks = [Block(text="See:"), row(["a", "b"], 1), row(["1", "2"], 1), row(["x", "y"], 2)]
    pieces = compose([block for block in blocks if block], ReadRequest())
    assert [(piece.aspect, piece.text) for piece in pieces] == [
        (Aspect.CONTENT, "See:"),
        (Aspect.TABLE, "a | b\n1 | 2"),
        (Aspect.TABLE, "x | y"),
    ]


@pytest.mark.parametrize(("lines", "is_whole"), [(4, True), (6, False)])
def test_code_stays_whole_up_to_four_chunks(lines: int, is_whole: bool) -> None:
    code = "\n".join("x" * 49 for _ in range(lines))
    assert (texts(Block(text=code, kind=Kind.CODE)) == [code]) == is_whole


def test_a_long_paragraph_keeps_its_heading_in_front() -> None:
    found = texts(Block(text="Head", kind=Kind.HEADING), Block(text="word " * 40))
    assert found[0] is not None
    assert found[0].startswith("Head\n\nword")
    assert len(found) > 3


def test_short_neighbours_overlap_and_headings_stop_that() -> None:
    blocks = [Block(text=f"{letter * 15}.") for letter in "abcdef"]
    first, second = texts(*blocks)[:2]
    assert first is not None
    assert second is not None
    assert first.endswith("c" * 15 + ".")
    assert second.startswith("c" * 15 + ".")


def test_pictures_stay_where_they_were() -> None:
    picture = DraftPiece(modality=Modality.IMAGE, place=Place(page=3), aspect=Aspect.FIGURE)
    blocks = [Block(text="Duck", kind=Kind.HEADING), Block(text="a" * 55), picture, Block(text="b" * 55)]
    pieces = compose(blocks, SMALL, page=3)
    assert [piece.modality for piece in pieces] == [Modality.TEXT, Modality.IMAGE, Modality.TEXT]
    assert pieces[1].attributes["heading"] == "Duck"
    assert all(piece.place.page == 3 for piece in pieces)


def test_the_box_is_around_all_boxes_or_none() -> None:
    left, right = Block(text="a", box=(0.1, 0.2, 0.3, 0.4)), Block(text="b", box=(0.5, 0.1, 0.9, 0.3))
    assert compose([left, right], SMALL)[0].place.box == (0.1, 0.1, 0.9, 0.4)
    assert compose([left, Block(text="c")], SMALL)[0].place.box is None


def test_blocks_of_different_parts_share_no_piece() -> None:
    blocks = [Block(text="Body."), Block(text="Say hello.", attributes={"part": "notes"})]
    assert [dict(piece.attributes) for piece in compose(blocks, SMALL)] == [{}, {"part": "notes"}]


def test_a_row_of_nothing_is_none() -> None:
    assert row(["", " \n"], 1) is None
