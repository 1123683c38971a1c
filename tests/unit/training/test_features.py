"""Features are computed once for the same inputs and producer, and again for others."""

from pathlib import Path

import numpy as np
import pytest

from sensorium.training.features import cached_features


class Counting:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, block: list[str]) -> np.ndarray:
        self.seen += block
        return np.array([[len(text), 1] for text in block], np.float32)


INPUTS = [f"text {'x' * n}" for n in range(150)]


def run(folder: Path, compute: Counting, producer: str = "a", inputs: list[str] = INPUTS) -> np.ndarray:
    return cached_features(folder, producer, inputs, str.encode, compute)


def test_every_input_is_computed_once_and_in_order(tmp_path: Path) -> None:
    compute = Counting()
    assert run(tmp_path, compute)[:, 0].tolist() == [len(text) for text in INPUTS]
    assert compute.seen == INPUTS


def test_the_second_time_nothing_is_computed(tmp_path: Path) -> None:
    first = run(tmp_path, Counting())
    again = Counting()
    np.testing.assert_array_equal(run(tmp_path, again), first)
    assert again.seen == []


@pytest.mark.parametrize("changed", [{"producer": "b"}, {"inputs": INPUTS[::-1]}, {"inputs": INPUTS[:-1]}])
def test_another_producer_or_other_inputs_are_computed_anew(tmp_path: Path, changed: dict[str, object]) -> None:
    run(tmp_path, Counting())
    again = Counting()
    run(tmp_path, again, **changed)  # type: ignore[arg-type]
    assert again.seen


def test_a_computation_that_was_stopped_leaves_nothing_to_be_trusted(tmp_path: Path) -> None:
    def stopping(block: list[str]) -> np.ndarray:
        if INPUTS[100] in block:
            raise KeyboardInterrupt
        return Counting()(block)

    with pytest.raises(KeyboardInterrupt):
        cached_features(tmp_path, "a", INPUTS, str.encode, stopping)
    assert run(tmp_path, Counting())[:, 0].tolist() == [len(text) for text in INPUTS]


def test_no_inputs_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing"):
        run(tmp_path, Counting(), inputs=[])
