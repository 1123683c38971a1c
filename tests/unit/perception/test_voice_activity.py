"""Intervals of speech out of probabilities, and the model's door. The model itself is in test_speech_model.py."""

import numpy as np
import pytest

from sensorium.core.errors import BadInput, ExtraMissing, ModelDamaged
from sensorium.perception import voice_activity
from sensorium.perception.voice_activity import STEP, Hysteresis, VoiceActivity, intervals, padded

SECOND = 16_000 / STEP


class Echo:
    """A model that takes the loudness of a step for the probability of speech, and remembers what it was given."""

    def __init__(self):
        self.given = []

    def run(self, outputs, feed):
        self.given.append(feed["input"])
        return [np.abs(feed["input"][:, 64:]).max(axis=1), feed["h"] + 1, feed["c"]]


def probabilities(*parts):
    """(seconds, probability) after each other."""
    return [probability for seconds, probability in parts for _ in range(round(seconds * SECOND))]


def test_speech_begins_at_the_upper_threshold_and_ends_at_the_lower_one():
    given = probabilities((1, 0.45), (1, 0.9), (1, 0.45), (1, 0.1))
    assert intervals(given, 4.0, Hysteresis(pad=0.0)) == ((0.992, 2.976),)


def test_a_pause_shorter_than_allowed_does_not_part_speech():
    given = probabilities((1, 0.9), (0.4, 0.0), (1, 0.9))
    assert len(intervals(given, 2.4, Hysteresis(pad=0.0, pause=0.5))) == 1


def test_a_longer_pause_does():
    given = probabilities((1, 0.9), (0.8, 0.0), (1, 0.9))
    assert len(intervals(given, 2.8, Hysteresis(pad=0.0, pause=0.5))) == 2


def test_a_click_is_no_speech():
    assert intervals(probabilities((1, 0.0), (0.1, 0.9), (1, 0.0)), 2.1, Hysteresis()) == ()


def test_speech_at_the_end_ends_with_the_sound():
    assert intervals(probabilities((1, 0.0), (1, 0.9)), 1.97, Hysteresis(pad=0.0)) == ((0.992, 1.97),)


def test_padding_stays_within_the_sound_and_joins_what_touches():
    assert padded([(0.1, 1.0), (1.3, 2.0)], 0.2, 2.1) == ((0.0, 2.1),)


def test_each_step_sees_the_end_of_the_one_before():
    model = Echo()
    samples = np.arange(2 * STEP, dtype=np.int16)
    VoiceActivity(model).probabilities(samples)
    first, second = model.given[0] * 32_768
    assert not first[:64].any()
    assert second[:64].tolist() == samples[STEP - 64 : STEP].tolist()


def test_a_last_step_that_is_not_full_is_judged_too():
    assert len(VoiceActivity(Echo()).probabilities(np.zeros(STEP + 1, np.int16))) == 2


def test_long_sounds_are_judged_in_batches_with_the_state_carried_over(monkeypatch):
    monkeypatch.setattr(voice_activity, "BATCH_STEPS", 3)
    model = Echo()
    samples = np.random.default_rng(0).integers(-30_000, 30_000, 10 * STEP).astype(np.int16)
    found = VoiceActivity(model).probabilities(samples)
    assert [len(given) for given in model.given] == [3, 3, 3, 1]
    np.testing.assert_allclose(found, np.abs(samples.reshape(10, STEP).astype(np.float32)).max(axis=1) / 32_768)


def test_no_samples_hold_no_speech():
    assert VoiceActivity(Echo()).speech(np.zeros(0, np.int16)) == ()


@pytest.mark.parametrize("samples", [np.zeros(9, np.float32), np.zeros((2, 9), np.int16)])
def test_other_than_one_channel_of_int16_is_refused(samples):
    with pytest.raises(BadInput, match="not int16"):
        VoiceActivity(Echo()).speech(samples)


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(voice_activity, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match="pip install"):
        VoiceActivity.load()


def test_another_model_than_the_pinned_one_is_refused(monkeypatch, tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not it")
    monkeypatch.setattr(voice_activity, "find_model", lambda: tmp_path / "model.onnx")
    with pytest.raises(ModelDamaged):
        VoiceActivity.load()
