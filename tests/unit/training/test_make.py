"""The whole recipe on sixteen painted pictures: from a folder of pairs to an encoder that loads and verifies itself."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import CompactEncoder  # noqa: E402
from sensorium.training.compact import CompactRecipe  # noqa: E402
from sensorium.training.distil import DistilRecipe  # noqa: E402
from sensorium.training.finetune import TuneRecipe  # noqa: E402
from sensorium.training.heads import HeadRecipe  # noqa: E402
from sensorium.training.late import LateRecipe  # noqa: E402
from sensorium.training.make import make_compact  # noqa: E402
from sensorium.training.many import ManyRecipe, Places  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402

# torch's exporter warns of its own parts.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

RECIPE = CompactRecipe(
    heads=HeadRecipe(width=16, epochs=20, batch=8, dropout=0.0),
    tune=TuneRecipe(epochs=1, batch=6),
    late=LateRecipe(width=8, epochs=1, batch=8),
    plan=SpacePlan(shared=16, text=12, image=4),
    held_out=4,
)
OTHERS = ManyRecipe(
    distil=DistilRecipe(steps=2, batch=8, layers=1, first=8),
    late=RECIPE.late,
    plan=RECIPE.plan,
    pieces=15_000,
    held_out=4,
)


@pytest.fixture(scope="module")
def made(painted: Path, few_words: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("make")
    make_compact(Places(data=painted, work=folder / "work", out=folder / "out"), RECIPE, OTHERS)
    return folder / "out"


def test_the_folder_is_an_encoder_that_verifies_itself(made: Path) -> None:
    encoder = CompactEncoder.load(folder=made)
    encoder.verify()
    assert encoder.space.width == RECIPE.plan.width


def test_a_text_is_the_same_alone_and_beside_a_longer_one(made: Path) -> None:
    encoder = CompactEncoder.load(folder=made)
    alone = encoder.encode(Modality.TEXT, ["red"], "query")
    beside = encoder.encode(Modality.TEXT, ["red", "a red picture with a bar, and one more bar"], "query")
    np.testing.assert_allclose(beside[:1], alone, atol=1e-4)


def test_card_and_notices_lie_beside_the_weights_and_name_their_sources(made: Path) -> None:
    card, notice = ((made / name).read_text() for name in ("MODEL_CARD.md", "NOTICE"))
    for source in ("Flickr8k", "multilingual-e5-small", "all-MiniLM-L6-v2", "EfficientNet-Lite2", "Apache-2.0"):
        assert source in card
    assert "{" not in card
    assert "Apache License, Version 2.0" in notice
    assert "Copyright (c) Microsoft Corporation" in notice
    assert "Apache License" in (made / "LICENSE-APACHE-2.0.txt").read_text()


def without_weights(path: Path) -> bytes:
    """A model's bytes but for its weights, which may spell anything by chance."""
    import onnx

    model = onnx.load(path)
    for weight in model.graph.initializer:
        weight.ClearField("raw_data")
    data: bytes = model.SerializeToString()
    return data


def test_nothing_in_the_models_tells_of_the_machine_they_were_made_on(made: Path) -> None:
    for model in made.glob("*.onnx"):
        data = without_weights(model)
        assert b"site-packages" not in data
        assert b".py" not in data
        assert str(Path.cwd()).encode() not in data


def test_every_pair_of_modalities_is_calibrated(made: Path) -> None:
    curves = json.loads((made / "manifest.json").read_text())["calibrations"]
    assert {"text->image", "image->text", "text->text", "image->image", "text->image:hubness"} <= set(curves)
