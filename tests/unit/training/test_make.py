"""The whole recipe on sixteen painted pictures: from a folder of pairs to an encoder that loads and verifies itself."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import CompactEncoder  # noqa: E402
from sensorium.training import minilm  # noqa: E402
from sensorium.training.compact import CompactRecipe  # noqa: E402
from sensorium.training.finetune import TuneRecipe  # noqa: E402
from sensorium.training.heads import HeadRecipe  # noqa: E402
from sensorium.training.make import make_compact  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402

# torch's exporter warns of its own parts.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (30, 40, 220), "yellow": (230, 220, 40)}
RECIPE = CompactRecipe(
    heads=HeadRecipe(width=16, epochs=20, batch=8, dropout=0.0),
    tune=TuneRecipe(epochs=1, batch=6),
    plan=SpacePlan(shared=16, text=12, image=4),
    held_out=4,
)


def paint(folder: Path, split: str, pictures: int) -> None:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = ["image\tcaption"]
    for number in range(pictures):
        name, colour = list(COLOURS.items())[number % 4]
        pixels = np.full((48, 64, 3), colour, np.uint8)
        pixels[number : number + 12, 8:40] = 255
        Image.fromarray(pixels).save(folder / "images" / f"{split}{number}.png")
        rows += [f"{split}{number}.png\ta {name} picture with a bar at {number}", f"{split}{number}.png\t{name} ."]
    (folder / f"captions_{split}.tsv").write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("make")
    paint(folder / "data", "train", 16)
    paint(folder / "data", "dev", 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(minilm, "known_words", lambda trunk: ["dog", "ship", "seven", "music", "law"] * 10)
        make_compact(folder / "data", folder / "work", folder / "out", RECIPE)
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
    for source in ("Flickr8k", "all-MiniLM-L6-v2", "EfficientNet-Lite2", "Apache-2.0"):
        assert source in card
    assert "{" not in card
    assert "Apache License, Version 2.0" in notice
    assert "Apache License" in (made / "LICENSE-APACHE-2.0.txt").read_text()


def test_nothing_in_the_models_tells_of_the_machine_they_were_made_on(made: Path) -> None:
    for model in made.glob("*.onnx"):
        data = model.read_bytes()
        assert b"site-packages" not in data
        assert b".py" not in data
        assert str(Path.cwd()).encode() not in data


def test_every_pair_of_modalities_is_calibrated(made: Path) -> None:
    curves = json.loads((made / "manifest.json").read_text())["calibrations"]
    assert set(curves) == {"text->image", "image->text", "text->text", "image->image"}
