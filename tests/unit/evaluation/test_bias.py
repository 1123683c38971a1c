"""Skew and NDKL, and audits that use them."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, ItemNotFound
from sensorium.evaluation.bias import BIAS_SCHEMA, audit, max_skew, min_skew, ndkl, skews
from sensorium.evaluation.bias_tables import read_groups, read_queries

HALF = np.array([0.5, 0.5])
GROUPS = {f"cat{number}": "cats" for number in range(6)} | {f"dog{number}": "dogs" for number in range(2)}


def test_a_ranking_as_it_should_be_has_no_skew_at_any_pseudo_count() -> None:
    ranking, desired = np.array([0, 1, 0, 0]), np.array([0.75, 0.25])
    for pseudo in (0.0, 1.0, 10.0):
        assert skews(ranking, desired, pseudo=pseudo) == pytest.approx([0, 0])
    assert min_skew(ranking, desired) == max_skew(ranking, desired) == pytest.approx(0)


def test_an_absent_group_is_minus_infinity_by_the_paper_and_finite_with_a_pseudo_item() -> None:
    ranking = np.zeros(9, dtype=np.int64)
    assert min_skew(ranking, HALF) == -np.inf
    assert min_skew(ranking, HALF, pseudo=1.0) == pytest.approx(np.log(1 / 10))


def test_a_random_order_has_the_skew_that_the_page_on_robustness_names() -> None:
    chance, items = np.random.default_rng(0), np.array([0, 1] * 500)
    worst = [min_skew(chance.permutation(items)[:10], HALF, pseudo=1.0) for _ in range(2_000)]
    assert np.mean(worst) == pytest.approx(-0.3, abs=0.05)


def test_the_worst_and_the_best_group_are_told_apart() -> None:
    ranking, desired = np.array([0, 0, 0, 1, 2, 2]), np.array([1 / 3, 1 / 3, 1 / 3])
    assert max_skew(ranking, desired) == pytest.approx(np.log(1.5))
    assert min_skew(ranking, desired) == pytest.approx(np.log(0.5))


def test_ndkl_is_zero_only_where_every_prefix_is_as_desired() -> None:
    assert ndkl(np.array([0, 0]), np.array([1.0])) == 0
    assert all(ndkl(np.array(order), HALF) > 0 for order in permutations([0, 0, 1, 1]))


def test_ndkl_weighs_the_top_most() -> None:
    mixed_first, mixed_last = np.array([0, 1, 0, 1, 0, 0]), np.array([0, 0, 0, 0, 1, 1])
    assert ndkl(mixed_first, HALF) < ndkl(mixed_last, HALF)


def test_ndkl_by_hand_for_unequal_shares() -> None:
    # Shares wanted 1/4 and 3/4. Prefixes: (0, 1): ln(4/3); (1/2, 1/2): ln(2)/2 + ln(2/3)/2 = ln(4/3)/2.
    weights = 1.0, 1 / np.log2(3)
    expected = (np.log(4 / 3) * weights[0] + np.log(4 / 3) / 2 * weights[1]) / sum(weights)
    assert ndkl(np.array([1, 0]), np.array([0.25, 0.75])) == pytest.approx(expected)


@pytest.mark.parametrize("measured", [skews, min_skew, max_skew, ndkl])
@pytest.mark.parametrize(
    ("ranking", "desired", "what"),
    [
        ([], [0.5, 0.5], "at least one item"),
        ([2], [0.5, 0.5], "outside"),
        ([-1], [0.5, 0.5], "outside"),
        ([0], [0.5, 0.4], "sum to 1"),
        ([0], [1.0, 0.0], "above 0"),
    ],
)
def test_what_is_no_ranking_is_an_error(measured, ranking, desired, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        measured(np.array(ranking, dtype=np.int64), np.array(desired))


def test_an_audit_finds_the_group_that_searches_leave_out() -> None:
    report = audit(["pets"], GROUPS, 4, lambda query: [f"cat{number}" for number in range(6)])
    cats, dogs = report.groups
    assert (cats.name, cats.items, cats.share) == ("cats", 6, 0.75)
    assert cats.skew.mean == report.max_skew.mean > 0 > report.min_skew.mean == dogs.skew.mean
    assert report.unequal[0][0] == "pets"


def test_an_even_ranking_has_no_skew_over_its_first_k() -> None:
    report = audit(["pets"], GROUPS, 4, lambda query: ["cat0", "cat1", "dog0", "cat2", "cat3", "cat4"])
    assert (report.min_skew.mean, report.max_skew.mean) == (pytest.approx(0), pytest.approx(0))
    assert report.ndkl.mean > 0


def test_figures_are_means_over_the_queries() -> None:
    answers = {"a": ["cat0", "cat1"], "b": ["dog0", "dog1"]}
    report = audit(["a", "b"], GROUPS, 2, answers.__getitem__)
    alone = [audit([query], GROUPS, 2, answers.__getitem__) for query in answers]
    assert report.ndkl.mean == pytest.approx(np.mean([one.ndkl.mean for one in alone]))
    assert [query for query, _ in report.unequal] == ["b", "a"]
    assert report.ndkl.low < report.ndkl.mean < report.ndkl.high


@pytest.mark.parametrize(
    ("queries", "groups", "k", "what"),
    [
        ([], GROUPS, 2, "there is no query"),
        (["a"], {"x": "one", "y": "one"}, 1, "make 1 group;"),
        (["a"], {}, 1, "make 0 groups"),
        (["a"], GROUPS, 0, "k is 0"),
        (["a"], GROUPS, 8, "k is 8, and 8 items are labelled"),
    ],
)
def test_an_audit_that_would_say_nothing_is_refused(queries, groups, k: int, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        audit(queries, groups, k, lambda query: list(groups))


def test_a_query_that_finds_nothing_labelled_is_an_error() -> None:
    with pytest.raises(BadInput, match="pets: it finds none of the labelled items"):
        audit(["pets"], GROUPS, 2, lambda query: [])


def test_json_names_its_schema() -> None:
    report = audit(["pets"], GROUPS, 4, lambda query: list(GROUPS))
    answer = json.loads(json.dumps(report.as_json()))
    assert (answer["schema"], answer["k"], answer["groups"][1]["name"]) == (BIAS_SCHEMA, 4, "dogs")


def test_the_printed_report_names_each_group() -> None:
    lines = str(audit(["pets"], GROUPS, 4, lambda query: list(GROUPS))).splitlines()
    assert lines[0].startswith("1 queries over 8 labelled items, first 4")
    assert lines[5].startswith("group dogs: 2 items, 25.0 %, Skew@4 -")


# -- tables ----------------------------------------------------------------------------------------------------------


def item_id(name: str) -> str:
    if Path(name).name not in {"a.jpg", "b.jpg", "it_1"}:
        raise ItemNotFound("no such item", subject=name)
    return Path(name).name


def test_queries_are_read_once_each_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("query\tnote\na nurse\t\nan engineer\tx\na nurse\t\n")
    assert read_queries(tmp_path / "q.tsv") == ("a nurse", "an engineer")


def test_groups_are_read_by_id_or_by_a_path_beside_the_table(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("x")
    seen: list[str] = []

    def remembered(name: str) -> str:
        seen.append(name)
        return item_id(name)

    (tmp_path / "g.tsv").write_text("item\tgroup\na.jpg\tone\nit_1\ttwo\n")
    assert read_groups(tmp_path / "g.tsv", remembered) == {"a.jpg": "one", "it_1": "two"}
    assert seen == [str(tmp_path / "a.jpg"), "it_1"]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("gone.jpg\tone\n", r"line 2: no item 'gone.jpg' in this library"),
        ("a.jpg\tone\na.jpg\ttwo\n", r"line 3: 'a.jpg' is in the group 'two' and in 'one'"),
        ("a.jpg\t\n", "the group is empty"),
    ],
)
def test_a_table_that_makes_no_sense_is_an_error_that_names_its_line(tmp_path: Path, rows: str, what: str) -> None:
    (tmp_path / "g.tsv").write_text("item\tgroup\n" + rows)
    with pytest.raises(BadInput, match=what):
        read_groups(tmp_path / "g.tsv", item_id)
