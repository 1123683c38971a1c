"""Lines, paragraphs and columns out of words with boxes."""

from __future__ import annotations

import numpy as np

from sensorium.readers.pdf.boxes import Box
from sensorium.readers.pdf.columns import columns_of
from sensorium.readers.pdf.pages import Characters
from sensorium.readers.pdf.text import Span, blocks_of, lines_of, spans_of, words_of

PLAIN = (10.0, False)


def characters(*runs: tuple[float, float, str]) -> Characters:
    """Runs of letters, each 6 wide and 10 high, from (left, top); a line end after each."""
    codes: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    for left, top, words in runs:
        for number, letter in enumerate(words):
            codes.append(ord(letter))
            boxes.append((left + 6 * number, top, left + 6 * number + 6, top + 10))
        codes.append(10)
        boxes.append((0, 0, 0, 0))
    return Characters(np.array(codes, np.int64), np.array(boxes, np.float64))


def spans(*runs: tuple[float, float, str]) -> list[Span]:
    return spans_of(words_of(characters(*runs)), lambda _: PLAIN)


def test_words_are_parted_at_spaces() -> None:
    assert [word.text for word in words_of(characters((0, 0, "two words")))] == ["two", "words"]


def test_a_wide_gap_without_a_space_parts_words() -> None:
    given = characters((0, 0, "ab"), (15, 0, "cd"))
    assert [word.text for word in words_of(given)] == ["ab", "cd"]


def test_a_wide_gap_starts_a_new_span() -> None:
    assert [span.text for span in spans((0, 0, "one cell"), (90, 0, "next cell"))] == ["one cell", "next cell"]


def test_control_characters_and_halves_of_characters_are_left_out() -> None:
    given = characters((0, 0, "a\x03b\ud800c"))
    assert words_of(given)[0].text == "abc"


def test_ligatures_are_letters() -> None:
    assert words_of(characters((0, 0, "ﬁne")))[0].text == "fine"


def test_text_on_its_side_is_one_span() -> None:
    codes = [ord(letter) for letter in "sideways"]
    boxes = [(5.0, 100.0 - 6 * n, 15.0, 106.0 - 6 * n) for n in range(len(codes))]
    found = spans_of(words_of(Characters(np.array(codes), np.array(boxes))), lambda _: PLAIN)
    assert [span.text for span in found] == ["sideways"]


def test_no_character_is_no_word() -> None:
    assert words_of(Characters(np.zeros(0, np.int64), np.zeros((0, 4)))) == []


def test_a_line_is_read_from_left_to_right() -> None:
    assert [line.text for line in lines_of(spans((200, 0, "world"), (0, 1, "hello")))] == ["hello world"]


def test_a_wide_step_starts_a_paragraph() -> None:
    found = lines_of(spans((0, 0, "one"), (0, 12, "two"), (0, 24, "three"), (0, 50, "four")))
    assert [block.text for block in blocks_of(found)] == ["one two three", "four"]


def test_larger_type_starts_a_paragraph() -> None:
    heading = Span("Heading", Box(0, 0, 80, 14), size=16)
    body = [Span("body text", Box(0, 14 + 12 * n, 80, 24 + 12 * n), size=10) for n in range(3)]
    assert [block.text for block in blocks_of(lines_of([heading, *body]))] == [
        "Heading",
        "body text " * 2 + "body text",
    ]


def column(left: float, name: str, count: int = 8, top: float = 40) -> list[tuple[float, float, str]]:
    return [(left, top + 12 * n, f"{name} column line number {n}") for n in range(count)]


def order(found: list[list[Span]]) -> list[str]:
    return [span.text.split()[0] for spans_ in found for span in sorted(spans_, key=lambda span: span.box.top)]


def test_three_columns() -> None:
    runs = [*column(0, "a"), *column(200, "b"), *column(400, "c")]
    shuffled = sorted(runs, key=lambda run: run[1])
    assert order(columns_of(spans(*shuffled))) == ["a"] * 8 + ["b"] * 8 + ["c"] * 8


def test_a_title_over_both_columns_comes_first_and_one_between_them_parts_them() -> None:
    title, middle = (0.0, 0.0, "title " + "over all of it " * 4), (0.0, 150.0, "middle " + "over all of it " * 4)
    runs = [title, *column(0, "a"), *column(200, "b"), middle, *column(0, "c", top=170), *column(200, "d", top=170)]
    found = order(columns_of(spans(*sorted(runs, key=lambda run: run[1]))))
    assert found == ["title"] + ["a"] * 8 + ["b"] * 8 + ["middle"] + ["c"] * 8 + ["d"] * 8


def test_the_marks_of_a_list_stay_with_their_entries() -> None:
    runs = [run for n in range(8) for run in ((0.0, 12.0 * n, f"{n}."), (30.0, 12.0 * n, f"entry of the list, {n}"))]
    (only,) = columns_of(spans(*runs))
    assert lines_of(only)[2].text == "2. entry of the list, 2"


def test_every_span_is_in_one_column() -> None:
    chance = np.random.default_rng(4)
    for _ in range(50):
        runs = [(float(x), float(y), "word and word") for x, y in chance.uniform(0, 600, (chance.integers(1, 60), 2))]
        given = spans(*runs)
        found = [id(span) for spans_ in columns_of(given) for span in spans_]
        assert sorted(found) == sorted(map(id, given))
