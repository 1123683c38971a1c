"""One ranked list: order, ties, the share of one item, evidence."""

from dataclasses import replace

import pytest

from sensorium.core.candidates import Admitted, Candidate
from sensorium.core.items import Modality, Rights
from sensorium.search.fuse import RankedList, Scored


def found(key: int, item: str) -> Admitted:
    return Admitted(key=key, item_id=item, tenant="local", rights=Rights())


def ranked(entries: list[tuple[int, str, float]], *, k: int = 10, per_item: int = 1) -> list[int]:
    ranking = RankedList(k=k, per_item=per_item)
    for rank, (key, item, score) in enumerate(entries, 1):
        ranking.add(found(key, item), scored(key, score, rank=rank))
    return [entry.found.key for entry in ranking.best()]


def scored(key: int, score: float, *, raw: float = 0.1, rank: int = 1, route: str = "vectors:hash") -> Scored:
    candidate = Candidate(key=key, route=route, modality=Modality.TEXT, raw=raw, rank=rank)
    return Scored(candidate=candidate, score=score, matches=True)


def test_the_best_score_comes_first() -> None:
    assert ranked([(1, "a", 0.2), (2, "b", 0.9)]) == [2, 1]


def test_equal_scores_keep_the_order_of_adding() -> None:
    assert ranked([(7, "b", 0.5), (3, "a", 0.5)]) == [3, 7]


@pytest.mark.parametrize(("per_item", "expected"), [(1, [1, 3]), (2, [1, 2, 3]), (0, [1, 2, 3, 4])])
def test_one_item_takes_no_more_places_than_allowed(per_item: int, expected: list[int]) -> None:
    entries = [(1, "a", 0.9), (2, "a", 0.8), (3, "b", 0.7), (4, "a", 0.6)]
    assert ranked(entries, per_item=per_item) == expected


def test_the_list_ends_at_k() -> None:
    assert ranked([(1, "a", 0.9), (2, "b", 0.8), (3, "c", 0.7)], k=2) == [1, 2]


def test_a_piece_found_twice_keeps_the_better_score_and_all_evidence() -> None:
    ranking = RankedList(k=10, per_item=1)
    ranking.add(found(1, "a"), scored(1, 0.4, route="one"))
    ranking.add(found(1, "a"), scored(1, 0.6, route="two"))
    [entry] = ranking.best()
    assert (entry.best.score, [one.evidence.route for one in entry.found_by]) == (0.6, ["one", "two"])


def test_what_nobody_looked_at_stands_below_the_last_that_somebody_did_in_its_own_order() -> None:
    lowest = scored(9, 0.3)
    deep = [scored(1, 0.7, raw=0.4).below(lowest), scored(2, 0.8, raw=0.5).below(lowest)]
    ranking = RankedList(k=10, per_item=1)
    for number, entry in enumerate([*deep, lowest, scored(8, 0.9)]):
        ranking.add(found(entry.candidate.key, f"item{number}"), entry)
    assert [entry.found.key for entry in ranking.best()] == [8, 9, 2, 1]
    assert [entry.best.score for entry in ranking.best()] == [0.9, 0.3, 0.3, 0.3]


def test_what_nobody_looked_at_keeps_a_lower_score_of_its_own() -> None:
    assert scored(1, 0.2).below(scored(9, 0.3)).score == 0.2


def test_nothing_matches_below_a_candidate_that_was_looked_at_and_does_not() -> None:
    assert not scored(1, 0.7).below(replace(scored(9, 0.3), matches=False)).matches
