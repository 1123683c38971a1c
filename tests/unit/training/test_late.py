"""The second look: the score by hand, that training finds what is there, and that it goes on where it stopped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.training.late import LateData, LateRecipe, Words, best_weight, fit_late, late_scores, max_similarity  # noqa: E402

RECIPE = LateRecipe(width=4, epochs=30, batch=6, rate=0.02, dropout=0.0, word_dropout=0.0, cell_dropout=0.0)


@pytest.fixture
def data() -> LateData:
    """Twelve pictures of five cells and texts of three words, of which one is one of the cells, seen otherwise."""
    chance = np.random.default_rng(0)
    cells = chance.normal(size=(12, 5, 8)).astype(np.float16)
    turn = np.linalg.qr(chance.normal(size=(8, 8)))[0]
    words = chance.normal(size=(12, 3, 8)) * 0.1
    words[:, 1] = cells[:, 2].astype(np.float64) @ turn
    states = words.reshape(-1, 8).astype(np.float16)
    return LateData(words=Words(states, np.arange(0, 37, 3)), cells=cells, owners=np.arange(12), groups=range(12))


def test_a_score_is_the_mean_over_words_of_the_best_cell() -> None:
    words = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [9.0, 9.0]]])
    mask = torch.tensor([[True, True, False]])
    cells = torch.tensor([[[0.6, 0.8], [1.0, 0.0]], [[-1.0, 0.0], [0.0, -1.0]]])
    np.testing.assert_allclose(max_similarity(words, mask, cells).numpy(), [[0.9, 0.0]], atol=1e-6)


def test_training_finds_the_cell_that_a_word_speaks_of(data: LateData, tmp_path: Path) -> None:
    untrained = fit_late(lambda: data, replace(RECIPE, epochs=1, rate=1e-9), tmp_path / "none.pt")
    heads = fit_late(lambda: data, RECIPE, tmp_path / "late.pt")
    firsts = [
        (late_scores(data.words, data.cells, one).argmax(axis=1) == np.arange(12)).mean() for one in (untrained, heads)
    ]
    assert firsts[0] < 0.5
    assert firsts[1] > 0.8


def test_a_run_that_was_stopped_ends_like_one_that_was_not(
    data: LateData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit_late(lambda: data, RECIPE, tmp_path / "whole.pt")

    class Stopped(Exception):
        pass

    saved, epochs = torch.save, []

    def save(state: object, path: Path) -> None:
        saved(state, path)
        epochs.append(path)
        if len(epochs) == 7:
            Path(path).replace(tmp_path / "halves.pt")
            raise Stopped

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(Stopped):
        fit_late(lambda: data, RECIPE, tmp_path / "halves.pt")
    monkeypatch.undo()
    halves = fit_late(lambda: data, RECIPE, tmp_path / "halves.pt")
    np.testing.assert_allclose(halves.text.weight, whole.text.weight, atol=1e-6)


def test_the_weight_is_the_one_that_finds_most() -> None:
    raw = np.array([[0.5, 0.6, 0.0], [0.0, 0.7, 0.6]], np.float32)
    late = np.array([[0.4, 0.0, 0.0], [0.0, 0.1, 0.0]], np.float32)
    weight, gain = best_weight(raw, late, [0, 1])
    assert (weight, gain) == (0.3, 50.0)


def test_what_the_first_look_left_out_is_not_brought_back() -> None:
    raw, late = np.array([[0.1, 0.6]], np.float32), np.array([[0.9, 0.0]], np.float32)
    assert best_weight(raw, late, [0], depth=1)[1] == 0.0
