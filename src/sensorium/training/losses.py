"""What training makes small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

MARGIN = 0.2
"""By how much a cosine has to win: that of VSE++ (Faghri et al. 2018)."""
HARDNESS = 5.0
"""How much the likelier of the wrong rows count: a cosine that is 0.2 higher counts e times as much. Not fitted."""

Loss = Callable[[Any, Any, Any, Any], Any]


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
    logits = (scale * likeness).masked_fill(twins(groups), float("-inf"))
    target = torch.arange(len(logits))
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def multi_positive(likeness: Any, groups: Any, scale: Any) -> Any:
    """InfoNCE in which all of a row's group are right answers, each of them to be found: float [n, n] to a scalar.

    The loss L_out of Khosla et al. 2020, in both directions. Where every group has one row it is `info_nce`.

    >>> alike, groups = torch.eye(2), torch.arange(2)
    >>> bool(torch.isclose(multi_positive(alike, groups, 3.0), info_nce(alike, groups, 3.0)))
    True
    """
    right = same(groups).float()
    share = right / right.sum(1, keepdim=True)
    logits = scale * likeness
    return (functional.cross_entropy(logits, share) + functional.cross_entropy(logits.T, share)) / 2


def sigmoid(likeness: Any, groups: Any, scale: Any, shift: Any) -> Any:
    """How badly each pair is told to belong together or not, whatever the other pairs: float [n, n] to a scalar.

    shift: added to logits, because most pairs do not belong together. SigLIP: Zhai et al. 2023; all of a row's group
    belong to it.

    >>> bool(sigmoid(torch.eye(2), torch.arange(2), 100.0, -50.0) < 1e-6)
    True
    """
    sign = same(groups).float() * 2 - 1
    return -functional.logsigmoid(sign * (scale * likeness + shift)).sum() / len(likeness)


def hardest(likeness: Any, groups: Any, margin: float = MARGIN) -> Any:
    """By how much the likeliest wrong row comes within `margin` of the right one: float [n, n] to a scalar, 0..

    The maximum of hinges of VSE++ (Faghri et al. 2018), in both directions; rows of one group are not wrong.

    >>> round(float(hardest(torch.tensor([[0.9, 0.8], [0.1, 0.7]]), torch.arange(2), 0.2)), 2)
    0.2
    """
    right = likeness.diagonal()
    wrong = likeness.masked_fill(same(groups), -1.0)
    found = [functional.relu(margin + wrong.amax(dim) - right).mean() for dim in (0, 1)]
    return found[0] + found[1]


def hard_info_nce(likeness: Any, groups: Any, scale: Any, hardness: float = HARDNESS) -> Any:
    """InfoNCE whose wrong rows count by exp(hardness * likeness), their weights summing to their number.

    Robinson et al. 2021 without the correction for wrong rows that are right. hardness 0 is `info_nce`.

    >>> alike, groups = torch.tensor([[0.9, 0.8], [0.1, 0.7]]), torch.arange(2)
    >>> bool(torch.isclose(hard_info_nce(alike, groups, 3.0, 0.0), info_nce(alike, groups, 3.0)))
    True
    """
    return (_harder(likeness, groups, scale, hardness) + _harder(likeness.T, groups, scale, hardness)) / 2


def _harder(likeness: Any, groups: Any, scale: Any, hardness: float) -> Any:
    wrong = ~same(groups)
    weights = (hardness * likeness.detach()).masked_fill(~wrong, float("-inf")).softmax(1).nan_to_num(0.0)
    counted = (weights * wrong.sum(1, keepdim=True)).clamp(min=torch.finfo(likeness.dtype).tiny).log()
    logits = (scale * likeness + counted).masked_fill(~wrong, float("-inf"))
    logits = torch.where(torch.eye(len(likeness), dtype=torch.bool), scale * likeness, logits)
    return functional.cross_entropy(logits, torch.arange(len(likeness)))


def same(groups: Any) -> Any:
    """bool [n, n]: which rows are of one group."""
    return groups.unsqueeze(0) == groups.unsqueeze(1)


def twins(groups: Any) -> Any:
    """bool [n, n]: which other rows are of one group."""
    return same(groups) & ~torch.eye(len(groups), dtype=torch.bool)


LOSSES: dict[str, Loss] = {
    "info-nce": lambda likeness, groups, scale, shift: info_nce(likeness, groups, scale),
    "multi-positive": lambda likeness, groups, scale, shift: multi_positive(likeness, groups, scale),
    "sigmoid": sigmoid,
    "hardest": lambda likeness, groups, scale, shift: hardest(likeness, groups),
    "hard-info-nce": lambda likeness, groups, scale, shift: hard_info_nce(likeness, groups, scale),
}
"""By name: of likeness [n, n], groups [n], inverse temperature and shift."""
