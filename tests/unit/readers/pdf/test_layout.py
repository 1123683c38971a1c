"""Tables, figures, captions, headings and legibility of pages laid out by hand."""

from __future__ import annotations

import io
import zlib

import pytest

from sensorium.core.errors import TooLarge
from sensorium.readers.pdf.bombs import BLOCK, MOST_UNFOLDED, refuse_bombs
from sensorium.readers.pdf.boxes import Box
from sensorium.readers.pdf.captions import FIGURE_CAPTION
from sensorium.readers.pdf.figures import captions_for, figures_of, whole_figures
from sensorium.readers.pdf.legible import is_legible
from sensorium.readers.pdf.pages import Drawn, Kind
from sensorium.readers.pdf.tables import tables_of
from sensorium.readers.pdf.text import Block, Line, Span, Word
from sensorium.testing.pdfs import stream

WIDTH, HEIGHT = 600.0, 800.0


def span(left: float, top: float, words: str) -> Span:
    """Letters of 5 by 10 points."""
    at, parts = left, []
    for word in words.split():
        parts.append(Word(word, Box(at, top, at + 5 * len(word), top + 10), 0))
        at += 5 * len(word) + 3
    return Span(words, Box(left, top, at - 3, top + 10), tuple(parts), 10.0)


def grid(rows: list[list[str]], left: float = 50, top: float = 100, step: float = 100) -> list[Span]:
    return [
        span(left + step * column, top + 14 * row, cell)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
        if cell
    ]


def level(at: float, left: float = 45, right: float = 400) -> Drawn:
    return Drawn(Kind.RULE, Box(left, at, right, at))


NUMBERS = [["Year", "Tea", "Milk"], ["1901", "12", "7"], ["1902", "13", "8"], ["1903", "15", "9"]]


def tables(spans: list[Span], drawn: list[Drawn]) -> list[tuple[tuple[str, ...], ...]]:
    return [table.rows for table in tables_of(spans, drawn, WIDTH, HEIGHT)]


def test_words_in_columns_are_a_table_without_rules() -> None:
    assert tables(grid(NUMBERS), []) == [tuple(map(tuple, NUMBERS))]


def test_rules_above_and_below_make_a_table_of_two_columns() -> None:
    two = [row[:2] for row in NUMBERS]
    assert tables(grid(two), []) == []
    assert tables(grid(two), [level(96), level(112), level(160)]) == [tuple(map(tuple, two))]


def test_what_lies_between_two_tables_in_one_stack_of_rules_is_in_neither() -> None:
    note = span(50, 170, "Numbers are counted in tons and include what was lost on the way, " + "and more " * 6)
    spans = [*grid(NUMBERS), note, *grid(NUMBERS, top=200)]
    rules = [level(at) for at in (96, 112, 160, 196, 212, 260)]
    assert tables(spans, rules) == [tuple(map(tuple, NUMBERS))] * 2


def test_an_empty_cell_keeps_its_place() -> None:
    rows = [*NUMBERS[:2], ["1902", "", "8"], *NUMBERS[3:]]
    assert tables(grid(rows), [level(96), level(160)])[0][2] == ("1902", "", "8")


def test_prose_in_columns_is_no_table() -> None:
    prose = [["the harbour lies in the north of the town", "and hills rise high above the southern road"]] * 9
    assert tables(grid(prose, step=270), [level(96, right=560), level(240, right=560)]) == []


def test_a_drawing_with_labels_is_no_table() -> None:
    ink = [Drawn(Kind.INK, Box(100 + n, 110, 140 + n, 150), 5) for n in range(12)]
    rules = [level(at) for at in (96, 112, 130, 160)]
    assert tables(grid([row[:2] for row in NUMBERS]), [*rules, *ink]) == []


def bars(left: float, top: float, count: int = 8) -> list[Drawn]:
    return [Drawn(Kind.PANEL, Box(left + 20 * n, top + 5 * n, left + 20 * n + 14, top + 100)) for n in range(count)]


def test_bars_near_each_other_are_a_figure_with_their_labels() -> None:
    label = span(120, 205, "January")
    (box,) = figures_of(bars(100, 100), [label], WIDTH, HEIGHT)
    assert box == Box(100, 100, 254, 215)


def test_two_charts_apart_are_two_figures() -> None:
    assert len(figures_of([*bars(50, 100), *bars(350, 100)], [], WIDTH, HEIGHT)) == 2


def test_frames_part_charts_that_touch() -> None:
    frames = [Drawn(Kind.PANEL, Box(40, 90, 230, 230)), Drawn(Kind.PANEL, Box(231, 90, 420, 230))]
    found = figures_of([*frames, *bars(50, 100), *bars(240, 100)], [], WIDTH, HEIGHT)
    assert sorted(found) == [frame.box for frame in frames]


def test_a_text_in_a_frame_is_no_figure() -> None:
    prose = [span(50, 100 + 12 * n, "a long text that stands in a box with a ground of grey") for n in range(12)]
    assert figures_of([Drawn(Kind.PANEL, Box(40, 90, 420, 260)), *bars(50, 100, 3)], prose, WIDTH, HEIGHT) == []


def test_strips_of_a_ground_are_no_figure() -> None:
    strips = [Drawn(Kind.IMAGE, Box(0, 80 * n, WIDTH, 80 * n + 80)) for n in range(10)]
    assert figures_of(strips, [], WIDTH, HEIGHT) == []


def test_a_small_picture_is_no_figure() -> None:
    assert whole_figures([Box(50, 50, 80, 80)], [""], WIDTH, HEIGHT) == []


def caption(left: float, top: float, words: str) -> Block:
    return Block((Line(words, Box(left, top, left + 5 * len(words), top + 10), 10.0),))


def test_the_nearest_caption_belongs_to_a_figure() -> None:
    boxes = [Box(50, 100, 250, 200), Box(50, 300, 250, 400)]
    blocks = [caption(50, 205, "Figure 1. Tea"), caption(50, 410, "Figure 2. Milk")]
    assert captions_for(boxes, blocks, FIGURE_CAPTION, below=True) == ["Figure 1. Tea", "Figure 2. Milk"]


def test_a_caption_is_given_once() -> None:
    boxes = [Box(50, 100, 250, 200), Box(60, 120, 250, 200)]
    assert captions_for(boxes, [caption(50, 205, "Fig. 1 Tea")], FIGURE_CAPTION, below=True).count("Fig. 1 Tea") == 1


def test_a_part_beside_a_figure_with_a_caption_joins_it() -> None:
    parts = [Box(50, 100, 250, 200), Box(260, 100, 400, 200), Box(410, 100, 500, 200)]
    found = whole_figures(parts, ["Figure 1", "", ""], WIDTH, HEIGHT)
    assert found == [(Box(50, 100, 500, 200), "Figure 1")]


def test_a_key_that_has_the_caption_takes_the_chart_above_it_in() -> None:
    parts = [Box(50, 100, 250, 200), Box(50, 260, 250, 280)]
    assert whole_figures(parts, ["", "Figure 1"], WIDTH, HEIGHT) == [(Box(50, 100, 250, 280), "Figure 1")]


def test_a_chart_far_above_another_stays_its_own() -> None:
    parts = [Box(50, 100, 250, 200), Box(50, 260, 250, 360)]
    assert len(whole_figures(parts, ["", "Figure 1"], WIDTH, HEIGHT)) == 2


@pytest.mark.parametrize(
    ("words", "covered", "expected"),
    [
        ("It is a sound text about harbours, hills and tea. " * 4, True, True),
        ("jjRE.-Offl- aVc X1t. ,mlw{ rTvlTTH it is half of it a text " * 6, True, False),
        ("jjRE.-Offl- aVc X1t. ,mlw{ rTvlTTH it is half of it a text " * 6, False, True),
        ("Xq1Z wV9t jKjK2 rTvlTTH bcdfg " * 9, False, False),
        ("Page 7", False, False),
        ("A stamp on a scan, No. 4711", True, False),
        ("北京 茶 山 水 路 " * 40, True, True),
    ],
)
def test_whether_a_text_layer_is_believed(words: str, covered: bool, expected: bool) -> None:
    assert is_legible(words.split(), covered) is expected


def bomb(filters: str, stages: int, size: int = MOST_UNFOLDED + 1) -> bytes:
    data = bytes(size)
    for _ in range(stages):
        data = zlib.compress(data, 9)
    return b"%PDF-1.7\n1 0 obj\n" + stream(filters, data) + b"\nendobj\n"


@pytest.mark.parametrize(
    ("filters", "stages"), [("/Filter /FlateDecode", 1), ("/Filter [/FlateDecode /FlateDecode]", 2)]
)
def test_a_stream_that_unfolds_is_too_large(filters: str, stages: int) -> None:
    with pytest.raises(TooLarge, match="unfolds"):
        refuse_bombs(io.BytesIO(bomb(filters, stages)), 200)


def test_a_bomb_over_the_edge_of_two_blocks_is_found() -> None:
    data = bomb("/Filter /FlateDecode", 1)
    at = data.index(b"stream")
    for shift in range(-3, 12, 3):
        with pytest.raises(TooLarge):
            refuse_bombs(io.BytesIO(bytes(BLOCK - at - shift) + data), 200)


@pytest.mark.parametrize(
    "data",
    [
        bomb("/Subtype /Image /Filter /FlateDecode", 1),
        bomb("/Filter /FlateDecode", 1, size=MOST_UNFOLDED // 4),
        bomb("", 1),
        b"1 0 obj\n" + stream("/Filter /FlateDecode", b"not packed at all"),
    ],
    ids=["picture", "small", "not packed", "broken"],
)
def test_what_is_no_bomb_passes_and_the_stream_is_at_its_start(data: bytes) -> None:
    file = io.BytesIO(data)
    refuse_bombs(file, 200)
    assert file.tell() == 0
