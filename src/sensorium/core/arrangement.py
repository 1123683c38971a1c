"""How the hits of a question are arranged once they are found: sorted, varied, near duplicates folded."""

from __future__ import annotations

from dataclasses import dataclass

from sensorium.core.errors import BadQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """Hits in the order of an attribute of their items; those without it come last, in the order of their scores.

    attribute: its name, or "score" or "added_at".
    """

    attribute: str
    descending: bool = False

    @classmethod
    def parsed(cls, said: str) -> Sort:
        """From `price`, `price:asc` or `price:desc`. Raises BadQuery.

        >>> Sort.parsed("price:desc")
        Sort(attribute='price', descending=True)
        """
        attribute, _, direction = said.partition(":")
        if not attribute or direction not in ("", "asc", "desc"):
            raise BadQuery(f"{said!r} is no order", remedy="name an attribute, as `price`, `price:asc` or `price:desc`")
        return cls(attribute=attribute, descending=direction == "desc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What is done with a list of hits before it is cut.

    sort: None leaves the order of scores. diversity: 0..1, how much a hit is set back for being like one above it
    (maximal marginal relevance; Carbonell and Goldstein 1998, lambda = 1 - diversity). fold: whether near duplicates
    are folded under the best of them. rules: whether the owner's rules apply. Raises BadQuery.
    """

    sort: Sort | None = None
    diversity: float = 0.0
    fold: bool = False
    rules: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.diversity <= 1.0:
            raise BadQuery(f"diversity is {self.diversity}", remedy="give a number from 0 to 1")

    @property
    def asked(self) -> bool:
        """Whether anything is to be done besides what the rules say."""
        return self.sort is not None or self.diversity > 0 or self.fold


AS_FOUND = Arrangement()
