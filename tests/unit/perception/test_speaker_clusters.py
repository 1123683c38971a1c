"""Vectors into persons: against the definition of average linkage, and at the edges."""

import numpy as np
import pytest

from sensorium.perception.speaker_clusters import cluster, match, voices


def rows(*values):
    found = np.asarray(values, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def slowly(vectors, threshold):
    """Average linkage as it is defined: merge the two likest clusters until none are like enough."""
    groups = [[n] for n in range(len(vectors))]
    likeness = (vectors @ vectors.T).astype(np.float64)
    while len(groups) > 1:
        mean, a, b = max(
            (likeness[np.ix_(groups[a], groups[b])].mean(), a, b) for a in range(len(groups)) for b in range(a)
        )
        if mean < threshold:
            break
        groups[b] += groups.pop(a)
    return {frozenset(group) for group in groups}


@pytest.mark.parametrize("seed", range(30))
def test_it_is_average_linkage(seed):
    random = np.random.default_rng(seed)
    vectors = rows(*np.abs(random.normal(size=(random.integers(2, 25), 5))))
    threshold = random.uniform(0.5, 0.97)
    labels = cluster(vectors, threshold)
    assert {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)} == slowly(vectors, threshold)


def test_persons_are_numbered_as_they_begin_to_speak():
    assert cluster(rows([0, 1], [1, 0], [0, 1], [1, 0.1]), 0.9).tolist() == [0, 1, 0, 1]


def test_equal_vectors_are_one_person():
    assert cluster(rows(*[[1, 1]] * 6), 0.99).tolist() == [0] * 6


@pytest.mark.parametrize("count", [0, 1])
def test_few_vectors_are_clustered_too(count):
    assert cluster(np.ones((count, 1), np.float32)).tolist() == [0] * count


def test_the_voice_of_a_cluster_is_the_mean_of_its_vectors():
    found = voices(rows([1, 0], [0, 1], [1, 0]), np.array([0, 0, 1]))
    np.testing.assert_allclose(found, [[0.5**0.5, 0.5**0.5], [1, 0]], atol=1e-6)


def test_a_voice_is_matched_to_the_likest_known_one():
    assert match(np.array([1, 0], np.float32), rows([1, 1], [1, 0.1]), 0.5) == 1


def test_a_stranger_is_nobody():
    assert match(np.array([1, 0], np.float32), rows([0, 1], [1, 2]), 0.8) is None


def test_without_known_voices_everybody_is_a_stranger():
    assert match(np.array([1, 0], np.float32), np.zeros((0, 2), np.float32)) is None
