"""Three parts that share nothing."""

import numpy as np
import pytest

from sensorium.adapting.learn import Pairs
from sensorium.adapting.split import FEWEST_TO_SPLIT, split


def pairs_of(text_of: list[int], picture_of: list[int]) -> Pairs:
    rows = np.ones((len(text_of), 1), np.float32)
    return Pairs(texts=rows, pictures=rows, text_of=np.array(text_of), picture_of=np.array(picture_of))


def test_each_pair_is_in_one_part() -> None:
    parts = split(pairs_of(list(range(100)), list(range(100))), seed=0)
    rows = [parts.learned, parts.judged, parts.kept_out]
    assert sorted(np.concatenate(rows).tolist()) == list(range(100))
    assert [len(each) for each in rows] == [70, 15, 15]


def test_no_text_and_no_picture_is_in_two_parts() -> None:
    text_of, picture_of = [n // 3 for n in range(120)], [(n + 1) // 2 for n in range(120)]
    pairs = pairs_of([t % 25 for t in text_of], picture_of)
    parts = split(pairs, seed=1)
    for numbers in (pairs.text_of, pairs.picture_of):
        sets = [set(numbers[rows].tolist()) for rows in (parts.learned, parts.judged, parts.kept_out)]
        assert sum(map(len, sets)) == len(set.union(*sets))


def test_the_same_seed_splits_the_same_and_another_one_does_not() -> None:
    pairs = pairs_of(list(range(100)), list(range(100)))
    assert split(pairs, 0).kept_out.tolist() == split(pairs, 0).kept_out.tolist()
    assert split(pairs, 0).kept_out.tolist() != split(pairs, 1).kept_out.tolist()


@pytest.mark.parametrize("count", [0, 1, FEWEST_TO_SPLIT - 1])
def test_a_few_pairs_are_not_split(count: int) -> None:
    parts = split(pairs_of(list(range(count)), list(range(count))), seed=0)
    assert (len(parts.learned), len(parts.judged), len(parts.kept_out)) == (count, 0, 0)
