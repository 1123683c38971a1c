"""The plan of the space: unit vectors made of a shared block and a private block for each sense.

    text    = [ sqrt(1 - t) * h_text  | sqrt(t) * p_text | 0                   ]
    picture = [ sqrt(1 - i - n) * h_image | sqrt(n) * names | sqrt(i) * p_image ]

h: trained heads, unit length. p: what a trunk knows by itself, unit length; among texts and among pictures it brings
back the likeness that contrastive heads throw away. names: a picture's second view, by the names of what is on it, in
the private block of texts: it lets words find what no caption of the training set speaks of. Between text and picture
the product is `h_text . h_image + name_weight * (p_text . names)`, up to a constant factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium.training.heads import Floats, Head, Heads
from sensorium.training.names import NameView


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacePlan:
    """Widths of the blocks, and the share of squared length, 0..1, that the private blocks take.

    name_weight: what the names count beside the heads, between text and picture.

    >>> SpacePlan(shared=256, text=128, image=128).width
    512
    """

    shared: int = 256
    text: int = 144
    image: int = 112
    text_share: float = 0.65
    image_share: float = 0.65
    name_weight: float = 0.2

    def __post_init__(self) -> None:
        for name in ("text_share", "image_share"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, got {getattr(self, name)}")

    @property
    def width(self) -> int:
        return self.shared + self.text + self.image

    @property
    def name_share(self) -> float:
        """The share of a picture's squared length that makes its names count `name_weight`."""
        squared = self.name_weight**2 * (1 - self.text_share)
        return (1 - self.image_share) * squared / (self.text_share + squared)

    @property
    def head_share(self) -> float:
        """The share of a picture's squared length that is left for its trained head."""
        return 1 - self.image_share - self.name_share


@dataclass(frozen=True, slots=True)
class TextHeads:
    """What stands on one text trunk."""

    shared: Head
    private: Head
    late: Head


@dataclass(frozen=True, slots=True)
class Towers:
    """Everything behind the trunks of English texts and of pictures: trained heads, private heads, names, the plan that
    joins them, and the projections of words and places for a second look.
    """

    plan: SpacePlan
    shared: Heads
    private: Heads
    names: NameView
    late: Heads

    @property
    def english(self) -> TextHeads:
        """The heads on states of the English trunk."""
        return TextHeads(self.shared.text, self.private.text, self.late.text)

    def texts(self, states: Floats) -> Floats:
        """Unit vectors [n, plan.width] of states of the English trunk."""
        return planned_texts(self.plan, self.shared.text(states), self.private.text(states))

    def pictures(self, tuned: Floats, published: Floats) -> Floats:
        """Unit vectors [n, plan.width] of the features that the tuned trunk and the published one give."""
        plan = self.plan
        return np.hstack(
            [
                _part(plan.head_share) * self.shared.image(tuned),
                _part(plan.name_share) * self.names(published),
                _part(plan.image_share) * self.private.image(published),
            ]
        )


def planned_texts(plan: SpacePlan, shared: Floats, private: Floats) -> Floats:
    """Unit vectors [n, plan.width] of what a text's two heads give."""
    zeros = np.zeros((len(shared), plan.image), np.float32)
    return np.hstack([_part(1 - plan.text_share) * shared, _part(plan.text_share) * private, zeros])


def similarity_keeping(features: Floats, width: int) -> Head:
    """The projection to `width` that keeps cosines best: the leading right singular vectors of unit rows.

    Not centred, because the cosine that it stands in for is not (Eckart & Young 1936).
    """
    rows = features.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    _, directions = np.linalg.eigh(rows.T @ rows)
    return Head(_upright(directions[:, ::-1][:, :width].T), np.zeros(width, np.float32))


def spread_keeping(sets: Sequence[Floats], width: int) -> Head:
    """The projection to the `width` directions in which the sets spread most, each set counting alike.

    A set of photographs alone would leave no room for what it does not show; the rows of a classifier, which point from
    its classes to each other, give it room.
    """
    covariances = [np.cov(rows.astype(np.float64), rowvar=False) for rows in sets]
    mixed = np.sum([covariance / np.trace(covariance) for covariance in covariances], axis=0)
    _, directions = np.linalg.eigh(mixed)
    return Head(_upright(directions[:, ::-1][:, :width].T), np.zeros(width, np.float32))


def _upright(directions: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Floats:
    """Each row with its largest entry positive: an eigenvector's sign is otherwise up to the library."""
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    upright: Floats = (directions * signs[:, None]).astype(np.float32)
    return upright


def _part(share: float) -> np.float32:
    return np.float32(np.sqrt(share))
