"""What a learned ranker knows of a hit: numbers, each with a name and a sentence.

They are made of the question, of the hits at hand and of nothing else, so what a caller can not see moves none of them,
and no clock is read: pages of a list fit together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from sensorium.core.attributes import seconds_of
from sensorium.core.calibration import logit
from sensorium.core.candidates import Ranked
from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Modality, Place
from sensorium.core.matching import values_of
from sensorium.core.queries import Query
from sensorium.core.results import Evidence
from sensorium.core.terms import terms

ATTRIBUTE = "attribute:"
"""What the name of a feature starts with that is an attribute of the item."""

MOST_FEATURES = 100
MOST_LOG_ODDS = 30.0
DAY = 86_400
UNKNOWN = math.nan

Table = npt.NDArray[np.float64]
"""float64 [hits, features]; NaN where a hit has nothing of the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """What people thought of items, by item id: how often one was opened or wanted more of, and wanted less of."""

    liked: Mapping[str, int] = field(default_factory=dict)
    disliked: Mapping[str, int] = field(default_factory=dict)


NO_CLICKS = Clicks()


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """What the features of one list share. newest: Unix seconds of the hit that was changed last."""

    words: frozenset[str]
    newest: float
    pieces: Mapping[str, int]
    clicks: Clicks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One hit at its place, from 1."""

    hit: Ranked
    place: int


_Value = Callable[[_List, _Place], float]


def _best(at: _Place) -> Evidence | None:
    """The evidence with the best rank of its route."""
    return min(at.hit.evidence, key=lambda evidence: evidence.rank, default=None)


def _of_best(value: Callable[[Evidence], float]) -> _Value:
    def read(_: _List, at: _Place) -> float:
        best = _best(at)
        return UNKNOWN if best is None else value(best)

    return read


def _score(_: _List, at: _Place) -> float:
    return min(max(logit(min(max(at.hit.score, 0.0), 1.0)), -MOST_LOG_ODDS), MOST_LOG_ODDS)


def _share(within: Callable[[Ranked], str | None]) -> _Value:
    def read(shared: _List, at: _Place) -> float:
        text = within(at.hit)
        if text is None or not shared.words:
            return UNKNOWN
        return len(shared.words.intersection(terms(text, None))) / len(shared.words)

    return read


def _log(number: float | None) -> float:
    return UNKNOWN if number is None else math.log1p(max(0.0, number))


def _start(interval: tuple[float, float] | tuple[int, int] | None) -> float | None:
    return None if interval is None else float(interval[0])


def _age(shared: _List, at: _Place) -> float:
    return _log((shared.newest - at.hit.found.item.lineage.modified_at) / DAY)


def _is(value: object, read: Callable[[Ranked], object]) -> _Value:
    return lambda _, at: float(read(at.hit) is value)


_ABOUT: dict[str, tuple[str, _Value]] = {
    "score": ("log-odds of the calibrated score", _score),
    "matches": ("1 where it reaches the cut", lambda _, at: float(at.hit.matches)),
    "place": ("its place in the list, from 1", lambda _, at: float(at.place)),
    "raw": ("raw score of the route that ranks it best", _of_best(lambda one: one.raw)),
    "raw_after_looks": ("the same after the closer looks", _of_best(lambda one: one.last_raw)),
    "look_gain": ("what the closer looks added", _of_best(lambda one: one.last_raw - one.raw)),
    "looks": ("how many closer looks were taken", _of_best(lambda one: float(len(one.looks)))),
    "route_rank": ("its best rank in a route", _of_best(lambda one: float(one.rank))),
    "routes": ("how many routes found it", lambda _, at: float(len(at.hit.evidence))),
    "by_words": ("1 where words alone found it", lambda _, at: float(any(e.route == "words" for e in at.hit.evidence))),
    "words_share": ("share of the question's words in its text", _share(lambda hit: hit.found.piece.text)),
    "title_share": ("share of the question's words in the title", _share(lambda hit: hit.found.item.title)),
    "text_length": ("logarithm of 1 + its characters", lambda _, at: _log(_length(at.hit))),
    "page": ("the page that it stands on", lambda _, at: float(at.hit.found.piece.place.page or UNKNOWN)),
    "second": ("logarithm of 1 + the second it starts at", lambda _, at: _log(_start(_at(at).seconds))),
    "character": ("logarithm of 1 + the character it starts at", lambda _, at: _log(_start(_at(at).characters))),
    "age": ("logarithm of 1 + the days it is older than the newest hit", _age),
    "pieces": ("how many hits are of its item", lambda shared, at: float(shared.pieces[at.hit.found.item.id])),
    "clicks": ("logarithm of 1 + how often its item was liked", lambda s, at: _log(s.clicks.liked.get(_item(at), 0))),
    "dislikes": (
        "logarithm of 1 + how often its item was not",
        lambda shared, at: _log(shared.clicks.disliked.get(_item(at), 0)),
    ),
    **{
        f"sense_{one}": (f"1 for what is found as {one}", _is(one, lambda hit: hit.found.piece.modality))
        for one in (Modality.TEXT, Modality.IMAGE, Modality.AUDIO)
    },
    **{
        f"kind_{one}": (f"1 for an item that is {one}", _is(one, lambda hit: hit.found.item.modality))
        for one in Modality
    },
    **{f"aspect_{one}": (f"1 for the aspect {one}", _is(one, lambda hit: hit.found.piece.aspect)) for one in Aspect},
}

FEATURES: Mapping[str, str] = {name: words for name, (words, _) in _ABOUT.items()}
"""Every feature that hits have by themselves, with what it says. `attribute:NAME` is one besides, for each attribute
that is a number, a date (days since 1970) or yes and no."""

BY_CHOICE = frozenset({"clicks", "dislikes"})
"""Features that are used only where they are named: with them, what other people do moves a list."""

STANDARD = tuple(name for name in FEATURES if name not in BY_CHOICE)
"""The features of a ranker whose owner names none."""


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once. Raises BadInput for one that is none, and for too many.

    >>> checked(["score", "attribute:price", "score"])
    ('score', 'attribute:price')
    """
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in FEATURES and not (name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE)):
            raise BadInput(
                "there is no such feature",
                subject=name,
                remedy=f"name one of {', '.join(FEATURES)} or {ATTRIBUTE}NAME",
            )
    if not 0 < len(chosen) <= MOST_FEATURES:
        raise BadInput(f"{len(chosen)} features", remedy=f"name 1 to {MOST_FEATURES}")
    return chosen


def table(query: Query, hits: Sequence[Ranked], names: Sequence[str], clicks: Clicks = NO_CLICKS) -> Table:
    """float64 [hits, names]: the features of these names, one row a hit, in the order of the list."""
    shared = _List(
        words=frozenset(terms(query.words)),
        newest=max((hit.found.item.lineage.modified_at for hit in hits), default=0.0),
        pieces=Counter(hit.found.item.id for hit in hits),
        clicks=clicks,
    )
    made = np.full((len(hits), len(names)), UNKNOWN)
    for row, hit in enumerate(hits):
        at = _Place(hit=hit, place=row + 1)
        for column, name in enumerate(names):
            if name in _ABOUT:
                made[row, column] = _ABOUT[name][1](shared, at)
            else:
                made[row, column] = attribute_value(hit, name.removeprefix(ATTRIBUTE))
    return made


def attribute_value(hit: Ranked, name: str) -> float:
    """A number, days since 1970 for a date, 1 or 0 for yes or no; NaN for anything else."""
    value = values_of(hit.found.item).get(name)
    if isinstance(value, date):
        return seconds_of(value) / DAY
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return UNKNOWN


def _at(at: _Place) -> Place:
    return at.hit.found.piece.place


def _item(at: _Place) -> str:
    return at.hit.found.item.id


def _length(hit: Ranked) -> float | None:
    return None if hit.found.piece.text is None else float(len(hit.found.piece.text))
