"""Heads learn what belongs together, the same way each time, and fold into one affine map."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.training.heads import CaptionMixer, HeadRecipe, Standardised, fit_heads, unit  # noqa: E402
from sensorium.training.losses import LOSSES  # noqa: E402
from sensorium.training.measures import both_ways  # noqa: E402

RNG = np.random.default_rng(0)
RECIPE = HeadRecipe(width=8, epochs=40, batch=64, rate=1e-2, dropout=0.1, noise=0.1)


def world(pictures: int) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Texts and pictures that show the same six causes through different random lenses, two captions each."""
    lens = np.random.default_rng(9)
    to_text, to_image = lens.normal(size=(6, 20)), lens.normal(size=(6, 30))
    causes = RNG.normal(size=(pictures, 6))
    texts = np.repeat(causes, 2, axis=0) @ to_text + 0.1 * RNG.normal(size=(2 * pictures, 20)) + 5
    images = causes @ to_image + 0.1 * RNG.normal(size=(pictures, 30))
    return texts.astype(np.float32), images.astype(np.float32), tuple(np.repeat(np.arange(pictures), 2).tolist())


def test_heads_find_pairs_that_they_did_not_see() -> None:
    texts, images, owners = world(300)
    heads = fit_heads(texts, images, owners, range(300), RECIPE)
    new_texts, new_images, new_owners = world(100)
    forth, back = both_ways(heads.text(new_texts), heads.image(new_images), new_owners)
    assert forth.first > 60
    assert back.first > 60


def test_the_same_seed_gives_the_same_heads_and_another_seed_others() -> None:
    texts, images, owners = world(50)
    one, same = (fit_heads(texts, images, owners, range(50), RECIPE) for _ in range(2))
    other = fit_heads(texts, images, owners, range(50), replace(RECIPE, seed=1))
    np.testing.assert_array_equal(one.text.weight, same.text.weight)
    assert np.abs(one.text.weight - other.text.weight).max() > 1e-3


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_teaches_heads_to_find_pairs_that_they_did_not_see(loss: str) -> None:
    texts, images, owners = world(300)
    heads = fit_heads(texts, images, owners, range(300), replace(RECIPE, loss=loss, draws=2))
    new_texts, new_images, new_owners = world(100)
    assert min(one.first for one in both_ways(heads.text(new_texts), heads.image(new_images), new_owners)) > 40


def test_averaged_heads_are_the_mean_of_those_after_the_last_epochs() -> None:
    texts, images, owners = world(50)
    recipe = replace(RECIPE, epochs=4)
    averaged = fit_heads(texts, images, owners, range(50), replace(recipe, averaged=1.0))
    last = fit_heads(texts, images, owners, range(50), recipe)
    only_last = fit_heads(texts, images, owners, range(50), replace(recipe, averaged=0.25))
    np.testing.assert_allclose(only_last.text.weight, last.text.weight, rtol=1e-5, atol=1e-7)
    assert np.abs(averaged.text.weight - last.text.weight).max() > 1e-3


def test_a_folded_head_is_the_layer_without_disturbance() -> None:
    features = torch.from_numpy(world(40)[1])
    layer = Standardised(features, width=5)
    with torch.no_grad():
        trained = layer.train(features, dropout=0.0, noise=0.0).numpy()
    np.testing.assert_allclose(layer.folded()(features.numpy()), trained, atol=1e-5)


def test_a_layer_around_a_head_folds_into_it_again() -> None:
    features = torch.from_numpy(world(40)[1])
    head = Standardised(features, width=5).folded()
    again = Standardised.around(head, features).folded()
    np.testing.assert_allclose(again.weight, head.weight, rtol=1e-5)
    np.testing.assert_allclose(again.bias, head.bias, atol=1e-4)


def test_a_constant_feature_gets_no_weight_worth_of_its_rounding() -> None:
    features = torch.from_numpy(world(40)[1])
    features[:, 3] = 0.25
    features[0, 3] += 1e-8
    weight = np.abs(Standardised(features, width=5).folded().weight)
    assert weight[:, 3].max() < 100 * weight.max(axis=0).mean()


def test_mixed_captions_are_those_of_their_picture() -> None:
    owners = (0, 0, 1, 2, 2, 2)
    features = torch.tensor(owners, dtype=torch.float32).unsqueeze(1)
    mixer = CaptionMixer(features, owners, torch.Generator().manual_seed(0))
    chosen = torch.tensor([2, 0, 1, 2])
    assert mixer(chosen).squeeze(1).tolist() == [2, 0, 1, 2]


def test_mixtures_reach_every_caption() -> None:
    mixer = CaptionMixer(torch.eye(3), (0, 0, 0), torch.Generator().manual_seed(0))
    assert (mixer(torch.zeros(200, dtype=torch.int64)).max(dim=0).values > 0.5).all()


def test_unit_rows_have_length_one() -> None:
    np.testing.assert_allclose(np.linalg.norm(unit(world(5)[0]), axis=1), 1, rtol=1e-6)
