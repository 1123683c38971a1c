"""Files that a question names: `report.pdf`, `IMG_2041`, `INV-2024-0917` are found by the letters of their names.

No vector knows them, and a picture has no text that words could be found in. So items whose file is named so come
first, as if they were pinned there: their scores stay what they are, and the hit says why it stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.predicates import Compare, Predicate, TextMatch
from sensorium.core.queries import Query
from sensorium.core.rules import Pin, narrowed
from sensorium.core.scopes import Filter
from sensorium.core.terms import is_code, terms

MOST_NAMES = 3
"""Of one question. A beginning of a name is looked for among all visible items."""

MOST_ITEMS = 3
"""That are put first for one name."""

LEAST_CODE = 5
"""Characters from which a word with a digit in it is taken for a name: `2024` is a year, `IMG_2041` is none."""

NAMED = "file name"
"""What these pins are called."""

_WORD = re.compile(r"[\w][\w.@()+-]*\w")
_FILE = re.compile(r".*\w\.[A-Za-z][A-Za-z0-9]{1,4}")


def names_in(text: str) -> list[str]:
    """Words of a question that may be names of files: at most `MOST_NAMES`, each once.

    A word with an ending is one anywhere. Without an ending it may begin a name where it is all that tells something in
    the question: who asks for the effects of covid-19 does not ask for a file that is called so.

    >>> [names_in(text) for text in ("Report-2023.pdf of 2023, or IMG_2041?", "the IMG_2041", "covid-19 effects")]
    [['Report-2023.pdf'], ['IMG_2041'], []]
    """
    words = dict.fromkeys(match[0] for match in _WORD.finditer(text))
    alone = len(terms(text)) == 1
    return [word for word in words if _is_file(word) or (alone and _is_code(word))][:MOST_NAMES]


def pins_of(query: Query, is_any: Callable[[Filter], bool]) -> Iterator[Pin]:
    """A pin for each name in a question of one text that an item has. is_any: whether one that the caller sees fits."""
    if [part.modality for part in query.parts] != [Modality.TEXT]:
        return
    for name in names_in(str(query.parts[0].content)):
        where = _holds(name)
        if _is_there(query, where, is_any):
            yield Pin(name=f"{NAMED} {name}", where=where, place=1, most=MOST_ITEMS)


def _is_there(query: Query, where: Predicate, is_any: Callable[[Filter], bool]) -> bool:
    try:
        filter = narrowed(query.filter, where)
    except BadQuery:  # the filter is as large as filters get: then names are not looked for besides
        return False
    return is_any(filter)


def _holds(name: str) -> Predicate:
    return Compare("file", "=", name) if _is_file(name) else TextMatch("file", "starts", name)


def _is_file(word: str) -> bool:
    return _FILE.fullmatch(word) is not None


def _is_code(word: str) -> bool:
    return len(word) >= LEAST_CODE and is_code(word)
