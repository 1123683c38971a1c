"""Towers around a session that is not a model: what is fed, in which batches, and what comes of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.errors import BadInput
from sensorium.encoders.towers import BATCH_TOKENS, IMAGE_BATCH, Feed, ImageTower, TextTower, batches, unit


class Encoding:
    def __init__(self, ids: list[int]) -> None:
        self.ids = ids


class Letters:
    """A tokenizer with one token for each letter between 1 and 2."""

    def encode_batch(self, texts: Sequence[str]) -> list[Encoding]:
        return [Encoding([1, *map(ord, text), 2]) for text in texts]


class FirstLetters:
    """A session: counts the letters a to d of each row under its mask; remembers what it was fed."""

    def __init__(self) -> None:
        self.feeds: list[Feed] = []

    def run(self, outputs: list[str], feed: Feed) -> list[Any]:
        self.feeds.append(feed)
        ids, mask = feed["input_ids"], feed["attention_mask"]
        return [np.stack([((ids == ord(letter)) & (mask == 1)).sum(1) for letter in "abcd"], axis=1).astype(np.float32)]


def tower(session: FirstLetters, max_tokens: int = 6) -> TextTower:
    return TextTower(session, Letters(), max_tokens, width=4)


def test_a_text_longer_than_a_window_is_the_mean_of_windows_of_equal_length() -> None:
    session = FirstLetters()
    vector = tower(session).encode(["aabbccdd"])[0]
    assert [row.tolist() for feed in session.feeds for row in feed["input_ids"]] == [
        [1, *map(ord, "aabb"), 2],
        [1, *map(ord, "ccdd"), 2],
    ]
    np.testing.assert_allclose(vector, [0.5, 0.5, 0.5, 0.5])


def test_a_text_that_just_fits_is_one_window() -> None:
    session = FirstLetters()
    tower(session).encode(["abcd"])
    assert [feed["input_ids"].shape for feed in session.feeds] == [(1, 6)]


def test_padding_is_masked() -> None:
    session = FirstLetters()
    tower(session).encode(["a", "abc"])
    assert session.feeds[0]["attention_mask"].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]


@given(st.lists(st.text(alphabet="abcd", min_size=1, max_size=40), min_size=1, max_size=80))
def test_vectors_stand_in_the_order_of_the_texts(texts: list[str]) -> None:
    together = tower(FirstLetters()).encode(texts)
    alone = np.vstack([tower(FirstLetters()).encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@given(st.lists(st.integers(1, 256), max_size=200))
def test_batches_hold_every_position_once_and_little_padding(lengths: list[int]) -> None:
    made = list(batches(lengths))
    assert sorted(position for batch in made for position in batch) == list(range(len(lengths)))
    for batch in made:
        inside = [lengths[position] for position in batch]
        assert len(batch) * max(inside) <= BATCH_TOKENS
        assert max(inside) <= 1.5 * min(inside) + 8


def test_half_a_character_is_an_error() -> None:
    with pytest.raises(BadInput, match="content 1 holds half a character"):
        tower(FirstLetters()).encode(["a", "\ud800"])


class Means:
    """A session: the mean colour of each picture."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def run(self, outputs: list[str], feed: Feed) -> list[Any]:
        self.sizes.append(len(feed["pixels"]))
        return [feed["pixels"].astype(np.float32).mean(axis=(1, 2))]


def test_pictures_are_fed_in_small_batches_and_stay_in_order() -> None:
    session = Means()
    pictures = [np.full((4, 4, 3), value, np.uint8) for value in range(2 * IMAGE_BATCH + 1)]
    vectors = ImageTower(session, side=4, width=3).encode(pictures)
    assert session.sizes == [IMAGE_BATCH, IMAGE_BATCH, 1]
    assert vectors[:, 0].tolist() == list(range(2 * IMAGE_BATCH + 1))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 5, 3), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        "a text",
    ],
)
def test_what_is_no_picture_of_the_right_size_is_an_error(wrong: Any) -> None:
    with pytest.raises(BadInput, match=r"content 1 is .* not a picture of uint8 \[4, 4, 3\]"):
        ImageTower(Means(), side=4, width=3).encode([np.zeros((4, 4, 3), np.uint8), wrong])


def test_a_row_of_zeros_stays_finite() -> None:
    assert unit(np.zeros((1, 3), np.float32)).tolist() == [[0, 0, 0]]
