"""The question: parts in any sense, what to avoid, where to look, how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sensorium.core.arrangement import AS_FOUND, Arrangement
from sensorium.core.contents import Content
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.scopes import EVERYTHING, Filter
from sensorium.core.spaces import Vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPart:
    """One part of a question.

    weight: relative to the other parts; below 0 it says what the hits should not be like. label: how the part is
    shown to people where it has no words, such as the name of a picture file. known: its vectors, by the id of their
    space, float32 [width], unit length, where they need not be made: of a piece that is kept.
    """

    modality: Modality
    content: Content = field(repr=False)
    weight: float = 1.0
    label: str = ""
    known: Mapping[str, Vectors] = field(default_factory=dict, repr=False, compare=False)

    @property
    def words(self) -> str:
        """The part as people read it."""
        if self.known and self.label:
            return self.label
        return self.content if isinstance(self.content, str) else self.label or f"a given {self.modality}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question.

    k: hits wanted. per_item: most hits of one item (0: no limit). filter: where to look.
    rerank: whether a closer look at the best candidates is taken. hubness: whether pieces that are near to every
    question are set back. For both, None leaves it to the settings, and True is an error where it can not be done.
    arrangement: what is done with the list before it is cut.
    Raises BadQuery when no part says what is wanted, or a number is out of range.
    """

    parts: tuple[QueryPart, ...]
    k: int = 10
    per_item: int = 1
    filter: Filter = EVERYTHING
    rerank: bool | None = None
    hubness: bool | None = None
    arrangement: Arrangement = AS_FOUND

    def __post_init__(self) -> None:
        if any(part.weight == 0 or part.weight != part.weight or abs(part.weight) > 100 for part in self.parts):
            raise BadQuery("a weight is 0, not a number or beyond 100", remedy="give weights such as 1 and 0.5")
        if not any(part.weight > 0 for part in self.parts):
            raise BadQuery("nothing says what to look for", remedy="give a text or a picture besides what to avoid")
        if any(isinstance(part.content, str) and not part.content.strip() for part in self.parts):
            raise BadQuery("a text of the question is empty", remedy="say in words what to look for")
        if self.k < 1:
            raise BadQuery(f"k is {self.k}", remedy="ask for at least one hit")
        if self.per_item < 0:
            raise BadQuery(f"per_item is {self.per_item}", remedy="give 0 for no limit, or a positive number")

    @property
    def words(self) -> str:
        """The question as people read it.

        >>> dog = QueryPart(modality=Modality.TEXT, content="a dog")
        >>> cat = QueryPart(modality=Modality.TEXT, content="a cat", weight=-1.0)
        >>> Query(parts=(dog, cat)).words
        'a dog, not a cat'
        """
        wanted = " + ".join(dict.fromkeys(part.words for part in self.parts if part.weight > 0))
        return ", not ".join([wanted, *dict.fromkeys(part.words for part in self.parts if part.weight < 0)])
