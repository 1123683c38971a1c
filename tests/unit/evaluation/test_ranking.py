"""From encoded entries to ranked answers: order, ties, several pieces, what is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Space
from sensorium.evaluation.encoding import EncodedEntry
from sensorium.evaluation.ranking import Ranking, gallery_of, index_of, rank
from sensorium.evaluation.tasks import Entry, Task
from sensorium.indexes.faiss import FaissFactory

SPACE = Space(name="flat", version="1", width=2, digest="ab" * 32)


def at(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


def text(name: str) -> Entry:
    return Entry(id=name, modality=Modality.TEXT, text=name)


def ranked(task: Task, angles: dict[str, Sequence[float]], pages: Sequence[int] = (), depth: int = 100) -> Ranking:
    """angles: where the pieces of each entry point; the first is that of the entry as a query."""
    encoded = {
        entry: EncodedEntry(
            pages=list(pages or [1] * len(angles[entry.id])),
            pieces=[at(degrees) for degrees in angles[entry.id]],
            question=at(angles[entry.id][0]),
        )
        for entry in {*task.queries, *task.gallery}
    }
    gallery = gallery_of(task, encoded)
    return rank(task, encoded, gallery, index_of(gallery, SPACE, FaissFactory()), depth)


def task(query: str, gallery: str, right: dict[str, int], **more: bool) -> Task:
    return Task(
        name="t",
        queries=(text(query),),
        gallery=tuple(text(name) for name in gallery),
        grades=(right,),
        clusters=(query,),
        **more,
    )


def names(ranking: Ranking, of: Task) -> list[str]:
    ((_, answers),) = ranking.run(of)
    return [answer for answer, _ in answers]


def test_answers_are_ordered_by_how_near_they_are() -> None:
    one = task("q", "abc", {"a": 1})
    found = ranked(one, {"q": [0], "a": [60], "b": [10], "c": [30]})
    assert names(found, one) == ["b", "c", "a"]
    assert found.judged.grades.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("gallery", ["abc", "cba", "bac"])
def test_of_equals_the_worse_stand_first_in_whatever_order_they_come(gallery: str) -> None:
    one = task("q", gallery, {"a": 1, "b": 3})
    found = ranked(one, {"q": [0], "a": [20], "b": [20], "c": [20]})
    assert names(found, one) == ["c", "a", "b"]


def test_scores_that_differ_by_rounding_alone_are_ties() -> None:
    one = task("q", "ab", {"a": 1})
    assert names(ranked(one, {"q": [0], "a": [20], "b": [20.00005]}), one) == ["b", "a"]


def test_a_clearly_better_score_of_a_right_answer_is_no_tie() -> None:
    one = task("q", "ab", {"a": 1})
    assert names(ranked(one, {"q": [0], "a": [20], "b": [20.1]}), one) == ["a", "b"]


def test_right_answers_beyond_the_depth_count_as_not_found() -> None:
    one = task("q", "abc", {"c": 1})
    found = ranked(one, {"q": [0], "a": [1], "b": [2], "c": [3]}, depth=2)
    assert found.judged.grades.tolist() == [[0, 0]]
    assert found.judged.right == [[1]]


def test_an_answer_scores_as_its_best_piece_and_stands_once() -> None:
    one = task("q", "ab", {"a": 1})
    assert names(ranked(one, {"q": [0], "a": [80, 10], "b": [20, 30]}), one) == ["a", "b"]


def test_a_query_in_the_gallery_is_left_out_of_its_answers() -> None:
    one = task("a", "abc", {"b": 1}, leave_out=True)
    found = ranked(one, {"a": [0], "b": [20], "c": [10]})
    assert names(found, one) == ["c", "b"]
    assert found.judged.grades.shape == (1, 2)


def test_pages_are_answers_of_their_own() -> None:
    one = task("q", "ab", {"a#2": 1}, by_page=True)
    found = ranked(one, {"q": [0, 0], "a": [80, 10], "b": [30, 40]}, pages=[1, 2])
    assert names(found, one) == ["a#2", "b#1", "b#2", "a#1"]


def test_a_right_page_that_the_file_lacks_is_told() -> None:
    with pytest.raises(BadInput, match="query q: there is no page a#3"):
        ranked(task("q", "a", {"a#3": 1}, by_page=True), {"q": [0], "a": [10]})


def test_many_queries_are_asked_in_batches_with_the_same_result() -> None:
    count = 600
    entries = tuple(text(str(number)) for number in range(count))
    one = Task(
        name="t",
        queries=entries,
        gallery=entries,
        grades=tuple({str(number): 1} for number in range(count)),
        clusters=tuple(map(str, range(count))),
    )
    found = ranked(one, {str(number): [number * 0.5] for number in range(count)}, depth=3)
    assert found.answers[:, 0].tolist() == list(range(count))
