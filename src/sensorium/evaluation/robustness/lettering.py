"""Words painted on pixels, in letters of five by seven squares: the same on every machine, without any font file."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Pixels

ROWS, COLUMNS = 7, 5

LETTERS = {
    "A": ".###./#...#/#...#/#####/#...#/#...#/#...#",
    "B": "####./#...#/#...#/####./#...#/#...#/####.",
    "C": ".####/#..../#..../#..../#..../#..../.####",
    "D": "####./#...#/#...#/#...#/#...#/#...#/####.",
    "E": "#####/#..../#..../####./#..../#..../#####",
    "F": "#####/#..../#..../####./#..../#..../#....",
    "G": ".####/#..../#..../#..##/#...#/#...#/.####",
    "H": "#...#/#...#/#...#/#####/#...#/#...#/#...#",
    "I": "#####/..#../..#../..#../..#../..#../#####",
    "J": "..###/...#./...#./...#./...#./#..#./.##..",
    "K": "#...#/#..#./#.#../##.../#.#../#..#./#...#",
    "L": "#..../#..../#..../#..../#..../#..../#####",
    "M": "#...#/##.##/#.#.#/#.#.#/#...#/#...#/#...#",
    "N": "#...#/##..#/##..#/#.#.#/#..##/#..##/#...#",
    "O": ".###./#...#/#...#/#...#/#...#/#...#/.###.",
    "P": "####./#...#/#...#/####./#..../#..../#....",
    "Q": ".###./#...#/#...#/#...#/#.#.#/#..#./.##.#",
    "R": "####./#...#/#...#/####./#.#../#..#./#...#",
    "S": ".####/#..../#..../.###./....#/....#/####.",
    "T": "#####/..#../..#../..#../..#../..#../..#..",
    "U": "#...#/#...#/#...#/#...#/#...#/#...#/.###.",
    "V": "#...#/#...#/#...#/#...#/.#.#./.#.#./..#..",
    "W": "#...#/#...#/#...#/#.#.#/#.#.#/##.##/#...#",
    "X": "#...#/#...#/.#.#./..#../.#.#./#...#/#...#",
    "Y": "#...#/#...#/.#.#./..#../..#../..#../..#..",
    "Z": "#####/....#/...#./..#../.#.../#..../#####",
}


def stencil(word: str) -> npt.NDArray[np.bool_]:
    """Where `word` has ink: bool [7, 6 * letters - 1], in capitals with one empty column between them.

    word: of the letters A to Z, at least one; ValueError for any other.

    >>> for row in stencil("it"):
    ...     print("".join("#" if ink else "." for ink in row))
    #####.#####
    ..#.....#..
    ..#.....#..
    ..#.....#..
    ..#.....#..
    ..#.....#..
    #####...#..
    """
    if not word or not set(word.upper()) <= set(LETTERS):
        raise ValueError(f"expected letters from A to Z, got {word!r}")
    gap = np.zeros((ROWS, 1), dtype=bool)
    parts = [
        part
        for letter in word.upper()
        for part in (np.array([[ink == "#" for ink in row] for row in LETTERS[letter].split("/")]), gap)
    ]
    return np.concatenate(parts[:-1], axis=1)


def painted(pixels: Pixels, word: str, height: float, at: float) -> Pixels:
    """`word` in white with a black edge across the middle, as a copy.

    height: of the letters as a share of the picture's height, 0..1; a word that would then be wider than the picture
    is made smaller until it fits. at: where the word stands, 0 for the top and 1 for the bottom.
    """
    rows, columns = pixels.shape[:2]
    ink = stencil(word)
    square = max(1.0, min(height * rows / ROWS, (columns - 2) / ink.shape[1]))
    tall, wide = min(int(square * ROWS), rows), min(int(square * ink.shape[1]), columns)
    across = np.minimum((np.arange(wide) / square).astype(int), ink.shape[1] - 1)
    down = np.minimum((np.arange(tall) / square).astype(int), ROWS - 1)
    mask = np.zeros((rows, columns), dtype=bool)
    top, left = round(at * (rows - tall)), (columns - wide) // 2
    mask[top : top + tall, left : left + wide] = ink[np.ix_(down, across)]
    changed = pixels.copy()
    changed[_thickened(mask, max(1, round(square / 4)))] = 0
    changed[mask] = 255
    return changed


def _thickened(mask: npt.NDArray[np.bool_], by: int) -> npt.NDArray[np.bool_]:
    """The mask and all within `by` pixels of it, along rows and columns."""
    for axis in (0, 1):
        padded = np.pad(mask, [(by, by) if axis == other else (0, 0) for other in (0, 1)])
        mask = np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * by + 1, axis=axis).any(axis=-1))
    return mask
