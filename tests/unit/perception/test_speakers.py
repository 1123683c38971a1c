"""Voices as vectors: the front end against its definition, the shipped encoder, and who is who."""

import numpy as np
import pytest

from sensorium.core.errors import BadInput, GoldenMismatch, ModelDamaged
from sensorium.perception import speakers
from sensorium.perception.speakers import RATE, SpeakerEncoder, as_loud, golden_sound, mel_filters, mel_power, windows


@pytest.fixture(scope="module")
def encoder():
    return SpeakerEncoder.load()


def vowel(pitch, formants, seconds=3.0):
    """A made voice: harmonics of a pitch, strong near its formants. int16."""
    time = np.arange(round(seconds * RATE)) / RATE
    wobble = pitch * (time + 0.01 * np.sin(2 * np.pi * 3 * time))
    strength = [sum(np.exp(-(((n * pitch - f) / 120) ** 2)) for f in formants) / n for n in range(1, 40)]
    tone = sum(s * np.sin(2 * np.pi * n * wobble) for n, s in enumerate(strength, start=1))
    return np.asarray(8_000 * tone / np.abs(tone).max(), np.int16)


LOW, HIGH = vowel(100, (500, 1_500, 2_500)), vowel(260, (800, 1_200, 3_200))


def test_a_tone_has_its_power_in_the_band_around_it():
    tone = np.sin(2 * np.pi * 1_000 * np.arange(RATE) / RATE).astype(np.float32)
    bands = mel_power(tone)[10:-10].mean(axis=0)
    best = int(np.argmax(bands))
    bins = np.arange(201) * RATE / 400
    assert mel_filters()[best][bins == 1_000] > 0
    assert bands[best] > 20 * np.delete(bands, [best - 1, best, best + 1]).max()


def test_each_band_passes_the_same_share_of_flat_noise():
    # A triangle of height 2 / width has area 1: in bins of 40 Hz, its sum is about 1 / 40 where it is wide enough.
    np.testing.assert_allclose(mel_filters()[25:].sum(axis=1), 1 / 40, rtol=0.05)


def test_frames_are_centred_on_every_ten_milliseconds():
    sound = np.zeros(RATE, np.float32)
    sound[8_000] = 1
    assert int(np.argmax(mel_power(sound).sum(axis=1))) == 50


def test_quiet_speech_is_made_louder_and_loud_speech_is_left():
    quiet, loud = np.full(100, 100, np.int16), np.full(100, 20_000, np.int16)
    assert np.sqrt(np.mean(as_loud(quiet) ** 2)) == pytest.approx(10 ** (-30 / 20), rel=1e-4)
    assert as_loud(loud)[0] == pytest.approx(20_000 / 32_768)


@pytest.mark.parametrize(("seconds", "count"), [(0.5, 1), (1.6, 1), (2.2, 2), (5.0, 5)])
def test_windows_cover_speech_of_any_length(seconds, count):
    assert windows(np.ones(round(seconds * RATE), np.float32)).shape == (count, 160, 40)


def test_a_voice_is_a_unit_vector(encoder):
    voice = encoder.voice(LOW)
    assert voice.dtype == np.float32
    assert voice.shape == (256,)
    assert np.linalg.norm(voice) == pytest.approx(1, abs=1e-5)


def test_two_stretches_of_one_voice_are_nearer_than_two_voices(encoder):
    first, second = encoder.voice(LOW, [(0.0, 1.5)]), encoder.voice(LOW, [(1.5, 3.0)])
    other = encoder.voice(HIGH)
    assert first @ second > max(first @ other, second @ other) + 0.1


def test_only_the_intervals_are_heard(encoder):
    both = np.concatenate([LOW, HIGH])
    np.testing.assert_allclose(encoder.voice(both, [(3.0, 6.0)]), encoder.voice(HIGH), atol=1e-5)


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.int16), LOW[: RATE // 4], np.zeros(0, np.int16)])
def test_silence_and_snippets_have_no_voice(encoder, samples):
    assert encoder.voice(samples) is None


def test_intervals_beyond_the_sound_do_no_harm(encoder):
    assert encoder.voice(LOW, [(-1.0, 2.0), (2.0, 99.0), (50.0, 60.0)]) is not None


def test_other_than_samples_are_refused(encoder):
    with pytest.raises(BadInput):
        encoder.voice(np.zeros(RATE, np.float32))


def test_another_encoder_than_the_reference_is_told(encoder):
    with pytest.raises(GoldenMismatch):
        encoder.verify(np.roll(encoder.voice(golden_sound()), 1))


def test_a_model_that_was_changed_is_refused(monkeypatch):
    read = speakers._read
    monkeypatch.setattr(speakers, "_read", lambda name: read(name) + b" " * name.endswith(".onnx"))
    with pytest.raises(ModelDamaged, match=r"speaker\.onnx"):
        SpeakerEncoder.load()
