"""What is written down for the judged sets, and what is told of answers."""

from __future__ import annotations

from collections import Counter

import pytest
from benchmarks.judged.documents import COLUMNS, TABLE
from benchmarks.judged.gallery import Labelled, chance
from benchmarks.judged.material import HERE
from benchmarks.judged.mixed import Answered, share_rows

from sensorium.core.items import Modality
from sensorium.evaluation.pages import read_pages
from sensorium.evaluation.tables import Row, read_rows

KINDS = {"text", "table", "figure", "scan", "slide"}


def questions() -> list[Row]:
    return list(read_rows(TABLE, COLUMNS))


def test_questions_have_ids_and_words_of_their_own() -> None:
    rows = questions()
    assert len({row["id"] for row in rows}) == len({row["question"] for row in rows}) == len(rows) >= 90


def test_no_document_has_more_than_twelve_questions_and_none_fewer_than_three() -> None:
    counts = Counter(row["file"] for row in questions())
    assert min(counts.values()) >= 3
    assert max(counts.values()) <= 12


def test_every_question_names_its_pages_and_a_known_kind() -> None:
    for row in questions():
        read_pages(row.filled("pages"))
        assert row["kind"] in KINDS


def test_boxes_lie_on_their_page() -> None:
    boxes = [[float(edge) for edge in row["box"].split(",")] for row in questions() if row["box"]]
    assert boxes
    assert all(0 <= left < right <= 1 and 0 <= top < bottom <= 1 for left, top, right, bottom in boxes)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("clips.tsv", ("file", "start", "seconds", "query")),
        ("sounds.tsv", ("class", "query")),
        ("speech.tsv", ("file", "query")),
        ("topic_texts.tsv", ("topic", "text")),
        ("topics.tsv", ("topic", "sound", "words", "phrase")),
        ("writing.tsv", ("kind", "text", "query")),
    ],
)
def test_every_cell_of_a_table_is_filled(table: str, columns: tuple[str, ...]) -> None:
    rows = list(read_rows(HERE / table, columns))
    assert rows
    assert all(row.filled(column) for row in rows for column in columns)


def test_no_query_for_words_repeats_them() -> None:
    for row in read_rows(HERE / "writing.tsv", ("kind", "text", "query")):
        assert row["text"].casefold() not in row["query"].casefold()


def test_a_modality_with_its_share_is_within_the_band_and_one_without_hits_is_not() -> None:
    one = Answered(relevant={Modality.IMAGE: 5, Modality.AUDIO: 5}, first=[Modality.IMAGE] * 10, right=10)
    even = Answered(relevant={Modality.IMAGE: 5, Modality.AUDIO: 5}, first=[Modality.IMAGE, Modality.AUDIO], right=2)
    assert [row[-1] for row in share_rows("text", [one])] == ["no", "no"]
    assert [row[-1] for row in share_rows("text", [even])] == ["yes", "yes"]


def test_a_question_that_found_nothing_gives_every_modality_no_share() -> None:
    nothing = Answered(relevant={Modality.IMAGE: 1, Modality.TEXT: 1}, first=[], right=0)
    assert [row[4] for row in share_rows("text", [nothing])] == ["0.000", "0.000"]


def test_chance_is_the_share_of_items_with_the_label_that_is_asked_for() -> None:
    items = [Labelled(label="dog"), Labelled(label=""), Labelled(label=""), Labelled(label="")]
    assert chance(items, [Labelled(label="dog")]) == 0.25
