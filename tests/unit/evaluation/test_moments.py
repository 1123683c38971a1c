"""What is told of found moments, on cases worked by hand."""

from __future__ import annotations

import pytest

from sensorium.evaluation.moments import AskedMoment, Moment, by_kind, is_near, moment_figures, temporal_iou


def moment(start: float, end: float, film: str = "a") -> Moment:
    return Moment(film=film, start=start, end=end)


def asked(*found: Moment, right: tuple[Moment, ...] = (moment(10, 20),), id: str = "q") -> AskedMoment:
    return AskedMoment(id=id, kind="speech", right=right, found=found)


def test_equal_moments_share_everything() -> None:
    assert temporal_iou(moment(3, 5), moment(3, 5)) == 1


def test_moments_that_only_touch_share_nothing() -> None:
    assert temporal_iou(moment(0, 5), moment(5, 9)) == 0


def test_a_moment_within_another_shares_its_own_length() -> None:
    assert temporal_iou(moment(0, 10), moment(2, 4)) == pytest.approx(0.2)


def test_the_same_seconds_of_another_film_share_nothing() -> None:
    assert temporal_iou(moment(0, 5), moment(0, 5, film="b")) == 0


def test_one_instant_is_itself_and_shares_nothing_with_a_stretch_around_it() -> None:
    assert temporal_iou(moment(3, 3), moment(3, 3)) == 1
    assert temporal_iou(moment(3, 3), moment(0, 6)) == 0


def test_an_iou_of_exactly_the_bound_reaches_it() -> None:
    assert asked(moment(10, 15)).reaches(0.5)
    assert not asked(moment(10, 14.9)).reaches(0.5)


def test_only_the_first_k_moments_count() -> None:
    query = asked(moment(40, 50), moment(10, 20))
    assert not query.reaches(0.5)
    assert query.reaches(0.5, k=2)


def test_any_of_several_right_moments_answers() -> None:
    assert asked(moment(70, 80, film="b"), right=(moment(10, 20), moment(70, 80, film="b"))).reaches(0.7)


def test_an_instant_within_the_moment_plays_it_without_reaching_any_iou() -> None:
    query = asked(moment(15, 15))
    assert query.plays()
    assert not query.reaches(0.1)


def test_a_start_before_the_moment_plays_it_up_to_two_seconds() -> None:
    assert is_near(moment(8, 9), moment(10, 20))
    assert not is_near(moment(7.9, 30), moment(10, 20))


def test_another_film_is_never_near() -> None:
    assert not is_near(moment(10, 20, film="b"), moment(10, 20))


def test_a_query_that_found_nothing_counts_as_missed() -> None:
    figures = moment_figures([asked(), asked(moment(10, 20), id="r")])
    assert {name: figure.mean for name, figure in figures.items()} == dict.fromkeys(figures, 0.5)


def test_a_query_without_a_right_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="no moment answers q"):
        asked(right=())


def test_a_moment_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="start <= end"):
        moment(5, 4)


def test_queries_are_told_apart_by_kind_in_their_order() -> None:
    queries = [AskedMoment(id=kind, kind=kind, right=(moment(0, 1),), found=()) for kind in ("sound", "frame")]
    assert list(by_kind([*queries, queries[0]])) == ["sound", "frame"]
    assert len(by_kind([*queries, queries[0]])["sound"]) == 2
