"""Calibration error, verdicts and the report on them."""

from collections.abc import Sequence

import numpy as np
import pytest

from sensorium.core.items import Modality
from sensorium.evaluation.answered import Answered, Answers
from sensorium.evaluation.calibration import (
    CALIBRATION_SCHEMA,
    CalibrationReport,
    expected_calibration_error,
    reliability,
    verdicts,
)
from sensorium.evaluation.foreign import FOREIGN

RNG = np.random.default_rng(5)
NONE = float("nan")


def answers(
    scores: Sequence[Sequence[float]], right: Sequence[Sequence[bool]], *, cut: float = 0.5, known: bool = True
) -> Answers:
    table = np.array(scores, dtype=np.float64)
    truth = np.array(right, dtype=np.bool_)
    return Answers(
        asked=Modality.TEXT,
        found=Modality.IMAGE,
        looks=(),
        scores=table,
        raw=table,
        matches=table >= cut,
        right=truth,
        groups=np.arange(len(table)),
        right_answers=np.ones(len(table), dtype=np.int64) if known else np.zeros(len(table), dtype=np.int64),
        pictures=10,
        pieces=10,
    )


def test_scores_that_are_true_shares_have_no_error() -> None:
    scores = RNG.random(200_000)
    assert expected_calibration_error(reliability(scores, RNG.random(200_000) < scores)) < 0.01


def test_scores_that_promise_too_much_have_the_error_by_which_they_do() -> None:
    scores = RNG.uniform(0.4, 1.0, 200_000)
    bins = reliability(scores, RNG.random(200_000) < scores - 0.3)
    assert expected_calibration_error(bins) == pytest.approx(0.3, abs=0.01)


def test_bins_hold_as_many_hits_each() -> None:
    bins = reliability(RNG.random(100) ** 3, RNG.random(100) < 0.5, bins=7)
    assert {bin.hits for bin in bins} <= {14, 15}
    assert [bin.score for bin in bins] == sorted(bin.score for bin in bins)


def test_fewer_hits_than_bins_have_a_bin_each_and_none_has_none() -> None:
    assert len(reliability([0.1, 0.2], [True, False])) == 2
    assert reliability([], []) == []
    assert expected_calibration_error([]) == 0.0


def test_the_statement_is_wrong_of_a_question_with_an_answer() -> None:
    known = answers([[0.9, 0.1], [0.2, 0.1], [0.3, NONE], [0.6, 0.2]], [[True, False]] * 4)
    assert verdicts(known, None).answerable == 0.5


def test_without_its_right_answers_a_question_is_judged_by_what_is_left() -> None:
    known = answers([[0.9, 0.1], [0.9, 0.6], [0.9, 0.8]], [[True, False], [True, False], [False, True]])
    assert verdicts(known, None).removed == pytest.approx(1 / 3)


def test_a_question_that_nothing_answers_is_not_counted_as_answerable() -> None:
    known = answers([[0.1]], [[False]], known=False)
    assert (verdicts(known, None).answerables, verdicts(known, None).answerable) == (0, 0.0)


def test_foreign_questions_are_judged_by_themselves() -> None:
    foreign = answers([[0.1, 0.1], [0.9, 0.1]], [[False, False]] * 2, known=False)
    found = verdicts(answers([[0.9, 0.1]], [[True, False]]), foreign)
    assert (found.foreign, found.foreigns, found.precision(found.foreign)) == (0.5, 2, 1.0)


def test_a_statement_that_is_never_made_has_no_precision() -> None:
    found = verdicts(answers([[0.9, 0.8]], [[True, False]]), None)
    assert (found.precision(found.removed), found.precision(found.foreign)) == (None, None)


def test_no_foreign_question_is_asked_twice() -> None:
    assert len(set(FOREIGN)) == len(FOREIGN)


@pytest.fixture
def report() -> CalibrationReport:
    known = answers([[0.9, 0.1], [0.2, 0.1]], [[True, False]] * 2)
    return CalibrationReport.of(
        Answered(known={"text->image": known}, foreign={}), split="dev", space_id="a-1-b", seconds=1.0
    )


def test_a_report_names_its_schema_its_labels_and_each_pair(report: CalibrationReport) -> None:
    document = report.as_json()
    assert document["schema"] == CALIBRATION_SCHEMA
    assert "captions" in document["labels"]
    [pair] = document["pairs"]
    assert (pair["pair"], pair["nothing_matches"]["said_of_answerable"]) == ("text->image", 0.5)
    assert pair["nothing_matches"]["foreign"] == {"questions": 0, "recall": None, "precision": None}


def test_a_printed_report_states_errors_verdicts_and_bins(report: CalibrationReport) -> None:
    text = str(report)
    assert "ECE" in text
    assert "Nothing here matches" in text
    assert "0.10/0.00 0.10/0.00" in text


def test_a_diagram_is_drawn_the_same_twice(report: CalibrationReport, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    from sensorium.evaluation.reliability import draw_reliability

    first, second = (draw_reliability(report, tmp_path / name) for name in ("one", "two"))
    assert [path.name for path in first] == ["reliability.svg", "reliability.png"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
