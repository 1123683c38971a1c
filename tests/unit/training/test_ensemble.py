"""Several heads as one: cosines are the mean of theirs, and cutting keeps what matters."""

import numpy as np
import pytest

pytest.importorskip("torch")

from sensorium.training.ensemble import MeanLikeness, joined, side_by_side
from sensorium.training.heads import Head, Heads

RNG = np.random.default_rng(4)
TEXTS = RNG.normal(size=(60, 7)).astype(np.float32)
PICTURES = RNG.normal(size=(40, 9)).astype(np.float32)


def member(width: int = 5, loud: float = 1.0) -> Heads:
    return Heads(
        *(
            Head(loud * RNG.normal(size=(width, size)).astype(np.float32), RNG.normal(size=width).astype(np.float32))
            for size in (7, 9)
        )
    )


def cosines(heads: Heads) -> np.ndarray:
    return heads.text(TEXTS) @ heads.image(PICTURES).T


def test_the_mean_likeness_is_the_mean_of_cosines() -> None:
    members = [member(), member(), member()]
    mean = MeanLikeness(members)
    expected = np.mean([cosines(one) for one in members], axis=0)
    np.testing.assert_allclose(mean.texts(TEXTS) @ mean.pictures(PICTURES).T, expected, atol=1e-6)


def test_one_head_beside_itself_is_that_head() -> None:
    one = member()
    np.testing.assert_allclose(cosines(side_by_side([one, one], TEXTS, PICTURES)), cosines(one), atol=1e-5)


def test_a_loud_member_counts_no_more_than_a_quiet_one() -> None:
    one, other = member(), member()
    loud = Heads(*(Head(100 * head.weight, 100 * head.bias) for head in (one.text, one.image)))
    both, same = (side_by_side([first, other], TEXTS, PICTURES) for first in (one, loud))
    np.testing.assert_allclose(cosines(both), cosines(same), atol=1e-4)


def test_cutting_to_as_many_directions_as_there_are_changes_nothing() -> None:
    members = [member(), member()]
    whole, cut = side_by_side(members, TEXTS, PICTURES), joined(members, TEXTS, PICTURES, width=10)
    np.testing.assert_allclose(cosines(cut), cosines(whole), atol=1e-5)


def test_the_leading_directions_keep_cosines_better_than_a_member_does() -> None:
    members = [member(), member(), member()]
    whole = cosines(side_by_side(members, TEXTS, PICTURES))
    cut = joined(members, TEXTS, PICTURES, width=8)
    assert cut.text.weight.shape == (8, 7)
    assert np.abs(cosines(cut) - whole).mean() < np.abs(cosines(members[0]) - whole).mean()
