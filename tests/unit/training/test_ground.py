"""The head of other languages by itself: it learns which picture is meant, and part of the way is part of the way."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.training.ground import Captioned, GroundRecipe, between, ground  # noqa: E402
from sensorium.training.heads import Head, unit  # noqa: E402

RECIPE = GroundRecipe(epochs=200, batch=50, rate=0.02, dropout=0.0, noise=0.0, near=0.0, part=1.0)


@pytest.fixture
def data() -> Captioned:
    """A hundred captions of ten pictures, whose states tell the picture by a turn that the head does not know."""
    chance = np.random.default_rng(0)
    pictures = unit(chance.normal(size=(10, 6)).astype(np.float32))
    owners = np.arange(100) % 10
    states = pictures[owners] @ chance.normal(size=(6, 12)).astype(np.float32)
    states += 0.1 * chance.normal(size=states.shape).astype(np.float32)
    return Captioned(states=states, wanted=-pictures[owners], owners=owners.tolist(), pictures=pictures)


@pytest.fixture
def head() -> Head:
    weight = np.random.default_rng(1).normal(size=(6, 12)).astype(np.float32)
    return Head(weight, np.zeros(6, np.float32))


def found(head: Head, data: Captioned) -> float:
    return float(((head(data.states) @ data.pictures.T).argmax(axis=1) == np.array(data.owners)).mean())


def test_captions_come_to_find_their_picture(head: Head, data: Captioned) -> None:
    assert found(head, data) < 0.4
    assert found(ground(head, data, RECIPE), data) > 0.9


def test_a_large_weight_of_the_distance_keeps_to_the_teacher(head: Head, data: Captioned) -> None:
    kept = ground(head, data, replace(RECIPE, near=100.0))
    assert float((kept(data.states) * data.wanted).sum(axis=1).mean()) > 0.8
    assert found(kept, data) < 0.5


def test_no_part_of_the_way_is_where_it_was(head: Head, data: Captioned) -> None:
    stayed = ground(head, data, replace(RECIPE, part=0.0))
    np.testing.assert_allclose(stayed.weight, head.weight)


def test_the_size_of_weights_does_not_decide_where_half_of_the_way_is(head: Head) -> None:
    larger = Head(10 * head.weight, 10 * head.bias)
    np.testing.assert_allclose(between(head, larger, 0.5).weight, head.weight, rtol=1e-5)
