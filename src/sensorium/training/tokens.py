"""Texts as token ids: what both text trunks take, and what the product feeds to their models."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch

MAX_TOKENS = 256
"""Of one window, counted with the first and the last piece, which are special: what MiniLM was tuned for."""


def windows(tokenizer: Any, texts: Sequence[str]) -> list[list[list[int]]]:
    """For each text its token ids, cut into windows of nearly equal length when it is longer than `MAX_TOKENS`."""
    return [_cut(encoded.ids) for encoded in tokenizer.encode_batch(list(texts))]


def first_windows(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of each text's first window."""
    return [found[0] for found in windows(tokenizer, texts)]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """int64 token ids and mask, both [n, longest], padded on the right with 0."""
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for position, row in enumerate(rows):
        ids[position, : len(row)] = torch.tensor(row)
        mask[position, : len(row)] = 1
    return ids, mask


def _cut(ids: Sequence[int]) -> list[list[int]]:
    first, *inner, last = ids
    count = max(1, -(-len(inner) // (MAX_TOKENS - 2)))
    length, longer = divmod(len(inner), count)
    borders = [part * length + min(part, longer) for part in range(count + 1)]
    return [[first, *inner[start:end], last] for start, end in pairwise(borders)]
