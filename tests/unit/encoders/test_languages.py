"""Two text towers for one space: each text comes back in its place, from the tower of its language."""

import io
from collections.abc import Sequence

import numpy as np
import pytest

from sensorium.core.contents import Content
from sensorium.core.details import Details
from sensorium.core.errors import ModelDamaged
from sensorium.core.spaces import Vectors
from sensorium.encoders.languages import ByLanguage, read_odds


class Marked:
    """A tower whose vectors tell which tower made them of what."""

    def __init__(self, mark: float, detailed: bool = True) -> None:
        self._mark, self._detailed = mark, detailed
        self.asked: list[str] = []

    def encode(self, contents: Sequence[Content]) -> Vectors:
        self.asked += [str(content) for content in contents]
        return np.array([[self._mark, len(str(content))] for content in contents], np.float32)

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, Details | None]:
        vectors = self.encode(contents)
        return vectors, [row[None] for row in vectors] if self._detailed else None


def joined(english: Marked, others: Marked) -> ByLanguage:
    return ByLanguage(english, lambda: others, lambda text: text.isascii())


def test_every_text_keeps_its_place() -> None:
    found = joined(Marked(1), Marked(2)).encode(["one", "zwö", "three", "vieré"])
    assert found.tolist() == [[1, 3], [2, 3], [1, 5], [2, 5]]


def test_details_stand_with_their_texts() -> None:
    vectors, details = joined(Marked(1), Marked(2)).encode_detailed(["één", "one", "zwö"])
    assert details is not None
    assert [rows[0].tolist() for rows in details] == vectors.tolist() == [[2, 3], [1, 3], [2, 3]]


def test_where_one_tower_has_no_details_there_are_none() -> None:
    assert joined(Marked(1), Marked(2, detailed=False)).encode_detailed(["one", "zwö"])[1] is None


def test_the_other_tower_is_not_made_for_english_texts() -> None:
    def fail() -> Marked:
        raise AssertionError("it was made")

    tower = ByLanguage(Marked(1), fail, lambda text: True)
    assert tower.encode(["one", "two"]).tolist() == [[1, 3], [1, 3]]


def test_the_other_tower_is_made_once() -> None:
    made: list[Marked] = []

    def make() -> Marked:
        made.append(Marked(2))
        return made[-1]

    tower = ByLanguage(Marked(1), make, lambda text: False)
    tower.encode(["a"])
    tower.encode(["b"])
    assert len(made) == 1


@pytest.mark.parametrize("content", [7, "half \ud83d a pair"])
def test_what_is_no_text_is_left_to_the_english_tower_to_refuse(content: Content) -> None:
    english = Marked(1)
    ByLanguage(english, lambda: Marked(2), lambda text: False).encode([content])
    assert len(english.asked) == 1


def saved(odds: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, odds=odds)
    return file.getvalue()


def test_odds_are_read_as_they_were_written() -> None:
    odds = np.array([0.5, -2.0], np.float16)
    assert read_odds(saved(odds), 2).tolist() == odds.tolist()


@pytest.mark.parametrize(
    "data",
    [
        b"nothing",
        saved(np.zeros(3, np.float16)),
        saved(np.zeros(2, np.float32)),
        saved(np.array([np.nan, 0], np.float16)),
    ],
)
def test_other_odds_are_refused(data: bytes) -> None:
    with pytest.raises(ModelDamaged, match="odds of languages"):
        read_odds(data, 2)
