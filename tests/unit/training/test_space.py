"""The blocks of the space: what each pair of senses compares."""

import numpy as np
import pytest

pytest.importorskip("torch")

from sensorium.training.heads import Head, Heads, unit
from sensorium.training.names import NameView
from sensorium.training.space import SpacePlan, Towers, similarity_keeping, spread_keeping

RNG = np.random.default_rng(1)


def head(width: int, features: int) -> Head:
    return Head(RNG.normal(size=(width, features)).astype(np.float32), RNG.normal(size=width).astype(np.float32))


def towers(**shares: float) -> Towers:
    plan = SpacePlan(shared=6, text=5, image=4, **shares)
    names = NameView(head(7, 12).weight, head(7, 12).bias, RNG.normal(size=(7, 5)).astype(np.float32))
    return Towers(
        plan=plan,
        shared=Heads(head(6, 10), head(6, 12)),
        private=Heads(head(5, 10), head(4, 12)),
        names=names,
        late=Heads(head(3, 10), head(3, 12)),
    )


TEXTS = RNG.normal(size=(30, 10)).astype(np.float32)
PICTURES = RNG.normal(size=(30, 12)).astype(np.float32)


@pytest.mark.parametrize("name_weight", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_vectors_are_unit_rows_whatever_the_shares(share: float, name_weight: float) -> None:
    made = towers(text_share=share, image_share=share, name_weight=name_weight)
    for vectors in (made.texts(TEXTS), made.pictures(PICTURES, PICTURES)):
        assert vectors.shape == (30, 15)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_between_text_and_picture_heads_and_names_count_as_planned() -> None:
    made = towers(text_share=0.65, image_share=0.4, name_weight=0.2)
    found = made.texts(TEXTS) @ made.pictures(PICTURES, PICTURES).T
    planned = made.shared.text(TEXTS) @ made.shared.image(PICTURES).T
    planned = planned + 0.2 * made.private.text(TEXTS) @ made.names(PICTURES).T
    ratio = found / planned
    # float32 rounding is large where a product is small, so differences are held, not ratios
    np.testing.assert_allclose(found, np.median(ratio) * planned, atol=1e-5)


def test_without_names_rankings_between_text_and_picture_are_those_of_the_heads_alone() -> None:
    made = towers(text_share=0.65, image_share=0.4, name_weight=0.0)
    found = made.texts(TEXTS) @ made.pictures(PICTURES, PICTURES).T
    heads = made.shared.text(TEXTS) @ made.shared.image(PICTURES).T
    np.testing.assert_array_equal(np.argsort(found, axis=1), np.argsort(heads, axis=1))


def test_among_texts_the_private_block_counts_by_its_share() -> None:
    made = towers(text_share=0.3)
    vectors, shared, private = made.texts(TEXTS), made.shared.text(TEXTS), made.private.text(TEXTS)
    np.testing.assert_allclose(vectors @ vectors.T, 0.7 * shared @ shared.T + 0.3 * private @ private.T, atol=1e-5)


def test_similarity_is_kept_exactly_where_the_width_allows() -> None:
    rows = (RNG.normal(size=(40, 3)) @ RNG.normal(size=(3, 12))).astype(np.float32)
    kept = similarity_keeping(rows, 3)(rows)
    np.testing.assert_allclose(kept @ kept.T, unit(rows) @ unit(rows).T, atol=1e-5)


def test_every_set_keeps_its_widest_directions_however_small_it_is() -> None:
    wide, narrow = RNG.normal(size=(500, 6)) * [9, 8, 0, 0, 0, 0], RNG.normal(size=(20, 6)) * [0, 0, 0, 0, 0.1, 0]
    weight = spread_keeping([wide.astype(np.float32), narrow.astype(np.float32)], 2).weight
    kept = np.abs(weight).max(axis=0)
    assert kept[4] > 0.99
    assert kept[0] > 0.9


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_that_leaves_nothing_of_a_block_is_an_error(share: float) -> None:
    with pytest.raises(ValueError, match="text_share"):
        SpacePlan(text_share=share)


def test_names_of_what_is_likely_pull_a_picture_to_them() -> None:
    names = np.eye(3, dtype=np.float32)
    view = NameView(np.eye(3, dtype=np.float32) * 10, np.zeros(3, np.float32), names)
    assert np.argmax(view(np.eye(3, dtype=np.float32)), axis=1).tolist() == [0, 1, 2]
