"""The part of a picture that fits best: a rectangle of cells, found among all of them."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.rerankers.regions import KEPT, best_block, cell_box, fit, side_of


def by_hand(heat: np.ndarray, side: int) -> float:
    """The largest sum of any rectangle, looked for one by one."""
    grid = heat.reshape(side, side) - KEPT
    return max(
        grid[top:bottom, left:right].sum()
        for top in range(side)
        for bottom in range(top + 1, side + 1)
        for left in range(side)
        for right in range(left + 1, side + 1)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("side", [1, 2, 5, 9])
def test_no_rectangle_gives_more(side: int, seed: int) -> None:
    heat = np.random.default_rng(seed).standard_normal(side * side)
    left, top, right, bottom = (round(edge * side) for edge in best_block(heat, side))
    assert left < right
    assert top < bottom
    assert (heat.reshape(side, side) - KEPT)[top:bottom, left:right].sum() == pytest.approx(by_hand(heat, side))


def test_a_word_that_fits_everywhere_moves_nothing() -> None:
    cells = np.array([[1, 0, 0.1], [0, 1, 0.1], [0, 0, 0.1], [0, 0, 0.1]], np.float32)
    telling, everywhere = np.array([[1, 0, 0]], np.float32), np.array([[0, 0, 1]], np.float32)
    assert np.argmax(fit(telling, cells)) == 0
    assert np.allclose(fit(np.concatenate([telling, everywhere]), cells), fit(telling, cells), atol=1e-6)


def test_where_nothing_stands_out_there_is_still_a_cell() -> None:
    flat = fit(np.ones((1, 2), np.float32), np.ones((9, 2), np.float32))
    left, top, right, bottom = best_block(flat, 3)
    assert (right - left) * (bottom - top) == pytest.approx(1 / 9)


@pytest.mark.parametrize(("cells", "side"), [(1, 1), (4, 2), (81, 9), (80, None), (2, None)])
def test_cells_are_a_square_or_have_no_place(cells: int, side: int | None) -> None:
    assert side_of(cells) == side


def test_the_boxes_of_all_cells_fill_the_picture() -> None:
    boxes = [cell_box(cell, 3) for cell in range(9)]
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in boxes) == pytest.approx(1)
    assert len(set(boxes)) == 9
