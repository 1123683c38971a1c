"""What is read back from a shipped encoder is what its models compute."""

import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from sensorium.core.errors import ModelDamaged  # noqa: E402
from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import WEIGHTS, CompactEncoder  # noqa: E402
from sensorium.training import golden  # noqa: E402
from sensorium.training.heads import unit  # noqa: E402
from sensorium.training.shipped import shipped_heads, shipped_trunk  # noqa: E402
from sensorium.training.space import SpacePlan  # noqa: E402
from sensorium.training.trunks import efficientnet, minilm  # noqa: E402

SHARED = SpacePlan().shared


@pytest.fixture(scope="module")
def encoder() -> CompactEncoder:
    return CompactEncoder.load(1, WEIGHTS)


def test_the_blocks_and_the_head_give_the_shared_block_of_the_picture_tower(encoder: CompactEncoder) -> None:
    pixels = golden.pictures(efficientnet.SIDE)[:2]
    trunk = shipped_trunk(WEIGHTS, efficientnet.load_trunk())
    with torch.inference_mode():
        features = trunk.upper(trunk.lower(efficientnet.normalised(torch.from_numpy(pixels)))).numpy()
    ours = shipped_heads(WEIGHTS).image(features)
    theirs = unit(encoder.encode(Modality.IMAGE, list(pixels), "piece")[:, :SHARED])
    assert (ours * theirs).sum(axis=1).min() > 0.99  # the lower blocks are rounded to 8 bits in the file alone


def test_the_head_gives_the_shared_block_of_english_texts(encoder: CompactEncoder) -> None:
    texts = ["two dogs run through deep snow", "a harbour"]
    ours = shipped_heads(WEIGHTS).text(minilm.embed(minilm.load_trunk(), texts))
    theirs = unit(encoder.encode(Modality.TEXT, texts, "query")[:, :SHARED])
    assert (ours * theirs).sum(axis=1).min() > 0.99


def test_the_published_blocks_stay_as_they_were() -> None:
    trunk = efficientnet.load_trunk()
    shipped = shipped_trunk(WEIGHTS, trunk)
    assert shipped.published is trunk.published
    assert any("num_batches_tracked" in name for name in trunk.published.state_dict())


def test_a_folder_without_models_and_one_of_other_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged, match="no such model"):
        shipped_heads(tmp_path)
    shutil.copyfile(WEIGHTS / "text.onnx", tmp_path / "image.onnx")
    with pytest.raises(ModelDamaged, match="other blocks"):
        shipped_trunk(tmp_path, efficientnet.load_trunk())
