"""Folds: what is one, what is not, and what stands for it."""

from collections.abc import Callable, Sequence

import pytest

from sensorium.core.candidates import Ranked
from sensorium.core.fingerprints import NEAR_BITS
from sensorium.search.arranging.folding import folded

Making = Callable[..., Ranked]

PLAIN = "0f0f0f0f0f0f0f0f"


def flipped(bits: int) -> str:
    """PLAIN with so many bits changed."""
    return f"{int(PLAIN, 16) ^ ((1 << bits) - 1):016x}"


def shape(hits: Sequence[Ranked]) -> list[tuple[int, list[int]]]:
    return [(hit.found.key, [one.found.key for one in hit.folded]) for hit in hits]


def fold(*hits: Ranked) -> list[tuple[int, list[int]]]:
    return shape(folded([], hits)[1])


@pytest.mark.parametrize(("bits", "is_fold"), [(0, True), (NEAR_BITS, True), (NEAR_BITS + 1, False)])
def test_pictures_whose_fingerprints_are_near_fold(make: Making, bits: int, is_fold: bool) -> None:
    hits = make(1, fingerprint=PLAIN), make(2, fingerprint=flipped(bits))
    assert fold(*hits) == ([(1, [2])] if is_fold else [(1, []), (2, [])])


def test_pictures_without_a_fingerprint_never_fold(make: Making) -> None:
    assert fold(make(1), make(2), make(3, fingerprint=""), make(4, fingerprint="")) == [(n, []) for n in (1, 2, 3, 4)]


def test_a_chain_of_small_differences_joins_nothing(make: Making) -> None:
    near, far = flipped(NEAR_BITS), flipped(2 * NEAR_BITS)
    hits = make(1, fingerprint=PLAIN), make(2, fingerprint=near), make(3, fingerprint=far)
    assert fold(*hits) == [(1, [2]), (3, [])]


def test_a_picture_folds_under_the_nearest_of_those_it_is_like(make: Making) -> None:
    hits = make(1, fingerprint=PLAIN), make(2, fingerprint=flipped(2 * NEAR_BITS)), make(3, fingerprint=flipped(12))
    assert fold(*hits) == [(1, []), (2, [3])]


def test_texts_that_say_the_same_fold_whatever_their_case_and_blanks(make: Making) -> None:
    hits = make(1, text="Two dogs\nin the snow"), make(2, text="two  dogs in the SNOW"), make(3, text="two dogs")
    assert fold(*hits) == [(1, [2]), (3, [])]


def test_a_text_and_a_picture_never_fold(make: Making) -> None:
    assert fold(make(1, text=PLAIN), make(2, fingerprint=PLAIN)) == [(1, []), (2, [])]


def test_the_order_of_what_is_left_stays(make: Making) -> None:
    assert fold(make(3), make(1, text="a"), make(2), make(4, text="a"), make(0)) == [
        (3, []),
        (1, [4]),
        (2, []),
        (0, []),
    ]


def test_a_pinned_hit_stands_for_those_above_it(make: Making) -> None:
    assert fold(make(1, text="a"), make(2, text="a", pinned=1), make(3, text="a", pinned=2)) == [(2, [1]), (3, [])]


def test_what_is_like_a_hit_further_up_folds_under_it(make: Making) -> None:
    _, above = folded([], [make(1, text="a"), make(2, text="a")])
    above, hits = folded(above, [make(3, text="a"), make(4, text="b")])
    assert (shape(above), shape(hits)) == ([(1, [2, 3])], [(4, [])])


def test_many_fingerprints_are_compared_with_all_before_them(make: Making) -> None:
    different = [make(n, fingerprint=f"{(n * 0x9E3779B97F4A7C15) % 2**64:016x}") for n in range(200)]
    hits = [*different, make(500, fingerprint=different[150].found.piece.attributes["fingerprint"])]
    assert dict(fold(*hits))[150] == [500]
