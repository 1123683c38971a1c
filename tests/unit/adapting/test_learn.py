"""Learning: gradients, what is found, when it ends, and that it can be stopped anywhere."""

from dataclasses import replace

import numpy as np
import pytest

from sensorium.adapting import resume
from sensorium.adapting.kinds import KINDS, started
from sensorium.adapting.learn import BOTH, FEWEST_PAIRS, QUERY, Pairs, Recipe, learn, loss_and_gradients
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.encoders.adapters import IDENTITY

RECIPE = Recipe(kind="linear", rate=0.01, ridge=1e-4, stay=0.0, scale=20.0, rank=8, batch=64, epochs=20, patience=20)


def small(seed: int = 3) -> Pairs:
    random = np.random.default_rng(seed)
    texts, pictures = (random.standard_normal((5, 6)) for _ in range(2))
    texts, pictures = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (texts, pictures))
    return Pairs(texts=texts, pictures=pictures, text_of=np.array([0, 0, 1, 2, 3]), picture_of=np.arange(5))


@pytest.mark.parametrize("side", [QUERY, BOTH])
@pytest.mark.parametrize("kind", KINDS)
def test_every_gradient_is_how_the_loss_changes(kind: str, side: str) -> None:
    recipe = replace(RECIPE, kind=kind, side=side, ridge=0.1, stay=0.5)
    random = np.random.default_rng(1)
    learned = {}
    for modality in (Modality.TEXT, Modality.IMAGE)[: 1 if side == QUERY else 2]:
        arrays = started(kind, 6, 4, random)
        learned[modality] = {name: 0.5 * random.standard_normal(array.shape) for name, array in arrays.items()}
    rows = {Modality.TEXT: small(9).texts, Modality.IMAGE: small(8).pictures}
    elsewhere = {modality: rows[modality] for modality in learned}
    _, gradients = loss_and_gradients(learned, small(), recipe, elsewhere)
    for modality, arrays in learned.items():
        for name, array in arrays.items():
            for place in [(0,) * array.ndim, tuple(size - 1 for size in array.shape)]:
                before, step = array[place], 1e-6
                array[place] = before + step
                up, _ = loss_and_gradients(learned, small(), recipe, elsewhere)
                array[place] = before - step
                down, _ = loss_and_gradients(learned, small(), recipe, elsewhere)
                array[place] = before
                assert gradients[modality][name][place] == pytest.approx((up - down) / (2 * step), abs=1e-6), name


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_learned_finds_more_than_the_base(turned, kind: str) -> None:
    outcome = learn(turned(200), turned(50, seed=1), replace(RECIPE, kind=kind))
    assert outcome.best > 0
    assert outcome.curve[outcome.best].found > outcome.curve[0].found + 0.1


@pytest.mark.parametrize("count", [0, 1, FEWEST_PAIRS - 1])
def test_too_few_pairs_change_nothing(turned, count: int) -> None:
    pairs = turned(10).take(np.arange(count))
    outcome = learn(pairs, turned(5, seed=1), RECIPE)
    rows = turned(4).texts
    assert outcome.best == 0
    assert outcome.adapters[Modality.TEXT].apply(rows) is rows


def test_where_nothing_is_better_the_base_is_kept(turned) -> None:
    pairs, judged = turned(40), turned(20, seed=1)
    upside_down = replace(pairs, texts=-pairs.pictures)
    outcome = learn(upside_down, replace(judged, texts=judged.pictures), RECIPE)
    assert len(outcome.curve) > 1
    assert outcome.adapters[Modality.TEXT].kind == IDENTITY


def test_it_ends_when_it_has_gained_nothing_for_a_while(turned) -> None:
    random = np.random.default_rng(4)
    pairs = turned(40)
    wrong = replace(pairs, texts=pairs.texts[random.permutation(40)])
    outcome = learn(wrong, turned(20, seed=1), replace(RECIPE, epochs=100, patience=3))
    assert outcome.curve[-1].number == outcome.best + 3


def test_what_is_taken_is_the_epoch_that_did_best(turned) -> None:
    outcome = learn(turned(60), turned(20, seed=1), replace(RECIPE, rate=0.05))
    assert outcome.best == int(np.argmin([epoch.judged for epoch in outcome.curve]))


def arrays_of(outcome) -> list[np.ndarray]:
    return [array for adapter in outcome.adapters.values() for array in adapter.arrays.values()]


def test_the_same_seed_learns_the_same(turned) -> None:
    one, other = (learn(turned(90), turned(20, seed=1), replace(RECIPE, kind="mlp", batch=32)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(arrays_of(one), arrays_of(other), strict=True))
    assert one.curve == other.curve


def test_another_seed_learns_something_else(turned) -> None:
    one, other = (
        learn(turned(90), turned(20, seed=1), replace(RECIPE, kind="mlp", batch=32, seed=seed)) for seed in (0, 1)
    )
    assert not all(np.array_equal(a, b) for a, b in zip(arrays_of(one), arrays_of(other), strict=True))


@pytest.mark.parametrize("after", [1, 7])
def test_it_goes_on_as_if_it_had_not_been_stopped(turned, tmp_path, after: int) -> None:
    recipe, pairs, judged = replace(RECIPE, kind="low-rank", batch=32), turned(90), turned(20, seed=1)
    whole = learn(pairs, judged, recipe)
    file, key = tmp_path / "progress.npz", resume.lesson_key(pairs, judged, recipe, {})
    epochs = []

    def kept(progress) -> None:
        epochs.append(progress.number)
        resume.save(file, key, progress)

    first = learn(pairs, judged, recipe, kept=kept, is_over=lambda: len(epochs) >= after)
    assert (first.is_whole, epochs[-1]) == (False, after)
    second = learn(pairs, judged, recipe, start=resume.load(file, key))
    assert second.is_whole
    assert second.curve == whole.curve
    assert all(np.array_equal(a, b) for a, b in zip(arrays_of(second), arrays_of(whole), strict=True))


def test_another_lesson_does_not_go_on_from_there(turned, tmp_path) -> None:
    pairs, judged, file = turned(30), turned(20, seed=1), tmp_path / "progress.npz"
    key = resume.lesson_key(pairs, judged, RECIPE, {})
    learn(pairs, judged, replace(RECIPE, epochs=1), kept=lambda progress: resume.save(file, key, progress))
    other = resume.lesson_key(pairs, judged, replace(RECIPE, rate=0.5), {})
    with pytest.raises(BadInput, match="another recipe"):
        resume.load(file, other)


def test_a_damaged_file_is_told_of(turned, tmp_path) -> None:
    (tmp_path / "progress.npz").write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="can not be read"):
        resume.load(tmp_path / "progress.npz", "key")


def test_questions_of_other_domains_stay_where_they_are(turned) -> None:
    elsewhere = turned(200, seed=8).texts
    moved = []
    for stay in (0.0, 50.0):
        outcome = learn(
            turned(100), turned(30, seed=1), replace(RECIPE, stay=stay), elsewhere={Modality.TEXT: elsewhere}
        )
        moved.append(float(np.linalg.norm(outcome.adapters[Modality.TEXT].apply(elsewhere) - elsewhere)))
    assert moved[1] < moved[0] / 2


@pytest.mark.parametrize(
    "wrong", [{"kind": "lora"}, {"side": "left"}, {"rate": 0.0}, {"ridge": -1.0}, {"batch": 1}, {"scale": float("nan")}]
)
def test_a_recipe_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Recipe(**wrong)  # type: ignore[arg-type]
