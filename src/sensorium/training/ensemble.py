"""Several heads as one: side by side, and cut to the directions that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sensorium.training.heads import Floats, Head, Heads


def side_by_side(members: Sequence[Heads], texts: Floats, pictures: Floats) -> Heads:
    """Heads as wide as all members together: the cosine is about the mean of theirs.

    texts [c, t], pictures [n, p]: features by which each member's rows get the mean length 1, so that all count alike.
    It is not exactly the mean: each member alone would scale every row to length 1, which no affine map does.
    """
    return Heads(_stacked([one.text for one in members], texts), _stacked([one.image for one in members], pictures))


def joined(members: Sequence[Heads], texts: Floats, pictures: Floats, width: int) -> Heads:
    """Heads `width` wide whose cosines are near those of the members side by side.

    The leading directions of both senses together, not centred, each sense counting alike (Eckart & Young 1936): an
    orthogonal projection, so lengths are kept too.

    >>> head = Head(np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    >>> both = joined([Heads(head, head)] * 2, np.eye(3), np.eye(3), width=3)
    >>> bool(np.allclose(both.text(np.eye(3)) @ both.image(np.eye(3)).T, np.eye(3), atol=1e-6))
    True
    """
    whole = side_by_side(members, texts, pictures)
    spread = sum(_spread(head, rows) for head, rows in ((whole.text, texts), (whole.image, pictures)))
    _, directions = np.linalg.eigh(spread)
    kept = directions[:, ::-1][:, :width].T.astype(np.float32)
    return Heads(*(Head(kept @ head.weight, kept @ head.bias) for head in (whole.text, whole.image)))


@dataclass(frozen=True, slots=True)
class MeanLikeness:
    """What members find together, exactly: the mean of their cosines, which no single head gives."""

    members: Sequence[Heads]

    def texts(self, features: Floats) -> Floats:
        """float32 [n, members * width]: unit rows of all members side by side."""
        return np.hstack([one.text(features) for one in self.members]) / np.float32(len(self.members) ** 0.5)

    def pictures(self, features: Floats) -> Floats:
        """The same of pictures."""
        return np.hstack([one.image(features) for one in self.members]) / np.float32(len(self.members) ** 0.5)


def _stacked(heads: Sequence[Head], features: Floats) -> Head:
    lengths = [np.linalg.norm(features @ head.weight.T + head.bias, axis=1).mean() for head in heads]
    pairs = list(zip(heads, np.asarray(lengths, np.float32), strict=True))
    return Head(
        np.vstack([head.weight / length for head, length in pairs]),
        np.concatenate([head.bias / length for head, length in pairs]),
    )


def _spread(head: Head, features: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    rows = head(features).astype(np.float64)
    return rows.T @ rows / len(rows)
