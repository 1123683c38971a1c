"""Questions by a damaged copy of a picture that is there, and the curve that knows them."""

import numpy as np

from sensorium.core.items import Modality
from sensorium.evaluation.answered import Answers
from sensorium.training.calibrate import calibrate, cut
from sensorium.training.copies import DAMAGES, calibrate_with_copies, damaged, with_copies

MEAN, DEVIATION = 0.3, 0.1


def asked(raw: np.ndarray, right: np.ndarray) -> Answers:
    return Answers(
        asked=Modality.IMAGE,
        found=Modality.IMAGE,
        looks=(),
        scores=np.full_like(raw, np.nan),
        raw=raw,
        matches=np.zeros_like(right),
        right=right,
        groups=np.arange(len(raw)),
        right_answers=right.sum(axis=1),
        pictures=len(raw),
        pieces=len(raw),
        grows=True,
    )


def known(count: int = 80) -> Answers:
    """Hits between 0.2 and 0.6, of which the higher ones are right more often."""
    draw = np.random.default_rng(0)
    raw = -np.sort(-draw.uniform(0.2, 0.6, (count, 20)), axis=1)
    return asked(raw, draw.random(raw.shape) < (raw - 0.2) / 2)


def test_every_question_is_asked_once_more_with_one_right_answer_more() -> None:
    once = known()
    both = with_copies(once, np.full(80, 0.95))
    assert both.right_answers.tolist() == [*once.right_answers, *(once.right_answers + 1)]
    assert both.raw[80:, 0].tolist() == [0.95] * 80
    assert both.right[80:, 0].all()
    np.testing.assert_array_equal(both.raw[80:, 1:], once.raw[:, :-1])


def test_a_copy_that_is_hardly_like_its_picture_stands_where_it_is_found() -> None:
    both = with_copies(asked(np.array([[0.5, 0.4, 0.1]]), np.zeros((1, 3), np.bool_)), np.array([0.3]))
    assert both.raw[1].tolist() == [0.5, 0.4, 0.3]
    assert both.right[1].tolist() == [False, False, True]


def test_a_copy_scores_higher_by_a_curve_that_knows_copies() -> None:
    plain = calibrate(known(), MEAN, DEVIATION)
    copied = calibrate_with_copies(known(), np.random.default_rng(1).uniform(0.9, 1.0, 80), MEAN, DEVIATION)
    assert copied.score(0.95) > 0.95
    assert copied.score(0.95) > plain.score(0.95)


def test_copies_do_not_move_the_cut() -> None:
    once, copies = known(), np.full(80, 0.95)
    curve = calibrate_with_copies(once, copies, MEAN, DEVIATION)
    assert curve.cut == round(cut(curve, once), 6)
    assert curve.cut != round(cut(curve, with_copies(once, copies)), 6)


def test_copies_keep_their_shape_and_are_all_damaged() -> None:
    pictures = [np.random.default_rng(seed).integers(0, 255, (240, 320, 3), np.uint8) for seed in range(len(DAMAGES))]
    copies = damaged(pictures)
    assert [copy.shape for copy in copies] == [(240, 320, 3)] * len(DAMAGES)
    assert all((copy != picture).any() for copy, picture in zip(copies, pictures, strict=True))
