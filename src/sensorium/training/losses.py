"""What training makes small."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional


def symmetric_info_nce(texts: Any, pictures: Any, groups: Any, scale: Any) -> Any:
    """How badly each text picks its picture out of the batch and each picture its text: a scalar tensor, 0 at best.

    texts, pictures: float [n, d], unit length, row i of both belong together. groups: int [n]; rows of one group show
    the same thing, so they are no negatives of each other. scale: the inverse temperature.
    InfoNCE: van den Oord et al. 2018; in both directions: Radford et al. 2021.

    >>> unit = torch.eye(3)
    >>> bool(symmetric_info_nce(unit, unit, torch.arange(3), 50.0) < 1e-6)
    True
    """
    return info_nce(texts @ pictures.T, groups, scale)


def info_nce(likeness: Any, groups: Any, scale: Any) -> Any:
    """The same of how alike row i and column j are: float [n, n]."""
    logits = scale * likeness
    own = torch.eye(len(logits), dtype=torch.bool)
    same = groups.unsqueeze(0) == groups.unsqueeze(1)
    logits = logits.masked_fill(same & ~own, float("-inf"))
    target = torch.arange(len(logits))
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2
