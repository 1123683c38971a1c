"""When a promotion is refused."""

import numpy as np
import pytest

from sensorium.adapting.gate import Remembering, on_pairs, refusal
from sensorium.adapting.learn import Pairs
from sensorium.core.items import Modality
from sensorium.testing.encoders import HashEncoder

COUNT = 40
NUMBERS = np.arange(COUNT)
ROWS = np.eye(COUNT, dtype=np.float32)


def verdicts(base: np.ndarray, adapted: np.ndarray):
    """Of texts that find pictures `ROWS`."""
    pairs = Pairs(texts=base, pictures=ROWS, text_of=NUMBERS, picture_of=NUMBERS)
    return on_pairs(pairs, (base, ROWS), (adapted, ROWS))


def test_what_is_surely_worse_is_refused() -> None:
    why = refusal(verdicts(ROWS, np.roll(ROWS, 1, axis=0)))
    assert why.startswith("it is worse on pairs kept out, text -> image: RR 1.000 -> ")


def test_what_is_better_is_promoted() -> None:
    assert refusal(verdicts(np.roll(ROWS, 1, axis=0), ROWS)) == ""


def test_what_may_be_luck_is_promoted() -> None:
    one_wrong = ROWS.copy()
    one_wrong[[0, 1]] = ROWS[[1, 0]]
    one_right = np.roll(ROWS, 0, axis=0).copy()
    one_right[[2, 3]] = ROWS[[3, 2]]
    assert refusal(verdicts(one_right, one_wrong)) == ""


def test_nothing_is_said_of_no_pairs() -> None:
    none = Pairs(texts=ROWS[:0], pictures=ROWS[:0], text_of=NUMBERS[:0], picture_of=NUMBERS[:0])
    assert on_pairs(none, (ROWS[:0], ROWS[:0]), (ROWS[:0], ROWS[:0])) == []


def test_an_encoder_that_says_the_same_of_everything_is_last() -> None:
    verdict, _ = verdicts(ROWS, np.ones_like(ROWS) / np.sqrt(np.float32(COUNT)))
    assert verdict.b["RR"].mean == pytest.approx(1 / COUNT)


class Counting(HashEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def encode(self, modality, contents, role):
        self.asked += len(contents)
        return super().encode(modality, contents, role)


def test_what_is_asked_again_is_remembered() -> None:
    counting = Counting()
    remembering = Remembering(counting)
    first = remembering.encode(Modality.TEXT, ["a", "b", "a"], "query")
    again = remembering.encode(Modality.TEXT, ["b", "a"], "query")
    assert counting.asked == 2
    np.testing.assert_array_equal(first[[1, 0]], again)
    remembering.encode(Modality.TEXT, ["a"], "piece")
    assert counting.asked == 3
