"""Gradients of losses against differences, and who belongs to whom."""

import numpy as np
import pytest

from sensorium.adapting.losses import belonging, multi_positive, staying

RANDOM = np.random.default_rng(5)


def unit(rows: int, width: int = 6) -> np.ndarray:
    drawn = RANDOM.standard_normal((rows, width))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def differences(loss, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = at.copy()
        moved[place] += step
        up = loss(moved)
        moved[place] -= 2 * step
        found[place] = (up - loss(moved)) / (2 * step)
    return found


@pytest.mark.parametrize("shape", [(4, 4), (3, 5)], ids=["square", "wide"])
def test_the_gradient_of_the_loss_is_how_the_loss_changes(shape: tuple[int, int]) -> None:
    likeness = RANDOM.uniform(-1, 1, shape)
    right = np.zeros(shape, dtype=bool)
    right[np.arange(shape[1]) % shape[0], np.arange(shape[1])] = True
    right[0, 1] = True
    _, gradient = multi_positive(likeness, right, 7.0)
    np.testing.assert_allclose(gradient, differences(lambda at: multi_positive(at, right, 7.0)[0], likeness), atol=1e-6)


def test_the_gradient_of_staying_is_how_it_changes() -> None:
    base, at = unit(4), unit(4)
    _, gradient = staying(at, base)
    np.testing.assert_allclose(gradient, differences(lambda rows: staying(rows, base)[0], at), atol=1e-6)


def test_what_stays_costs_nothing() -> None:
    rows = unit(3)
    assert staying(rows, rows)[0] == pytest.approx(0)


def test_a_title_that_two_pictures_have_is_right_for_both() -> None:
    likeness = np.array([[0.9, 0.9], [0.9, 0.9]])
    both = np.ones((2, 2), dtype=bool)
    one_by_one = multi_positive(likeness, np.eye(2, dtype=bool), 10.0)[1]
    np.testing.assert_allclose(multi_positive(likeness, both, 10.0)[1], 0, atol=1e-12)
    assert np.abs(one_by_one).max() > 1


def test_pairs_belong_together_by_text_or_by_picture() -> None:
    texts, pictures = np.array([0, 0, 1]), np.array([0, 1, 1])
    right = belonging((texts, pictures), (texts, pictures))
    assert right.tolist() == [[True, True, False], [True, True, True], [False, True, True]]
