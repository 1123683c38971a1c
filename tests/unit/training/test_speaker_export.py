"""The graph that is written node by node gives what torch gives with the same weights."""

import numpy as np
import pytest

from sensorium.perception import speakers
from sensorium.training.speaker_export import HIDDEN, LAYERS, build, original, stored, widened


@pytest.fixture(scope="module")
def weights():
    random = np.random.default_rng(0)
    found = {"linear.weight": (256, HIDDEN), "linear.bias": (256,)}
    for layer in range(LAYERS):
        found[f"lstm.weight_ih_l{layer}"] = (4 * HIDDEN, HIDDEN if layer else speakers.MELS)
        found[f"lstm.weight_hh_l{layer}"] = (4 * HIDDEN, HIDDEN)
        found |= {f"lstm.bias_{kind}_l{layer}": (4 * HIDDEN,) for kind in ("ih", "hh")}
    return {name: random.normal(0, 0.1, shape).astype(np.float32) for name, shape in found.items()}


def test_the_graph_gives_what_torch_gives(weights):
    mels = np.abs(np.random.default_rng(1).normal(size=(3, speakers.WINDOW, speakers.MELS))).astype(np.float32)
    session = speakers.open_session(build(weights).SerializeToString(), 1)
    (found,) = session.run(["vectors"], {"mels": mels})
    np.testing.assert_allclose(found, original(widened(weights), mels), atol=1e-5)


def test_a_matrix_is_kept_in_a_byte_a_weight_and_little_more(weights):
    matrix = weights["lstm.weight_hh_l1"]
    assert sum(part.nbytes for part in stored("lstm.weight_hh_l1", matrix)) <= 1.07 * matrix.size


def test_no_weight_moves_by_more_than_half_a_step(weights):
    off = np.abs(widened(weights)["lstm.weight_hh_l1"] - weights["lstm.weight_hh_l1"])
    assert off.max() <= 0.51 * np.abs(weights["lstm.weight_hh_l1"]).max() / 127
