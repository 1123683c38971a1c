"""The owner's rules: what is lifted, set back, pinned, hidden, limited, whatever fits the question best.

A rule orders what was found. It changes no score, and nothing that does not match is called a match.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from sensorium.core.attributes import folded
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.predicates import And, Not, Or, Predicate
from sensorium.core.queries import Query
from sensorium.core.scopes import Filter

MOST_FACTOR = 100.0
"""What the odds of a hit can be multiplied or divided by, by one rule and by all of them together."""

BY_CATALOGUE = "catalogue"
BY_FOLDER = "folder"
"""What a quota counts by besides attributes: the catalogue that a row came from, the folder that a file lies in."""

ADDED_AT = "added_at"
"""What age is counted from besides dates: when an item was added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The questions that a rule is for; both must hold, and what is empty always does.

    words: the question says one of these words or phrases, without case; a word that ends in `*` also begins one.
    modality: a part of the question speaks to this sense.

    >>> from sensorium.core.queries import QueryPart
    >>> asked = Query(parts=(QueryPart(modality=Modality.TEXT, content="A warm Winter coat"),))
    >>> [When(words=words).fits(asked) for words in (("winter coat",), ("coa",), ("coa*",), ())]
    [True, False, True, True]
    """

    words: tuple[str, ...] = ()
    modality: Modality | None = None

    def fits(self, query: Query) -> bool:
        """Whether the question is one of these. What it wants to avoid has no say."""
        wanted = [part for part in query.parts if part.weight > 0]
        if self.modality is not None and all(part.modality is not self.modality for part in wanted):
            return False
        said = " ".join(spoken(part.content) for part in wanted if isinstance(part.content, str))
        return not self.words or any(_says(said, words) for words in self.words)


def spoken(text: str) -> str:
    """A text as its words alone, between blanks, without case.

    >>> spoken("A warm, WINTER coat!")
    ' a warm winter coat '
    """
    letters = (letter if letter.isalnum() else " " for letter in folded(text))
    return f" {' '.join(''.join(letters).split())} "


def _says(said: str, words: str) -> bool:
    wanted = spoken(words)
    return (wanted.rstrip() if words.rstrip().endswith("*") else wanted) in said


ALWAYS = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all rules have. name: unique in its file. when: the questions it is for. where: the items it is for, None
    for all."""

    kind: ClassVar[str] = ""

    name: str
    when: When = ALWAYS
    where: Predicate | None = None

    @property
    def says(self) -> str:
        """What it does to a hit, for people."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost(Rule):
    """The odds that a hit is ordered by count `factor` times, above 1."""

    kind: ClassVar[str] = "boost"
    factor: float

    @property
    def says(self) -> str:
        return f"its odds count {self.factor:g} times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury(Rule):
    """The odds that a hit is ordered by are divided by `factor`, above 1."""

    kind: ClassVar[str] = "bury"
    factor: float

    @property
    def says(self) -> str:
        return f"its odds are divided by {self.factor:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay(Rule):
    """The odds halve with every `half_life` days of age. date: the attribute that age is counted from, or ADDED_AT;
    what has none is not set back."""

    kind: ClassVar[str] = "decay"
    date: str
    half_life: float

    @property
    def says(self) -> str:
        return f"its odds halve every {self.half_life:g} days"


@dataclass(frozen=True, slots=True, kw_only=True)
class First(Rule):
    """Items where `where` holds stand before those where it does not, among what matches and among what does not."""

    kind: ClassVar[str] = "first"

    @property
    def says(self) -> str:
        return "what its condition does not hold of stands behind the rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota(Rule):
    """At most `most` of the first `of_first` hits have the same value of the attribute `by`, or come from the same
    BY_CATALOGUE or BY_FOLDER. What has no value is not counted."""

    kind: ClassVar[str] = "quota"
    by: str
    most: int
    of_first: int

    @property
    def says(self) -> str:
        return f"at most {self.most} of the first {self.of_first} have the same {self.by}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(Rule):
    """The items where `where` holds, at most `most` of them, stand at `place` (from 1) and after it."""

    kind: ClassVar[str] = "pin"
    place: int
    most: int = 1

    @property
    def says(self) -> str:
        return f"it is pinned to place {self.place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide(Rule):
    """Items where `where` holds are not found."""

    kind: ClassVar[str] = "hide"

    @property
    def says(self) -> str:
        return "it is hidden"


KINDS: tuple[type[Rule], ...] = (Boost, Bury, Decay, First, Quota, Pin, Hide)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules of a library, in the order of their file. version: another for every change of the file. problem: why
    the file as it is now can not be used, "" where it can; the rules are then those it had before."""

    rules: tuple[Rule, ...] = ()
    version: str = ""
    problem: str = field(default="", compare=False)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def of(self, query: Query) -> RuleBook:
        """Those that are for this question."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.when.fits(query)))

    @property
    def always(self) -> RuleBook:
        """Those that are for every question."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.when == ALWAYS))

    @property
    def ordering(self) -> tuple[Rule, ...]:
        """Those that move hits; the others hide them."""
        return tuple(rule for rule in self.rules if not isinstance(rule, Hide))

    def narrowed(self, filter: Filter) -> Filter:
        """The filter that leaves out what the rules hide. Raises BadQuery where both together are too much."""
        hidden = [rule.where for rule in self.rules if isinstance(rule, Hide) and rule.where is not None]
        return narrowed(filter, Not(Or(tuple(hidden)))) if hidden else filter


def narrowed(filter: Filter, where: Predicate) -> Filter:
    """The filter where this holds too. Raises BadQuery where both together are too much."""
    parts: Sequence[Predicate] = [where] if filter.where is None else [filter.where, where]
    try:
        return replace(filter, where=And(tuple(parts)) if len(parts) > 1 else where)
    except BadQuery:
        remedy = "ask for less in the filter, or hide less by rules"
        raise BadQuery("the filter and the rules of this library are too large together", remedy=remedy) from None


NO_RULES = RuleBook()
