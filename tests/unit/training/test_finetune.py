"""The second stage: it learns, it is the same each time, and it goes on where it was stopped."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from sensorium.training.finetune import TuneData, TuneRecipe, Tuning, disturbed  # noqa: E402
from sensorium.training.heads import HeadRecipe, fit_heads  # noqa: E402
from sensorium.training.measures import both_ways  # noqa: E402

PICTURES = 120
RECIPE = TuneRecipe(epochs=4, batch=40, trunk_rate=0.05, head_rate=1e-2, dropout=0.0, noise=0.0)


def upper() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(6, 12, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    ).eval()


def data() -> TuneData:
    rng = np.random.default_rng(2)
    causes = rng.normal(size=(PICTURES, 6)).astype(np.float32)
    cells = (causes[:, :, None, None] + rng.normal(size=(PICTURES, 6, 3, 3))).astype(np.float16)
    texts = np.repeat(causes @ rng.normal(size=(6, 9)), 2, axis=0).astype(np.float32)
    with torch.inference_mode():
        features = upper()(torch.from_numpy(cells.astype(np.float32))).numpy()
    owners = tuple(np.repeat(np.arange(PICTURES), 2).tolist())
    return TuneData(cells=cells, texts=texts, features=features, picture_of_caption=owners, groups=range(PICTURES))


DATA = data()
HEADS = fit_heads(
    DATA.texts,
    DATA.features,
    DATA.picture_of_caption,
    DATA.groups,
    HeadRecipe(width=4, epochs=5, batch=60, dropout=0.0),
)


def tuning() -> Tuning:
    return Tuning(upper(), HEADS, DATA, RECIPE)


def recall(run: Tuning) -> float:
    with torch.inference_mode():
        features = run.upper(torch.from_numpy(DATA.cells.astype(np.float32))).numpy()
    heads = run.heads()
    return both_ways(heads.text(DATA.texts), heads.image(features), DATA.picture_of_caption)[0].ten


def weights(run: Tuning) -> Any:
    return torch.cat([parameter.detach().flatten() for parameter in run.upper.parameters()])


def test_tuning_starts_at_the_heads_it_is_given() -> None:
    np.testing.assert_allclose(tuning().heads().image.weight, HEADS.image.weight, rtol=1e-4, atol=1e-5)


def test_pairs_are_found_better_afterwards(tmp_path: Path) -> None:
    run = tuning()
    before = recall(run)
    run.run(tmp_path / "checkpoint.pt")
    assert recall(run) > before + 5


def test_a_stopped_run_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    whole = tuning()
    whole.run(tmp_path / "whole.pt")

    def stop(epoch: int) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuning().run(tmp_path / "stopped.pt", after_epoch=stop)
    resumed, epochs = tuning(), []
    resumed.run(tmp_path / "stopped.pt", after_epoch=epochs.append)
    assert epochs == [3, 4]
    torch.testing.assert_close(weights(resumed), weights(whole))


def test_a_finished_run_is_not_trained_further(tmp_path: Path) -> None:
    first = tuning()
    first.run(tmp_path / "checkpoint.pt")
    again, epochs = tuning(), []
    again.run(tmp_path / "checkpoint.pt", after_epoch=epochs.append)
    assert epochs == []
    torch.testing.assert_close(weights(again), weights(first))


def test_disturbed_cells_are_mirrored_or_blanked_and_nothing_else() -> None:
    cells = torch.arange(1.0, 1 + 40 * 2 * 3 * 3).reshape(40, 2, 3, 3)
    found = disturbed(cells, 0.2)
    kept = found != 0
    assert (kept[:, 0] == kept[:, 1]).all()
    assert 0.1 < 1 - kept.float().mean() < 0.35
    straight, mirrored = (((found == source) | ~kept).flatten(1).all(1) for source in (cells, cells.flip(3)))
    assert (straight | mirrored).all()
    assert straight.any()
    assert mirrored.any()
