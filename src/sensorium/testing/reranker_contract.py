"""What every reranker promises. Run it by a subclass that has the fixtures `reranker`, `query` and `keys`.

query: one that the reranker applies to, where pieces of `found` are looked for. keys: at least 3 of such pieces, about
which it knows something.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sensorium.core.items import Modality
from sensorium.core.ports import Reranker, TellingReranker
from sensorium.core.queries import Query

UNKNOWN = 10**15
"""The key of no piece."""

TOLERANCE = 1e-5
"""How far a score may move with the candidates beside it: products of float32 do not always add in one order."""


class RerankerContract:
    """The suite."""

    found = Modality.IMAGE

    def rescore(self, reranker: Reranker, query: Query, keys: Sequence[int]) -> list[float]:
        """New scores, with a raw score for each key that depends on the key alone."""
        return reranker.rescore(query, self.found, keys, [raw(key) for key in keys])

    def test_fits_the_port_and_has_a_name(self, reranker: Reranker) -> None:
        assert isinstance(reranker, Reranker)
        assert reranker.name

    def test_says_whether_it_applies(self, reranker: Reranker, query: Query) -> None:
        assert reranker.applies(query, self.found) is True
        assert all(reranker.applies(query, modality) in (True, False) for modality in Modality)

    def test_gives_one_finite_score_for_each_key(self, reranker: Reranker, query: Query, keys: Sequence[int]) -> None:
        scores = self.rescore(reranker, query, keys)
        assert [type(score) for score in scores] == [float] * len(keys)
        assert all(map(math.isfinite, scores))

    def test_changes_something(self, reranker: Reranker, query: Query, keys: Sequence[int]) -> None:
        assert self.rescore(reranker, query, keys) != [raw(key) for key in keys]

    def test_what_it_tells_is_of_the_keys_that_it_was_given(
        self, reranker: Reranker, query: Query, keys: Sequence[int]
    ) -> None:
        if not isinstance(reranker, TellingReranker):
            pytest.skip("it tells nothing")
        told = reranker.tell(query, self.found, [*keys, UNKNOWN])
        assert told.keys() <= {*keys, UNKNOWN}
        assert all(math.isfinite(number) for one in told.values() for number in one.numbers.values())
        assert reranker.tell(query, self.found, keys[:1]) == {key: told[key] for key in keys[:1] if key in told}

    def test_gives_the_same_scores_again(self, reranker: Reranker, query: Query, keys: Sequence[int]) -> None:
        assert self.rescore(reranker, query, keys) == self.rescore(reranker, query, keys)

    def test_other_questions_in_between_change_nothing(
        self, reranker: Reranker, query: Query, keys: Sequence[int]
    ) -> None:
        before = self.rescore(reranker, query, keys)
        (part,) = query.parts
        if isinstance(part.content, str):
            other = replace(query, parts=(replace(part, content=f"{part.content} and something else"),))
            self.rescore(reranker, other, keys)
        assert self.rescore(reranker, query, keys) == before

    def test_a_score_depends_on_its_own_piece_alone(
        self, reranker: Reranker, query: Query, keys: Sequence[int]
    ) -> None:
        together = dict(zip(keys, self.rescore(reranker, query, keys), strict=True))
        for key in keys:
            assert self.rescore(reranker, query, [key]) == pytest.approx([together[key]], abs=TOLERANCE)
        shuffled = random.Random(1).sample(list(keys), len(keys))
        expected = [together[key] for key in shuffled]
        assert self.rescore(reranker, query, shuffled) == pytest.approx(expected, abs=TOLERANCE)

    def test_a_higher_raw_score_stays_higher(self, reranker: Reranker, query: Query, keys: Sequence[int]) -> None:
        low, high = (reranker.rescore(query, self.found, keys, [value] * len(keys)) for value in (0.1, 0.2))
        assert all(above > below for above, below in zip(high, low, strict=True))

    def test_nothing_in_is_nothing_out(self, reranker: Reranker, query: Query) -> None:
        assert self.rescore(reranker, query, []) == []

    def test_a_piece_that_is_gone_keeps_its_own_score(
        self, reranker: Reranker, query: Query, keys: Sequence[int]
    ) -> None:
        alone = self.rescore(reranker, query, keys)
        assert self.rescore(reranker, query, [UNKNOWN]) == [raw(UNKNOWN)]
        with_gone = self.rescore(reranker, query, [keys[0], UNKNOWN, *keys[1:]])
        assert with_gone.pop(1) == raw(UNKNOWN)
        assert with_gone == pytest.approx(alone, abs=TOLERANCE)


def raw(key: int) -> float:
    """A raw score, -1..1, unlike that of most other keys."""
    return random.Random(key).uniform(-1.0, 1.0)
