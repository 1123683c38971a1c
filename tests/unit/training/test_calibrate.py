"""Curves and cuts from judged answers."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.evaluation.answered import Answers
from sensorium.training.calibrate import (
    FALSE_ALARMS,
    Judged,
    as_listed,
    beta,
    calibrate,
    chosen,
    cut,
    isotonic,
    platt,
)

RNG = np.random.default_rng(3)
LINE = Calibration(mean=0.0, deviation=1.0, slope=1.0, bias=0.0)


def judged(z: npt.NDArray[np.float64], share: npt.NDArray[np.float64]) -> Judged:
    """Hits that are right as often as `share` says, ten of each picture."""
    right = (RNG.random(len(z)) < share).astype(np.float64)
    return Judged(z=z, right=right, weight=np.ones(len(z)), groups=np.arange(len(z)) // 10)


def on_a_line(count: int = 20_000) -> Judged:
    z = RNG.normal(0, 1.5, count)
    return judged(z, 1 / (1 + np.exp(-(2 * z - 1))))


def in_steps(count: int = 20_000) -> Judged:
    z = RNG.uniform(-2, 2, count)
    return judged(z, np.select([z < -1, z < 1], [0.1, 0.3], 0.9))


def answers(raw: object, right: object, *, pictures: int = 1_000, grows: bool = False) -> Answers:
    table, truth = np.array(raw, dtype=np.float64), np.array(right, dtype=np.bool_)
    return Answers(
        asked=Modality.TEXT,
        found=Modality.IMAGE,
        looks=(),
        scores=table,
        raw=table,
        matches=np.isfinite(table),
        right=truth,
        groups=np.arange(len(table)),
        right_answers=truth.sum(axis=1),
        pictures=pictures,
        pieces=pictures,
        grows=grows,
    )


def test_a_score_is_the_share_of_right_hits_with_such_raw_scores() -> None:
    curve = platt(on_a_line())
    assert (curve.slope, curve.bias) == (pytest.approx(2, abs=0.1), pytest.approx(-1, abs=0.1))


def test_kinds_that_do_not_overlap_give_a_finite_curve() -> None:
    z = np.concatenate([np.full(50, 3.0), np.zeros(500)])
    curve = platt(Judged(z=z, right=(z > 1).astype(float), weight=np.ones(550), groups=np.arange(550)))
    assert curve.score(3.0) > 0.9 > 0.1 > curve.score(0.0)


def test_what_counts_more_moves_the_curve_more() -> None:
    data = on_a_line()
    rarer = replace(data, weight=np.where(data.right > 0, 1.0, 10.0))
    assert platt(rarer).score(0.5) < platt(data).score(0.5) / 2


@pytest.mark.parametrize("fit", [beta, isotonic])
def test_another_curve_says_the_same_where_the_line_is_true(fit) -> None:
    data = on_a_line()
    line, other = platt(data), fit(data)
    for z in (-1.0, 0.0, 1.0, 2.0):
        assert other.score(z) == pytest.approx(line.score(z), abs=0.05)


def test_isotonic_regression_finds_steps_and_rises_all_the_same() -> None:
    curve = isotonic(in_steps())
    assert curve is not None
    assert [curve.score(z) for z in (-1.8, 0.0, 1.8)] == pytest.approx([0.1, 0.3, 0.9], abs=0.04)
    scores = [curve.score(z) for z in np.linspace(-3, 3, 200)]
    assert scores == sorted(scores)


def test_a_beta_curve_that_would_fall_is_none() -> None:
    z = np.linspace(-3, 3, 5_000)
    right = (z < 1.5).astype(np.float64)
    hits = Judged(z=z, right=right, weight=np.ones(len(z)), groups=np.arange(len(z)) // 10)
    assert beta(hits) is None


def test_the_line_is_kept_where_nothing_else_is_clearly_better() -> None:
    assert chosen(on_a_line(5_000)).knots == ()


def test_a_bent_curve_is_chosen_where_it_is_clearly_better() -> None:
    assert chosen(in_steps()).knots


def test_too_few_pictures_to_leave_some_out_give_the_line() -> None:
    assert chosen(in_steps(60)).knots == ()


def test_nothing_judged_gives_a_curve_that_promises_little() -> None:
    nothing = np.empty(0)
    curve = platt(Judged(z=nothing, right=nothing, weight=nothing, groups=np.empty(0, np.int64)))
    assert curve.score(0.0) == pytest.approx(0.001)


def test_a_wrong_hit_of_a_small_gallery_stands_for_as_many_as_a_large_one_has() -> None:
    raw = np.linspace(0.9, 0.1, 30)[None]
    right = np.zeros((1, 30), dtype=bool)
    right[0, 3] = True
    listed = as_listed(answers(raw, right, pictures=250), 0.0, 1.0)
    hard = listed.weight > 1
    assert listed.weight[hard].tolist() == [4.0] * 3
    assert listed.z[~hard].tolist() == pytest.approx(raw[0, 20:].tolist())  # the right one lies below twelve wrong ones


def test_a_right_hit_counts_once_unless_right_ones_grow_with_the_gallery() -> None:
    raw, right = [[0.9, 0.8, 0.7]], [[True, False, False]]
    once = as_listed(answers(raw, right, pictures=500), 0.0, 1.0)
    often = as_listed(answers(raw, right, pictures=500, grows=True), 0.0, 1.0)
    assert (once.weight.tolist(), often.weight.tolist()) == ([1.0, 2.0, 2.0], [2.0, 2.0, 2.0])


def test_raw_scores_are_standardised_and_gaps_are_no_hits() -> None:
    listed = as_listed(answers([[0.5, float("nan")]], [[True, False]]), 0.1, 0.2)
    assert listed.z.tolist() == pytest.approx([2.0])


def test_the_allowed_share_of_answerable_questions_stays_below_the_cut() -> None:
    known = answers(RNG.normal(0.0, 1.0, (1_000, 1)), np.ones((1_000, 1)))
    below = np.mean([LINE.score(raw) < cut(LINE, known) for raw in known.raw[:, 0]])
    assert below == pytest.approx(FALSE_ALARMS, abs=0.002)


def test_questions_without_an_answer_do_not_move_the_cut() -> None:
    raw = RNG.normal(0.0, 1.0, (100, 1))
    right = np.tile([[True], [False]], (50, 1))
    assert cut(LINE, answers(raw, right)) == cut(LINE, answers(raw[::2], right[::2]))


def test_a_cut_found_among_fewer_pieces_is_told_for_as_many_as_the_curve_is_fitted_for() -> None:
    known = answers(RNG.normal(0.0, 1.0, (1_000, 1)), np.ones((1_000, 1)), pictures=500)
    fitted = replace(LINE, gallery=1_000)
    fitted = replace(fitted, cut=cut(fitted, known))
    assert np.mean([not fitted.matches(raw, 500) for raw in known.raw[:, 0]]) == pytest.approx(FALSE_ALARMS, abs=0.002)


def test_where_no_question_has_an_answer_there_is_no_cut() -> None:
    assert cut(LINE, answers([[0.5]], [[False]])) == 0.0


def test_a_curve_with_its_cut_keeps_the_units_of_raw_scores() -> None:
    raw = RNG.normal(0.3, 0.1, (400, 10))
    right = RNG.random((400, 10)) < 1 / (1 + np.exp(-(raw - 0.3) / 0.05))
    curve = calibrate(answers(np.sort(raw)[:, ::-1], np.take_along_axis(right, np.argsort(-raw), 1)), 0.1, 0.1)
    assert (curve.mean, curve.deviation) == (0.1, 0.1)
    assert curve.score(0.3) == pytest.approx(0.5, abs=0.05)
    assert (0 < curve.cut < 1, curve.gallery) == (True, 1_000)
