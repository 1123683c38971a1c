"""Surgery on layers that changes no result."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from torch import nn

NORM_OF = {"_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
"""Which BatchNorm follows which convolution inside a block of EfficientNet."""


def fold_batch_norms(module: Any) -> None:
    """Works every BatchNorm that follows a convolution into its weights, in place. Folding twice is folding once."""
    for part in list(module.modules()):
        neighbours = NORM_OF
        if isinstance(part, nn.Sequential):
            names = list(part._modules)
            neighbours = dict(pairwise(names))
        for conv_name, norm_name in neighbours.items():
            conv, norm = part._modules.get(conv_name), part._modules.get(norm_name)
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                part._modules[conv_name] = nn.utils.fuse_conv_bn_eval(conv, norm)
                part._modules[norm_name] = nn.Identity()
