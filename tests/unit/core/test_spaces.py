"""Vectors are checked where they enter."""

import numpy as np
import pytest

from sensorium.core.spaces import Space, check_vectors


@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((2, 2), dtype=np.float32),
        np.full((1, 2), np.nan, dtype=np.float32),
        np.zeros((1, 2), dtype=np.float32),
        np.eye(3, dtype=np.float32),
        np.ones(2, dtype=np.float32),
    ],
)
def test_vectors_of_wrong_length_shape_or_value_are_refused(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError):
        check_vectors(vectors, width=2)


def test_other_number_types_are_taken_as_float32() -> None:
    assert check_vectors(np.eye(2, dtype=np.float64), width=2).dtype == np.float32


def test_a_changed_model_is_another_space() -> None:
    one, other = (Space(name="compact", version="1", width=8, digest=digest * 32) for digest in ("ab", "cd"))
    assert one.id != other.id
