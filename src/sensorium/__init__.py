"""Sensorium: one library for everything you keep, found by meaning, across media, offline.

>>> import sensorium, tempfile
>>> with sensorium.open(tempfile.mkdtemp()) as library:
...     print(library.search("two dogs in the snow"))
two dogs in the snow
Nothing found.

Public names are loaded when they are first used, so that `import sensorium` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sensorium.async_client import AsyncRemoteLibrary as AsyncRemoteLibrary
    from sensorium.async_client import connect_async as connect_async
    from sensorium.client import RemoteLibrary as RemoteLibrary
    from sensorium.client import connect as connect
    from sensorium.core.answers import Answer as Answer
    from sensorium.core.answers import Citation as Citation
    from sensorium.core.answers import Exhibit as Exhibit
    from sensorium.core.answers import Sentence as Sentence
    from sensorium.core.attributes import Point as Point
    from sensorium.core.errors import SensoriumError as SensoriumError
    from sensorium.core.items import Item as Item
    from sensorium.core.items import Modality as Modality
    from sensorium.core.items import Piece as Piece
    from sensorium.core.items import Place as Place
    from sensorium.core.items import Rights as Rights
    from sensorium.core.predicates import Compare as Compare
    from sensorium.core.predicates import Has as Has
    from sensorium.core.predicates import Moment as Moment
    from sensorium.core.predicates import Near as Near
    from sensorium.core.predicates import OneOf as OneOf
    from sensorium.core.predicates import Predicate as Predicate
    from sensorium.core.predicates import TextMatch as TextMatch
    from sensorium.core.queries import Query as Query
    from sensorium.core.queries import QueryPart as QueryPart
    from sensorium.core.receipts import Outcome as Outcome
    from sensorium.core.receipts import Receipt as Receipt
    from sensorium.core.results import Evidence as Evidence
    from sensorium.core.results import Hit as Hit
    from sensorium.core.results import SearchResults as SearchResults
    from sensorium.core.scopes import Filter as Filter
    from sensorium.core.scopes import Scope as Scope
    from sensorium.core.settings import Settings as Settings
    from sensorium.library import Library as Library
    from sensorium.library import open as open

_HOMES = {
    "Answer": "sensorium.core.answers",
    "AsyncRemoteLibrary": "sensorium.async_client",
    "Citation": "sensorium.core.answers",
    "Compare": "sensorium.core.predicates",
    "Evidence": "sensorium.core.results",
    "Exhibit": "sensorium.core.answers",
    "Filter": "sensorium.core.scopes",
    "Has": "sensorium.core.predicates",
    "Hit": "sensorium.core.results",
    "Item": "sensorium.core.items",
    "Library": "sensorium.library",
    "Modality": "sensorium.core.items",
    "Moment": "sensorium.core.predicates",
    "Near": "sensorium.core.predicates",
    "OneOf": "sensorium.core.predicates",
    "Outcome": "sensorium.core.receipts",
    "Piece": "sensorium.core.items",
    "Place": "sensorium.core.items",
    "Point": "sensorium.core.attributes",
    "Predicate": "sensorium.core.predicates",
    "Query": "sensorium.core.queries",
    "QueryPart": "sensorium.core.queries",
    "Receipt": "sensorium.core.receipts",
    "RemoteLibrary": "sensorium.client",
    "Rights": "sensorium.core.items",
    "Scope": "sensorium.core.scopes",
    "SearchResults": "sensorium.core.results",
    "SensoriumError": "sensorium.core.errors",
    "Sentence": "sensorium.core.answers",
    "Settings": "sensorium.core.settings",
    "TextMatch": "sensorium.core.predicates",
    "connect": "sensorium.client",
    "connect_async": "sensorium.async_client",
    "open": "sensorium.library",
}

__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'sensorium' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
