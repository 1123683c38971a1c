"""Batches and the negatives in them."""

import numpy as np

from sensorium.adapting.hard import Negatives, batches


def around(count: int, texts: int = 0) -> tuple[np.ndarray, Negatives]:
    """Vectors on a circle, and each its own pair, or as many texts."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    numbers = np.arange(count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1), Negatives(numbers % (texts or count), numbers)


def test_every_pair_comes_once() -> None:
    rows, negatives = around(50)
    given = list(batches(rows, rows, negatives, 8, np.random.default_rng(0)))
    assert sorted(np.concatenate(given).tolist()) == list(range(50))
    assert max(map(len, given)) == 8


def test_what_is_easily_taken_for_each_other_comes_together() -> None:
    rows, negatives = around(64)
    near = [
        np.abs(np.subtract.outer(batch, batch) % 64)[~np.eye(len(batch), dtype=bool)].min()
        for batch in batches(rows, rows, negatives, 4, np.random.default_rng(0))
        if len(batch) == 4
    ]
    assert np.median(near) <= 2


def test_what_belongs_together_is_no_negative() -> None:
    rows, negatives = around(12, texts=3)
    nearest = negatives.nearest(rows, rows)
    assert not (negatives.text_of[nearest] == negatives.text_of[:, None]).any()


def test_all_that_fits_is_one_batch() -> None:
    rows, negatives = around(5)
    (only,) = batches(rows, rows, negatives, 8, np.random.default_rng(0))
    assert sorted(only.tolist()) == [0, 1, 2, 3, 4]
