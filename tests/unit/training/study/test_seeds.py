"""Seeds of the second stage: each has its row, all start alike, and their mean is a model too."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from sensorium.encoders.compact import WEIGHTS  # noqa: E402
from sensorium.training.compact import CompactRecipe, load_trunks  # noqa: E402
from sensorium.training.finetune import TuneRecipe  # noqa: E402
from sensorium.training.heads import HeadRecipe  # noqa: E402
from sensorium.training.many import Places  # noqa: E402
from sensorium.training.study.heads import HeadStudy  # noqa: E402
from sensorium.training.study.seeds import soup, tuned, tuned_seeds  # noqa: E402

RECIPE = CompactRecipe(heads=HeadRecipe(width=16, epochs=2, batch=8), tune=TuneRecipe(epochs=1, batch=8), held_out=4)


@pytest.fixture(scope="module")
def study(painted: Path, tmp_path_factory: pytest.TempPathFactory) -> HeadStudy:
    places = Places(data=painted, work=tmp_path_factory.mktemp("seeds"), out=WEIGHTS)
    return HeadStudy.of(places, RECIPE)


def test_each_seed_has_its_row_and_so_has_the_mean_of_their_weights(study: HeadStudy) -> None:
    _, *rows = tuned_seeds(study, RECIPE, range(2))
    assert [row[0] for row in rows] == ["seed 0", "seed 1", "R@1, mean and deviation", "mean of weights"]
    assert len(list(study.work.glob("tuning-*.pt"))) == 2


def test_the_mean_of_one_seed_twice_is_that_seed(study: HeadStudy) -> None:
    one = tuned(study, load_trunks(), RECIPE, 0)
    both = soup([one, one])
    np.testing.assert_allclose(both.heads.image.weight, one.heads.image.weight)
    torch.testing.assert_close(both.upper.state_dict(), one.upper.state_dict())


def test_the_mean_of_two_seeds_lies_between_them(study: HeadStudy) -> None:
    trunks = load_trunks()
    one, other = (tuned(study, trunks, replace(RECIPE, seed=0), seed) for seed in (0, 1))
    mean = soup([one, other])
    for name, weight in mean.upper.state_dict().items():
        between = (one.upper.state_dict()[name] + other.upper.state_dict()[name]) / 2
        torch.testing.assert_close(weight, between)
    assert not torch.equal(mean.upper.state_dict()["5.weight"], one.upper.state_dict()["5.weight"])
