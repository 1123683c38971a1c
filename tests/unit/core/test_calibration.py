"""Curves from raw scores to shares: they rise, whatever was fitted."""

from typing import Any

import pytest

from sensorium.core.calibration import Calibration, logistic, logit

KNOTS = ((-1.0, 0.5), (0.0, -0.5), (3.0, 0.5))


def curve(knots: tuple[tuple[float, float], ...] = (), **changed: Any) -> Calibration:
    return Calibration(**{"mean": 0.1, "deviation": 0.2, "slope": 2.0, "bias": -1.0, **changed}, knots=knots)


def test_a_curve_with_knots_keeps_the_order_of_raw_scores() -> None:
    scores = [curve(KNOTS).score(-1 + step / 50) for step in range(100)]
    assert scores == sorted(set(scores))


def test_corrections_are_added_to_the_line_and_stay_constant_beyond_the_outer_knots() -> None:
    line, bent = curve(), curve(KNOTS)
    for z, correction in ((-5.0, 0.5), (-0.5, 0.0), (0.0, -0.5), (1.5, 0.0), (9.0, 0.5)):
        assert bent.log_odds(z) == pytest.approx(line.log_odds(z) + correction)


@pytest.mark.parametrize(
    ("knots", "changed"),
    [
        ((), {"slope": -1.0}),
        ((), {"deviation": 0.0}),
        (((0.0, 0.0), (1.0, -2.0)), {}),
        (((1.0, 0.0), (0.0, 0.0)), {}),
    ],
)
def test_a_curve_that_does_not_rise_is_refused(
    knots: tuple[tuple[float, float], ...], changed: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="rise"):
        curve(knots, **changed)


@pytest.mark.parametrize("cut", [-0.1, 1.1, float("nan")])
def test_a_cut_that_is_no_score_is_refused(cut: float) -> None:
    with pytest.raises(ValueError, match="cut"):
        curve(cut=cut)


def test_what_reaches_the_cut_matches_and_nothing_below_it() -> None:
    cut = curve(cut=0.5)
    assert [cut.matches(raw) for raw in (0.19, 0.21)] == [False, True]


def test_among_twice_the_pieces_the_odds_are_half() -> None:
    fitted = curve(gallery=1000)
    one, two = (fitted.score(0.3, pieces) for pieces in (1000, 2000))
    assert two / (1 - two) == pytest.approx(one / (1 - one) / 2)
    assert one == curve().score(0.3)


def test_where_the_size_of_a_gallery_is_not_known_it_changes_nothing() -> None:
    assert curve().score(0.3, 10**6) == curve().score(0.3) == curve(gallery=1000).score(0.3)


def test_a_cut_asks_more_of_a_hit_among_more_pieces() -> None:
    fitted = curve(gallery=1000, cut=0.5)
    assert [fitted.matches(0.2, pieces) for pieces in (100, 1000, 10_000)] == [True, True, False]


def test_a_gallery_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="gallery"):
        curve(gallery=-1)


def test_without_a_cut_everything_matches() -> None:
    assert curve().matches(-100.0)


def test_logit_undoes_logistic() -> None:
    assert [logit(logistic(x)) for x in (-9.0, 0.0, 3.0)] == pytest.approx([-9.0, 0.0, 3.0])
    assert (logistic(logit(0.0)), logistic(logit(1.0))) == (0.0, 1.0)
