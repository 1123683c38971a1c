"""Two text towers for one space: English texts go to one, all others to the other."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content
from sensorium.core.details import Details
from sensorium.core.errors import ModelDamaged
from sensorium.core.spaces import Vectors

LANGUAGES = "languages.npz"
DOUBT = -1.0
"""A text counts as English unless the odds against it are e to 1: what could be both goes to the better tower."""


class Tower(Protocol):
    """Contents of one modality -> unit vectors."""

    def encode(self, contents: Sequence[Content]) -> Vectors: ...

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, Details | None]: ...


@runtime_checkable
class Spanning(Protocol):
    """A tower that can tell which characters its rows stand for."""

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]: ...


class EnglishOrNot:
    """Tells English texts by their word pieces (naive Bayes).

    odds: float16 [pieces], ln of the odds that a text with this piece is English.
    """

    def __init__(self, tokenizer: Any, odds: npt.NDArray[np.float16]) -> None:
        self._tokenizer = tokenizer
        self._odds = odds.astype(np.float32)

    def __call__(self, text: str) -> bool:
        """Whether the sum over the text's pieces is not below `DOUBT`."""
        return bool(self._odds[self._tokenizer.encode(text, add_special_tokens=False).ids].sum() >= DOUBT)


def read_odds(data: bytes, pieces: int) -> npt.NDArray[np.float16]:
    """The odds of an npz file. Raises ModelDamaged unless there is one finite number for each of `pieces`."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            odds: npt.NDArray[np.float16] = arrays["odds"]
        if odds.shape != (pieces,) or odds.dtype != np.float16 or not np.isfinite(odds).all():
            raise ValueError(f"expected {pieces} numbers of float16, got {odds.dtype} {list(odds.shape)}")
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise ModelDamaged(
            f"no odds of languages can be read ({error})", subject=LANGUAGES, remedy="reinstall sensorium"
        ) from error
    return odds


class ByLanguage:
    """Sends each text to the tower of its language. Fits `Tower`.

    english: the tower of English texts. others: makes that of all other ones; called once, when one of them comes.
    """

    def __init__(self, english: Tower, others: Callable[[], Tower], is_english: Callable[[str], bool]) -> None:
        self._english = english
        self._make_others = others
        self._others: Tower | None = None
        self._is_english = is_english

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no text."""
        ours, theirs = self._split(contents)
        if not theirs:
            return self._english.encode(contents)
        if not ours:
            return self.others.encode(contents)
        parts = (self._english.encode(_at(contents, ours)), self.others.encode(_at(contents, theirs)))
        return _joined(ours, theirs, *parts)

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, Details | None]:
        """What `encode` gives, and the details of each text."""
        ours, theirs = self._split(contents)
        if not theirs:
            return self._english.encode_detailed(contents)
        if not ours:
            return self.others.encode_detailed(contents)
        our_vectors, our_details = self._english.encode_detailed(_at(contents, ours))
        their_vectors, their_details = self.others.encode_detailed(_at(contents, theirs))
        vectors = _joined(ours, theirs, our_vectors, their_vectors)
        if our_details is None or their_details is None:
            return vectors, None
        placed = dict(zip([*ours, *theirs], [*our_details, *their_details], strict=True))
        return vectors, [placed[position] for position in range(len(contents))]

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """As of the tower that the text goes to."""
        tower = self.others if self._split([text])[1] else self._english
        return tower.row_spans(text) if isinstance(tower, Spanning) else ()

    @property
    def others(self) -> Tower:
        """The tower of all other languages, loaded."""
        if self._others is None:
            self._others = self._make_others()
        return self._others

    def _split(self, contents: Sequence[Content]) -> tuple[list[int], list[int]]:
        """Positions of English texts and of others. What is no text is left to the English tower, which refuses it."""
        foreign = [
            position
            for position, content in enumerate(contents)
            if isinstance(content, str) and _is_whole(content) and not self._is_english(content)
        ]
        others = set(foreign)
        return [position for position in range(len(contents)) if position not in others], foreign


def _is_whole(text: str) -> bool:
    """Whether it can be encoded: half a surrogate pair can not, and the tower says so."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(contents: Sequence[Content], positions: Sequence[int]) -> list[Content]:
    return [contents[position] for position in positions]


def _joined(ours: Sequence[int], theirs: Sequence[int], our_rows: Vectors, their_rows: Vectors) -> Vectors:
    found = np.empty((len(ours) + len(theirs), our_rows.shape[1]), np.float32)
    found[list(ours)], found[list(theirs)] = our_rows, their_rows
    return found
