"""What every encoder promises, as a suite: subclass it and give the fixture `encoder`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, Content, ImageInput, Samples
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, SoundEncoder
from sensorium.core.spaces import Vectors, check_vectors

BATCH_TOLERANCE = 1e-4
"""How far a component may move when a content is encoded among others: the port's own promise."""

TEXTS = (
    "two dogs run through deep snow",
    "A red bus waits in front of the old theatre while people with umbrellas cross the wet street",
    "Ein Mädchen klettert; 木の上の猫 ☕",
    "a",
    " ".join(["every word of a long text counts"] * 80),
)


SENSES = (Modality.TEXT, Modality.IMAGE, Modality.AUDIO)


class EncoderContract:
    """Run over an encoder by a subclass with a fixture `encoder`; modalities it does not have are skipped.

    >>> from sensorium.testing.encoders import HashEncoder
    >>> class TestMine(EncoderContract):
    ...     @pytest.fixture
    ...     def encoder(self): return HashEncoder()
    """

    def test_fits_the_port(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)
        assert encoder.modalities

    def test_names_the_pixels_it_wants_exactly_when_it_takes_pictures(self, encoder: Encoder) -> None:
        assert isinstance(encoder.image_input, ImageInput) == (Modality.IMAGE in encoder.modalities)

    @pytest.mark.parametrize("modality", SENSES)
    def test_gives_one_unit_row_of_the_space_for_each_content(self, encoder: Encoder, modality: Modality) -> None:
        contents = contents_for(encoder, modality)
        vectors = encoder.encode(modality, contents, "piece")
        assert vectors.dtype == np.float32
        assert len(check_vectors(vectors, encoder.space.width)) == len(contents)

    @pytest.mark.parametrize("modality", SENSES)
    def test_gives_the_same_vectors_again(self, encoder: Encoder, modality: Modality) -> None:
        contents = contents_for(encoder, modality)
        first, second = (encoder.encode(modality, contents, "piece") for _ in range(2))
        np.testing.assert_array_equal(first, second)

    @pytest.mark.parametrize("modality", SENSES)
    def test_a_vector_does_not_depend_on_its_batch(self, encoder: Encoder, modality: Modality) -> None:
        contents = contents_for(encoder, modality)
        alone = np.vstack([encoder.encode(modality, [content], "piece") for content in contents])
        assert _largest_gap(encoder.encode(modality, contents, "piece"), alone) <= BATCH_TOLERANCE

    @pytest.mark.parametrize("modality", SENSES)
    def test_vectors_stand_in_the_order_of_the_contents(self, encoder: Encoder, modality: Modality) -> None:
        contents = contents_for(encoder, modality)
        forwards = encoder.encode(modality, contents, "piece")
        backwards = encoder.encode(modality, contents[::-1], "piece")
        assert _largest_gap(forwards[::-1], backwards) <= BATCH_TOLERANCE

    @pytest.mark.parametrize("modality", SENSES)
    def test_different_contents_have_different_vectors(self, encoder: Encoder, modality: Modality) -> None:
        vectors = encoder.encode(modality, contents_for(encoder, modality), "piece")
        similarities = vectors @ vectors.T - np.eye(len(vectors), dtype=np.float32)
        assert similarities.max() < 0.9999

    @pytest.mark.parametrize("modality", SENSES)
    def test_nothing_in_gives_no_rows_of_full_width(self, encoder: Encoder, modality: Modality) -> None:
        contents_for(encoder, modality)
        assert encoder.encode(modality, [], "piece").shape == (0, encoder.space.width)

    @pytest.mark.parametrize("modality", SENSES)
    def test_a_content_of_the_wrong_kind_is_an_error(self, encoder: Encoder, modality: Modality) -> None:
        contents_for(encoder, modality)
        wrong: Content = np.zeros((4, 4, 3), np.uint8) if modality is Modality.TEXT else "a text"
        with pytest.raises(BadInput):
            encoder.encode(modality, [wrong], "piece")

    def test_a_modality_it_does_not_declare_is_an_error(self, encoder: Encoder) -> None:
        for modality in set(Modality) - encoder.modalities:
            with pytest.raises(BadInput):
                encoder.encode(modality, ["content"], "piece")

    def test_a_text_s_end_counts_however_long_it_is(self, encoder: Encoder) -> None:
        contents_for(encoder, Modality.TEXT)
        start = " ".join([TEXTS[1]] * 200)
        vectors = encoder.encode(Modality.TEXT, [f"{start} {end}" for end in ("a red fox", "an oil tanker")], "piece")
        assert _largest_gap(vectors[:1], vectors[1:]) > 1e-6

    def test_verifies_itself(self, encoder: Encoder) -> None:
        encoder.verify()

    def test_likelier_pairs_score_higher_and_every_score_is_a_share(self, encoder: Encoder) -> None:
        for asked in encoder.modalities:
            for found in encoder.modalities:
                curve = encoder.calibration(asked, found)
                low, high = curve.score(-1.0), curve.score(1.0)
                assert 0 <= low < high <= 1


def contents_for(encoder: Encoder, modality: Modality) -> Sequence[Content]:
    """Unlike contents of one modality; skips the test where the encoder does not take it."""
    if modality not in encoder.modalities:
        pytest.skip(f"{encoder.space.name} does not take {modality}")
    if modality is Modality.TEXT:
        return TEXTS
    if modality is Modality.AUDIO:
        assert isinstance(encoder, SoundEncoder)
        assert encoder.audio_input is not None
        return _sounds(encoder.audio_input)
    wanted = encoder.image_input
    assert wanted is not None
    noise = np.random.default_rng(7).integers(0, 256, (3, wanted.height, wanted.width, 3), dtype=np.uint8)
    ramp = np.linspace(0, 255, wanted.width, dtype=np.uint8)[None, :, None]
    ramps = np.broadcast_to(ramp, (wanted.height, wanted.width, 3))
    return [*noise, np.ascontiguousarray(ramps), np.zeros_like(noise[0])]


def _sounds(wanted: AudioInput) -> list[Samples]:
    """Noise, two tones, clicks and the start of a sound, none longer than a window."""
    time = np.arange(wanted.most_samples) / wanted.rate
    noise = np.random.default_rng(7).normal(0, 5_000, len(time))
    tones = [8_000 * np.sin(2 * np.pi * pitch * time) for pitch in (220, 3_000)]
    clicks = np.where(np.arange(len(time)) % (wanted.rate // 4) < 50, 20_000, 0)
    return [sound.astype(np.int16) for sound in (noise, *tones, clicks, noise[: len(time) // 3])]


def _largest_gap(one: Vectors, other: Vectors) -> float:
    return float(np.abs(one - other).max())
