"""The third stage on a trunk of random weights: it learns, it resumes, it leaves the lower layers alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.training.distil import DistilData, Distilling, DistilRecipe, Lessons, head_onto, rate_at  # noqa: E402
from sensorium.training.heads import unit  # noqa: E402
from sensorium.training.trunks import e5  # noqa: E402

RECIPE = DistilRecipe(steps=12, batch=16, layers=2, rate=1e-3, head_rate=1e-2, rising=2, first=30, save_every=4)
TEXTS = [[0, 10 + n, 40 + n % 7, 2] for n in range(30)]
TRANSLATED = [[0, 60 + n, 90 + n % 7, 70, 2] for n in range(30)]


@pytest.fixture
def trunk() -> e5.Trunk:
    """Twelve layers of random weights over a hundred pieces."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=100, hidden_size=e5.WIDTH, num_hidden_layers=e5.LAYERS, num_attention_heads=12,
        intermediate_size=64, max_position_embeddings=16, attn_implementation="sdpa",
    )  # fmt: skip
    table = e5.FourBit(np.zeros((100, e5.WIDTH), np.uint8), np.ones((100, e5.WIDTH // 32), np.float16))
    return e5.Trunk(BertModel(config, add_pooling_layer=False).eval(), None, np.arange(100), table)


@pytest.fixture
def data(trunk: e5.Trunk) -> DistilData:
    chance = np.random.default_rng(0)
    shared, private = (unit(chance.normal(size=(30, width)).astype(np.float32)) for width in (8, 6))
    lessons = [
        Lessons(tokens=TEXTS, targets=range(30), share=0.5),
        Lessons(tokens=TRANSLATED, targets=range(30), share=0.5, pictures=[n % 10 for n in range(30)]),
    ]
    pictures = unit(chance.normal(size=(10, 8)).astype(np.float32))
    return DistilData(lessons=lessons, shared=shared, private=private, pictures=pictures)


def nearness(trunk: e5.Trunk, data: DistilData, run: Distilling) -> float:
    """Mean cosine of translated sentences with what their English ones are told to be."""
    with torch.inference_mode():
        states = e5.mean_states(trunk.model, TRANSLATED).numpy()
    return float((run.heads()[0](states) * data.shared).sum(axis=1).mean())


def test_translations_come_to_where_the_english_tower_puts_them(
    trunk: e5.Trunk, data: DistilData, tmp_path: Path
) -> None:
    run = Distilling(trunk, data, replace(RECIPE, steps=60, first=2))
    before = nearness(trunk, data, run)
    run.run(tmp_path / "run.pt")
    assert nearness(trunk, data, run) > before + 0.2


def test_captions_learn_to_tell_their_picture_from_all_others(
    trunk: e5.Trunk, data: DistilData, tmp_path: Path
) -> None:
    run = Distilling(trunk, data, replace(RECIPE, steps=60, to_pictures=3.0, picture_scale=10.0))
    run.run(tmp_path / "run.pt")
    with torch.inference_mode():
        states = e5.mean_states(trunk.model, TRANSLATED).numpy()
    found = (run.heads()[0](states) @ data.pictures.T).argmax(axis=1)
    assert (found == np.array(data.lessons[1].pictures)).mean() > 0.8


def test_a_run_may_be_told_to_end_earlier_while_it_goes_on() -> None:
    long, short = replace(RECIPE, steps=1000), replace(RECIPE, steps=100, falling=0.2)
    assert [rate_at(step, long) for step in range(60)] == [rate_at(step, short) for step in range(60)]
    assert rate_at(99, short) < 0.1


def test_only_the_upper_layers_learn(trunk: e5.Trunk, data: DistilData, tmp_path: Path) -> None:
    before = [parameter.detach().clone() for parameter in trunk.model.encoder.layer.parameters()]
    Distilling(trunk, data, RECIPE).run(tmp_path / "run.pt")
    after = list(trunk.model.encoder.layer.parameters())
    each = len(after) // e5.LAYERS
    changed = [
        any(not torch.equal(a, b) for a, b in zip(before[at : at + each], after[at : at + each], strict=True))
        for at in range(0, len(after), each)
    ]
    assert changed == [False] * 10 + [True] * 2


def test_a_run_that_was_stopped_ends_like_one_that_was_not(trunk: e5.Trunk, data: DistilData, tmp_path: Path) -> None:
    start = {name: value.clone() for name, value in trunk.model.state_dict().items()}
    whole, _ = Distilling(trunk, data, RECIPE).run(tmp_path / "whole.pt")
    trunk.model.load_state_dict(start)

    class Stopped(Exception):
        pass

    def stop(done: int) -> None:
        if done == 8:
            raise Stopped

    with pytest.raises(Stopped):
        Distilling(trunk, data, RECIPE).run(tmp_path / "halves.pt", stop)
    trunk.model.load_state_dict(start)
    halves, _ = Distilling(trunk, data, RECIPE).run(tmp_path / "halves.pt")
    np.testing.assert_allclose(halves.weight, whole.weight, atol=1e-3)


def test_a_head_is_fitted_onto_vectors_that_states_tell() -> None:
    chance = np.random.default_rng(1)
    states = chance.normal(size=(200, 12)).astype(np.float32)
    wanted = unit((states @ chance.normal(size=(12, 5)) + 1).astype(np.float32))
    assert float((head_onto(states, wanted)(states) * wanted).sum(axis=1).mean()) > 0.9
