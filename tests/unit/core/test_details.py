"""How details are stored: 8 bits a component, and nothing that is not of their form."""

import numpy as np
import pytest

from sensorium.core.details import DetailForm
from sensorium.testing.specimens import unit_vectors

FORM = DetailForm(width=16, cells=9, weight=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_unpacked_is_what_was_packed_to_half_a_level(seed: int) -> None:
    rows = unit_vectors(9, 16, seed=seed)
    levels = FORM.unpack([FORM.pack(rows)])[0]
    assert np.abs(levels / FORM.scale - rows).max() <= 0.5 / FORM.scale + 1e-6


def test_a_larger_scale_is_finer_and_cuts_off_what_does_not_fit() -> None:
    form = DetailForm(width=2, cells=1, weight=0.5, scale=200)
    rows = np.array([[0.1, np.sqrt(1 - 0.01)]], np.float32)
    assert form.unpack([form.pack(rows)]).ravel().tolist() == [20, 127]


def test_pieces_stay_in_order() -> None:
    packed = [FORM.pack(unit_vectors(9, 16, seed=seed)) for seed in range(5)]
    levels = FORM.unpack(packed)
    assert levels.shape == (5, 9, 16)
    assert [rows.tobytes() for rows in levels] == packed


def test_nothing_unpacks_to_nothing() -> None:
    assert FORM.unpack([]).shape == (0, 9, 16)


@pytest.mark.parametrize("shape", [(8, 16), (10, 16), (9, 15)])
def test_rows_of_another_form_are_not_packed(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        FORM.pack(unit_vectors(*shape))


def test_one_blob_of_another_size_is_told_though_all_together_would_fit() -> None:
    blob = FORM.pack(unit_vectors(9, 16))
    with pytest.raises(ValueError, match="144 bytes"):
        FORM.unpack([blob[:-1], blob + b"\0"])


@pytest.mark.parametrize(
    "wrong",
    [{"width": 0}, {"cells": 0}, {"scale": 0.9}, {"scale": 257.0}, {"weight": float("inf")}, {"mean": float("nan")}],
    ids=str,
)
def test_numbers_out_of_range_are_an_error(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        DetailForm(**({"width": 16, "cells": 9, "weight": 0.5} | wrong))  # type: ignore[arg-type]
