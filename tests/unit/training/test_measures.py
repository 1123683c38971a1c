"""The figures that choices are made by."""

import numpy as np
import pytest

from sensorium.training.measures import both_ways, label_precision, neighbour_overlap, recalls

RNG = np.random.default_rng(0)


def test_recall_counts_the_best_of_several_right_answers() -> None:
    similarities = np.array([[0.9, 0.8, 0.7, 0.1]], np.float32)
    assert recalls(similarities, np.array([[False, True, False, True]])).first == 0
    assert recalls(similarities, np.array([[True, False, False, True]])).first == 100


def test_a_tie_counts_against_the_right_answer() -> None:
    flat = np.zeros((6, 6), np.float32)
    assert recalls(flat, np.eye(6, dtype=bool)).five == 0


def test_depths_are_one_five_and_ten() -> None:
    similarities = -np.arange(20, dtype=np.float32)[None, :]
    found = [recalls(similarities, np.arange(20)[None, :] == rank) for rank in (0, 4, 9, 10)]
    assert [(f.first, f.five, f.ten) for f in found] == [(100, 100, 100), (0, 100, 100), (0, 0, 100), (0, 0, 0)]


def test_both_directions_are_told_apart() -> None:
    pictures = np.eye(2, dtype=np.float32)
    texts = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    text_to_image, image_to_text = both_ways(texts, pictures, (0, 0, 1))
    assert text_to_image.first == pytest.approx(200 / 3)
    assert image_to_text.first == 100


def test_overlap_is_whole_with_itself_and_small_with_noise() -> None:
    rows, noise = (RNG.normal(size=(200, 16)).astype(np.float32) for _ in range(2))
    assert neighbour_overlap(rows, rows) == 1
    assert neighbour_overlap(rows, noise) < 0.2


def test_precision_asks_only_for_labels_with_enough_rows() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), [12, 12, 1], axis=0)
    assert label_precision(rows, ["a"] * 12 + ["b"] * 12 + ["c"]) == 1
