"""How well pages of documents are found: R@1, R@5 and the mean reciprocal rank of the first right page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sensorium.core.items import Place
from sensorium.evaluation.intervals import Interval, cluster_bootstrap
from sensorium.evaluation.measures import NOT_FOUND, Ranks, reciprocal_rank, success_at_k
from sensorium.evaluation.reports import cluster_numbers

Box = tuple[float, float, float, float]
"""left, top, right, bottom as shares of width and height, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPage:
    """One question with what was found.

    file: where the answer stands, pages: on which, each alone; empty where the whole file is the answer. kind: what
    answers it there ("text", "table"). found: file and place of each hit, best first. box: where on its page the answer
    is, if it is known.
    """

    id: str
    kind: str
    file: str
    pages: frozenset[int]
    found: tuple[tuple[str, Place], ...]
    box: Box | None = None

    @property
    def rank(self) -> int:
        """The rank of the first right page among the pages that were found, from 1, or NOT_FOUND.

        Hits of one page count once, where the first of them stands. A hit that names no page is of page 1.

        By hand: the hits are on page 2, page 2 again, and page 7, so that page 7 is the second page.

        >>> found = tuple(("a.pdf", Place(page=page)) for page in (2, 2, 7))
        >>> AskedPage(id="q", kind="text", file="a.pdf", pages=frozenset({7}), found=found).rank
        2
        """
        pages = dict.fromkeys((file, place.page or 1) for file, place in self.found)
        for rank, (file, page) in enumerate(pages, 1):
            if file == self.file and (not self.pages or page in self.pages):
                return rank
        return NOT_FOUND

    @property
    def touches(self) -> bool:
        """Whether the first hit with a box on a right page shares something with the box of the answer.

        Raises ValueError where none is known.
        """
        if self.box is None:
            raise ValueError(f"no box is known for {self.id}")
        for file, place in self.found:
            if file == self.file and place.page in self.pages and place.box is not None:
                return box_iou(place.box, self.box) > 0
        return False


def box_iou(one: Box, other: Box) -> float:
    """What two boxes share, as a share of what they cover together, 0..1.

    By hand: two squares of side 1/2, one moved by half its side: 1/8 is shared, 3/8 are covered.

    >>> round(box_iou((0, 0, 0.5, 0.5), (0.25, 0, 0.75, 0.5)), 4)
    0.3333
    """
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    covered = _area(one) + _area(other) - shared
    return shared / covered if covered > 0 else 0.0


def page_figures(asked: Sequence[AskedPage]) -> dict[str, Interval]:
    """R@1, R@5 (any-hit) and MRR of questions, with 95 % intervals by the bootstrap over the files of the answers.

    By hand: first pages at ranks 1 and 4.

    >>> found = tuple(("a.pdf", Place(page=page)) for page in (1, 2, 3, 4))
    >>> asked = [
    ...     AskedPage(id=str(page), kind="text", file="a.pdf", pages=frozenset({page}), found=found) for page in (1, 4)
    ... ]
    >>> {name: figure.mean for name, figure in page_figures(asked).items()}
    {'R@1': 0.5, 'R@5': 1.0, 'MRR': 0.625}
    """
    ranks = ranks_of(asked)
    clusters = cluster_numbers([question.file for question in asked])
    values = {"R@1": success_at_k(ranks, 1), "R@5": success_at_k(ranks, 5), "MRR": reciprocal_rank(ranks)}
    return {name: cluster_bootstrap(own, clusters) for name, own in values.items()}


def ranks_of(asked: Iterable[AskedPage]) -> Ranks:
    """The rank of each question's first right page."""
    return np.array([question.rank for question in asked], dtype=np.int64)


def read_pages(words: str) -> frozenset[int]:
    """The pages that a table names: numbers from 1 with spaces between them, or `*` for the whole file.

    >>> sorted(read_pages("7 8")), read_pages("*")
    ([7, 8], frozenset())
    >>> read_pages("0")
    Traceback (most recent call last):
    ...
    ValueError: '0' names no pages
    """
    if words == "*":
        return frozenset()
    numbers: Collection[str] = words.split()
    if not numbers or not all(number.isdecimal() and int(number) >= 1 for number in numbers):
        raise ValueError(f"{words!r} names no pages")
    return frozenset(int(number) for number in numbers)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
