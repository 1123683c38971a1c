"""Which part of a picture fits the words of a question: the block of cells that gives the most."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sensorium.core.explanations import Box
from sensorium.core.spaces import Vectors

KEPT = 0.5
"""How far above the mean of its picture a cell has to fit, in deviations, to make a region larger."""

Grid = npt.NDArray[np.float64]


def side_of(cells: int) -> int | None:
    """The cells of a row, where they are a square grid, row by row from the top left; else None.

    >>> side_of(81), side_of(80)
    (9, None)
    """
    side = math.isqrt(cells)
    return side if side * side == cells else None


def fit(words: Vectors, cells: Vectors) -> Grid:
    """float64 [cells]: how well each cell fits the words, in deviations of that picture.

    words: float32 [n, width]; cells: float32 [cells, width]. Each word counts by how far it stands out in a cell from
    what it has in all cells, so a word that fits everywhere, or nowhere, moves nothing.
    """
    products = (words @ cells.T).astype(np.float64)
    heat: Grid = (products - products.mean(axis=1, keepdims=True)).mean(axis=0)
    return heat / max(float(heat.std()), 1e-9)


def best_block(heat: Grid, side: int) -> Box:
    """The rectangle of cells whose sum of `heat - KEPT` is largest: cells that fit make it grow, others hold it back.

    By hand: the two cells at the top right, of a grid of nine.

    >>> best_block(np.array([0, 2, 2, 0, 0, 0, 0, 0, 0.0]), 3)
    (0.3333333333333333, 0.0, 1.0, 0.3333333333333333)
    """
    sums = np.zeros((side + 1, side + 1))
    sums[1:, 1:] = (heat.reshape(side, side) - KEPT).cumsum(axis=0).cumsum(axis=1)
    best, block = -math.inf, (0, 0, 1, 1)
    for top in range(side):
        for bottom in range(top + 1, side + 1):
            rows = sums[bottom] - sums[top]
            gains = rows[None, :] - rows[:, None]  # [left, right]
            gains[np.tril_indices(side + 1)] = -math.inf
            left, right = divmod(int(gains.argmax()), side + 1)
            if gains[left, right] > best:
                best, block = float(gains[left, right]), (left, top, right, bottom)
    return block[0] / side, block[1] / side, block[2] / side, block[3] / side


def cell_box(cell: int, side: int) -> Box:
    """The box of one cell.

    >>> cell_box(3, 2)
    (0.5, 0.5, 1.0, 1.0)
    """
    row, column = divmod(cell, side)
    return column / side, row / side, (column + 1) / side, (row + 1) / side
