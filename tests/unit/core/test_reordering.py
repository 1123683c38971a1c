"""Another order for some hits, and what is told of it."""

import pytest

from sensorium.core.reordering import KIND, reordered
from sensorium.testing.lists import keys, ranked

HITS = [ranked(number) for number in (1, 2, 3, 4)]


def test_hits_outside_the_places_stay_where_they_are() -> None:
    assert keys(reordered(HITS, [0, 2], [2, 0], "it")) == [3, 2, 1, 4]


def test_what_was_moved_says_from_where_to_where_and_what_was_not_says_nothing() -> None:
    moved = reordered(HITS, [0, 1, 2, 3], [1, 0, 2, 3], "the model")
    assert [(one.before, one.after, one.kind, one.words) for hit in moved for one in hit.rules] == [
        (2, 1, KIND, "the model puts it higher"),
        (1, 2, KIND, "the model puts it lower"),
    ]


def test_scores_matches_and_evidence_stay() -> None:
    before = {hit.found.key: (hit.score, hit.matches, hit.evidence) for hit in HITS}
    after = reordered(HITS, [0, 1, 2, 3], [3, 2, 1, 0], "it")
    assert {hit.found.key: (hit.score, hit.matches, hit.evidence) for hit in after} == before


@pytest.mark.parametrize("order", [[0, 0, 2], [0, 1], [0, 1, 3]])
def test_an_order_that_is_none_is_refused(order: list[int]) -> None:
    with pytest.raises(ValueError, match="every place once"):
        reordered(HITS, [0, 1, 2], order, "it")
