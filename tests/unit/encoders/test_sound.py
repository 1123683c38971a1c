"""The front end of sounds against formulas written out anew, and the tower around a session that is not a model."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorium.core.contents import Samples
from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.encoders.sound import (
    BANDS,
    BLOCK,
    FRAME,
    FRAMES,
    HOP,
    LARGEST,
    RATE,
    SoundTower,
    blocks_of,
    mel_filters,
    spectrogram,
)
from sensorium.encoders.towers import Feed


def tone(hertz: float, samples: int = BLOCK, loudness: float = 20_000) -> Samples:
    return np.rint(loudness * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)).astype(np.int16)


class Means:
    """A session: the mean of all blocks in the first four bands; remembers how many blocks it was fed."""

    def __init__(self) -> None:
        self.blocks: list[int] = []

    def run(self, outputs: list[str], feed: Feed) -> list[Any]:
        blocks = feed["blocks"]
        self.blocks.append(len(blocks))
        return [blocks.mean(axis=(0, 1))[None, :4].astype(np.float32)]


def test_one_frame_is_the_published_formula_term_by_term() -> None:
    """A frame in the middle, with a Fourier sum and triangles in loops in place of the library's."""
    samples = tone(1_000.0, 3 * FRAME) // 2 + tone(5_000.0, 3 * FRAME) // 4
    centre = 3 * HOP
    scaled = samples / np.abs(samples).max()
    cut = [scaled[centre - FRAME // 2 + n] * (0.5 - 0.5 * np.cos(2 * np.pi * n / FRAME)) for n in range(FRAME)]
    n = np.arange(FRAME)
    power = [abs(np.sum(cut * np.exp(-2j * np.pi * k * n / FRAME))) ** 2 for k in range(FRAME // 2 + 1)]
    highest = 2595 * np.log10(1 + 22_050 / 700)
    edges = [700 * (10 ** (highest * step / (BANDS + 1) / 2595) - 1) for step in range(BANDS + 2)]
    expected = []
    for low, peak, high in zip(edges, edges[1:], edges[2:], strict=False):
        hertz = [k * RATE / FRAME for k in range(FRAME // 2 + 1)]
        weights = [max(0.0, min((f - low) / (peak - low), (high - f) / (high - peak))) for f in hertz]
        mean = sum(w * p for w, p in zip(weights, power, strict=True)) / sum(weights)
        expected.append(np.log10(1 + 10_000 * mean) / LARGEST)
    np.testing.assert_allclose(spectrogram(samples)[3], expected, atol=1e-4)


def test_a_higher_tone_fills_a_higher_band() -> None:
    bands = [int(spectrogram(tone(hertz)).mean(axis=0).argmax()) for hertz in (200, 800, 3_000, 12_000)]
    assert bands == sorted(set(bands))


def test_a_quiet_recording_is_the_same_as_a_loud_one() -> None:
    noise = np.random.default_rng(0).standard_normal(BLOCK)
    quiet, loud = (np.rint(noise * loudness).astype(np.int16) for loudness in (200, 6_000))
    np.testing.assert_allclose(blocks_of(quiet), blocks_of(loud), atol=0.01)


def test_a_short_sound_is_repeated_to_a_whole_block() -> None:
    short = tone(441, RATE // 10)
    np.testing.assert_array_equal(blocks_of(short), blocks_of(np.resize(short, BLOCK)))


def test_blocks_overlap_and_the_last_ends_with_the_sound() -> None:
    samples = np.concatenate([tone(500, 2 * BLOCK), tone(6_000, BLOCK)])
    blocks, spectrum = blocks_of(samples), spectrogram(samples)
    np.testing.assert_array_equal(blocks[0], spectrum[:FRAMES])
    np.testing.assert_array_equal(blocks[-1], spectrum[-FRAMES:])
    assert len(blocks) >= 2 * 3 - 1


def test_silent_blocks_beside_loud_ones_are_left_out() -> None:
    padded = np.concatenate([tone(500), np.zeros(3 * BLOCK, np.int16)])
    assert 1 <= len(blocks_of(padded)) < len(blocks_of(tone(500, 4 * BLOCK)))


def test_silence_alone_is_still_a_sound() -> None:
    assert blocks_of(np.zeros(RATE, np.int16)).shape == (1, FRAMES, BANDS)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 4 * BLOCK))
def test_every_length_gives_whole_blocks_of_finite_numbers(length: int) -> None:
    blocks = blocks_of(tone(900, length))
    assert blocks.shape[1:] == (FRAMES, BANDS)
    assert blocks.dtype == np.float32
    assert np.isfinite(blocks).all()


def test_the_loudest_that_a_sample_can_be_does_not_overflow() -> None:
    assert np.isfinite(blocks_of(np.full(BLOCK, -32_768, np.int16))).all()


def test_triangles_meet_at_the_peaks_of_their_neighbours() -> None:
    total = mel_filters(16_000, 512, 8, 125.0, 7_500.0).sum(axis=0)
    inside = (np.arange(257) * 16_000 / 512 > 500) & (np.arange(257) * 16_000 / 512 < 5_000)
    np.testing.assert_allclose(total[inside], 1, atol=1e-5)


def test_a_sound_s_vector_does_not_depend_on_its_neighbours() -> None:
    sounds = [tone(300), tone(2_000, 9_000), tone(90, 3 * BLOCK)]
    together = SoundTower(Means(), 4).encode(sounds)
    alone = np.vstack([SoundTower(Means(), 4).encode([sound]) for sound in sounds])
    np.testing.assert_array_equal(together, alone)


def test_sounds_have_no_details() -> None:
    vectors, details = SoundTower(Means(), 4).encode_detailed([tone(300)])
    assert vectors.shape == (1, 4)
    assert details is None


@pytest.mark.parametrize(
    "content",
    [
        "a bark",
        np.zeros(9, np.float32),
        np.zeros((2, 9), np.int16),
        np.zeros(0, np.int16),
        np.zeros((2, 2, 3), np.uint8),
    ],
)
def test_what_is_no_sound_is_an_error_that_says_so(content: Any) -> None:
    with pytest.raises(BadInput, match="content 1 is"):
        SoundTower(Means(), 4).encode([tone(300), content])


def test_a_model_of_another_width_is_an_error() -> None:
    with pytest.raises(ModelDamaged, match="shape"):
        SoundTower(Means(), 5).encode([tone(300)])
