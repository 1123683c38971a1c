"""Boxes on a page, in points from its top left corner."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple


class Box(NamedTuple):
    """left, top, right, bottom, with left <= right and top <= bottom.

    >>> Box(0, 0, 10, 4).join(Box(8, 2, 20, 5))
    Box(left=0, top=0, right=20, bottom=5)
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def middle(self) -> float:
        """The height at which its middle lies."""
        return (self.top + self.bottom) / 2

    def join(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def meet(self, other: Box) -> Box:
        """What both share; an empty box where they share nothing.

        >>> Box(0, 0, 10, 4).meet(Box(8, 2, 20, 5))
        Box(left=8, top=2, right=10, bottom=4)
        """
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom)))

    def grow(self, margin: float) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def touches(self, other: Box) -> bool:
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the middle of the other lies inside."""
        across = (other.left + other.right) / 2
        return self.left <= across <= self.right and self.top <= other.middle <= self.bottom

    def shared_width(self, other: Box) -> float:
        return max(0.0, min(self.right, other.right) - max(self.left, other.left))

    def shared_height(self, other: Box) -> float:
        return max(0.0, min(self.bottom, other.bottom) - max(self.top, other.top))

    def shares(self, width: float, height: float) -> tuple[float, float, float, float]:
        """As `Place.box`: shares of a page of that size, within 0..1.

        >>> Box(-3, 50, 50, 100).shares(100, 200)
        (0.0, 0.25, 0.5, 0.5)
        """
        sides = (self.left / width, self.top / height, self.right / width, self.bottom / height)
        left, top, right, bottom = (round(min(1.0, max(0.0, side)), 5) for side in sides)
        return left, top, max(left, right), max(top, bottom)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all. Raises TypeError for none."""
    return reduce(Box.join, boxes)
