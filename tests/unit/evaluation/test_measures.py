"""Measures: figures worked by hand, what must hold for any ranks, and what `ir_measures` says of the same."""

import builtins

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.errors import ExtraMissing
from sensorium.evaluation.measures import (
    MEASURES,
    NOT_FOUND,
    Judged,
    average_precision,
    measure,
    median_rank,
    ndcg_at_k,
    per_query,
    recall_at_k,
    reciprocal_rank,
    success_at_k,
)

RANKS = st.lists(st.integers(1, 50) | st.just(NOT_FOUND), min_size=1).map(np.array)


def judged(*rows: list[int], right: list[list[int]] | None = None) -> Judged:
    return Judged(grades=np.array(rows), right=right or [[grade for grade in row if grade] for row in rows])


@pytest.mark.parametrize(("k", "hits"), [(1, [1, 0, 0, 0]), (5, [1, 1, 0, 0]), (6, [1, 1, 1, 0]), (1000, [1, 1, 1, 0])])
def test_success_is_whether_a_right_answer_has_rank_k_or_better(k: int, hits: list[int]) -> None:
    assert success_at_k(np.array([1, 5, 6, NOT_FOUND]), k).tolist() == hits


def test_success_and_recall_differ_where_a_query_has_several_right_answers() -> None:
    answers = judged([1, 0, 1, 1, 0])
    assert per_query(answers, ["Success@1", "R@1", "R@3"]) == {
        "Success@1": [1.0],
        "R@1": pytest.approx([1 / 3]),
        "R@3": pytest.approx([2 / 3]),
    }


def test_right_answers_that_were_not_found_count_in_recall_precision_and_gain() -> None:
    answers = judged([1, 0], right=[[1, 1]])
    assert recall_at_k(answers, 10).tolist() == [0.5]
    assert average_precision(answers).tolist() == [0.5]
    assert ndcg_at_k(answers, 10) == pytest.approx([1 / (1 + 1 / np.log2(3))])


def test_a_better_grade_further_up_is_worth_more() -> None:
    assert ndcg_at_k(judged([3, 1]), 10).tolist() == [1.0]
    assert ndcg_at_k(judged([1, 3]), 10) == pytest.approx([(1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3))])


def test_success_at_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="from 1"):
        success_at_k(np.array([1]), 0)


def test_what_was_not_found_has_the_reciprocal_rank_0() -> None:
    assert reciprocal_rank(np.array([1, 2, 4, NOT_FOUND])).tolist() == [1, 1 / 2, 1 / 4, 0]


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    assert median_rank(np.array([1, 2, 7, 100])) == 4.5


def test_the_median_is_infinite_when_most_queries_find_nothing() -> None:
    assert median_rank(np.array([1, NOT_FOUND, NOT_FOUND])) == float("inf")


@pytest.mark.parametrize("figure", [reciprocal_rank, median_rank, lambda ranks: success_at_k(ranks, 1)])
@pytest.mark.parametrize("ranks", [np.array([], dtype=np.int64), np.array([0, 1]), np.array([[1]])])
def test_what_are_no_ranks_is_refused(figure, ranks: np.ndarray) -> None:
    with pytest.raises(ValueError, match="rank"):
        figure(ranks)


@pytest.mark.parametrize("grades", [np.zeros((0, 3)), np.zeros(3), np.zeros((2, 3))])
def test_grades_belong_to_queries_one_row_each(grades: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected grades"):
        Judged(grades=grades, right=[[1]] * (len(grades) % 2))


@pytest.mark.parametrize("name", ["nDCG", "nDCG@0", "R@", "P@5", "ap", ""])
def test_a_name_that_is_no_measure_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no measure"):
        measure(name)


@given(RANKS)
def test_success_grows_with_k_and_the_reciprocal_rank_lies_above_that_at_1(ranks: np.ndarray) -> None:
    means = [success_at_k(ranks, k).mean() for k in (1, 2, 5, 10, 50)]
    assert means == sorted(means)
    assert means[0] - 1e-12 <= reciprocal_rank(ranks).mean() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_all_figures_are_those_of_ir_measures_on_a_run_with_ties(seed: int) -> None:
    """Scores have few values, and the answers' names are such that trec_eval puts wrong ones first, as we do."""
    random = np.random.default_rng(seed)
    queries, answers = 300, 30
    grades = random.choice([0, 0, 0, 1, 3], (queries, answers))
    grades[:, 0] = 1
    scores = random.integers(0, 4, (queries, answers)).astype(float)
    order = np.lexsort((grades, -scores), axis=1)
    depth = 12
    ranked = np.take_along_axis(grades, order, axis=1)[:, :depth]
    names = [[f"{9 - grade} {number}" for number, grade in enumerate(row)] for row in grades.tolist()]
    qrels = {
        str(q): {name: int(g) for name, g in zip(names[q], grades[q], strict=True) if g > 0} for q in range(queries)
    }
    run = {str(q): {names[q][a]: scores[q, a] for a in order[q][:depth]} for q in range(queries)}
    ours = per_query(Judged(grades=ranked, right=[list(own.values()) for own in qrels.values()]), MEASURES)
    theirs = {name: np.full(queries, -1.0) for name in MEASURES}
    for found in ir_measures.iter_calc([ir_measures.parse_measure(name) for name in MEASURES], qrels, run):
        theirs[str(found.measure)][int(found.query_id)] = found.value
    for name in MEASURES:
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-6, err_msg=name)


def test_what_needs_the_extra_says_so_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name == "ir_measures":
            raise ModuleNotFoundError("no such module", name=name)
        return installed(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"AP need ir_measures.*sensorium\[evaluate\]"):
        per_query(judged([1]), ["AP", "RR"])
    assert per_query(judged([0, 1]), ["RR", "Success@1"]) == {"RR": [0.5], "Success@1": [0.0]}
